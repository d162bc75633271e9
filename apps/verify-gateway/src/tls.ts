import type { ServerTlsConfiguration } from '@portcullis/contracts-configuration';
import { formatProblems, type Problem, watchFiles } from '@portcullis/platform-config';
import type { Logger } from '@portcullis/platform-telemetry';
import { readServerTls, type ServerTls, type TlsProblem } from '@portcullis/platform-tls';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { TLSSocket } from 'node:tls';
import { Counter, Gauge, type Registry } from 'prom-client';

/** What the listener is opened with; null where the files cannot be used, which is said. */
export function openTls(settings: ServerTlsConfiguration, logger: Logger): ServerTls | null {
  const { value, problems } = readServerTls(settings, Date.now());
  const report = formatProblems(asProblems(problems));
  if (value === null) logger.error('The files of server.tls cannot be used', { report });
  else if (problems.length > 0) logger.warn('Something is to be said of server.tls', { report });
  return value;
}

export interface FollowTlsOptions {
  readonly settings: ServerTlsConfiguration;
  readonly first: ServerTls;
  readonly listener: Server | TlsServer;
  readonly logger: Logger;
  readonly registry: Registry;
  readonly signal: AbortSignal;
}

/**
 * Follows the files of `server.tls`: what is whole is given to connections from then on, those that are open go on; a pair that does not
 * belong together changes nothing and says so.
 */
export async function followTls({ settings, first, listener, logger, registry, signal }: FollowTlsOptions): Promise<void> {
  if (!('setSecureContext' in listener)) return;
  const notAfter = new Gauge({
    name: 'portcullis_tls_certificate_not_after_seconds',
    help: 'When the certificate of the listener ends, in seconds since 1970.',
    registers: [registry],
  });
  notAfter.set(first.notAfterMs / 1000);
  tellFailedHandshakes(listener, logger, registry);
  let clientsOf = String(first.options.ca);
  const reload = (): void => {
    const { value, problems } = readServerTls(settings, Date.now());
    const report = formatProblems(asProblems(problems));
    if (value === null) {
      logger.error('The files of server.tls were changed and cannot be used: those before stay in force', { report });
      return;
    }
    // With it go the keys of session tickets: a client of an authority that is trusted no more does not come back by one.
    listener.setSecureContext(value.options);
    notAfter.set(value.notAfterMs / 1000);
    const clients = String(value.options.ca);
    if (clients !== clientsOf) listener.closeIdleConnections();
    clientsOf = clients;
    logger.info('The files of server.tls were read again', { ends: new Date(value.notAfterMs).toISOString() });
    if (problems.length > 0) logger.warn('Something is to be said of server.tls', { report });
  };
  const { certificate, key, clientCertificates } = settings;
  await watchFiles([certificate, key, ...clientCertificates], reload, { signal });
}

const QUIET_MS = 10_000;

/** Counts them all, and tells the first of every ten seconds: anybody can make as many as they like. */
function tellFailedHandshakes(listener: TlsServer, logger: Logger, registry: Registry): void {
  const failures = new Counter({
    name: 'portcullis_tls_handshake_failures_total',
    help: 'Connections to the listener that ended before a request, as without the certificate that is asked for.',
    registers: [registry],
  });
  let quietUntilMs = 0;
  listener.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    failures.inc();
    const nowMs = performance.now();
    if (nowMs < quietUntilMs) return;
    quietUntilMs = nowMs + QUIET_MS;
    // What the certificate lacked is said by the socket; the error is then that it was hung up on.
    const reason: unknown = socket.authorizationError;
    const authorization = reason instanceof Error ? reason.message : (reason as string | null | undefined);
    logger.warn('A TLS handshake failed', { error: authorization ?? error.code ?? error.message, remote_ip: socket.remoteAddress });
  });
}

const asProblems = (problems: readonly TlsProblem[]): readonly Problem[] =>
  problems.map(({ key, ...problem }) => ({ ...problem, path: `server.tls.${key}` }));
