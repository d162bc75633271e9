import type { ServerConfiguration, TelemetryConfiguration } from '@portcullis/contracts-configuration';
import { portHolder } from '@portcullis/platform-telemetry';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { text } from 'node:stream/consumers';
import { about, type Finding } from './doctor-finding.js';

const ANSWER_MS = 2000;
const EVERYWHERE = new Set(['', '0.0.0.0', '::']);
const READY = '/health/ready';
const INSTANCE = '/health/instance';
/** What the process that is all of them calls itself. */
export const ALL_IN_ONE = 'all-in-one';
/** How a handshake without the certificate that is asked for ends. */
const REFUSED = /^(?:ERR_SSL_.*CERTIFICATE.*|ERR_SSL_.*HANDSHAKE_FAILURE|ECONNRESET|EPROTO)$/;

/** How a listener is spoken to; `mutual`: it answers nobody without a certificate, and we have none. */
type Speech = 'plain' | 'tls' | 'mutual';
type Place = { readonly host: string; readonly port: number } | { readonly path: string };
type Answer = { readonly status: number; readonly body: string } | 'nobody' | 'silence' | 'certificate';

/** What listens where the gate and the health of each service should be. */
export async function checkServices(
  { listen, tls }: Pick<ServerConfiguration, 'listen' | 'tls'>,
  { addresses }: TelemetryConfiguration,
): Promise<readonly Finding[]> {
  const speech = tls === null ? 'plain' : tls.clientCertificates.length > 0 ? 'mutual' : 'tls';
  const gate = checkOne('gate', listen.kind === 'unix' ? { path: listen.path } : listen, 'server.address', speech);
  const alone = (await isAllInOne(addresses.gateway)) ? { [ALL_IN_ONE]: addresses.gateway } : addresses;
  return Promise.all([gate, ...Object.entries(alone).map(([name, place]) => checkOne(name, place, settingOf(name)))]);
}

/** Then one port tells of all four, and nobody listens on the others. */
async function isAllInOne(place: Place | undefined): Promise<boolean> {
  const answer = place === undefined ? 'nobody' : await ask(place, 'plain', INSTANCE);
  return typeof answer === 'object' && answer.body === JSON.stringify({ service: ALL_IN_ONE });
}

const settingOf = (name: string): string => `telemetry.metrics.${name === 'gateway' || name === ALL_IN_ONE ? '' : `${name}_`}address`;

async function checkOne(name: string, place: Place, setting: string, speech: Speech = 'plain'): Promise<Finding> {
  const service = about(name);
  const where = 'path' in place ? place.path : place.host === '' ? `port ${place.port}` : `${place.host}:${place.port}`;
  const answer = await ask(place, speech);
  if (answer === 'certificate') return service.ok(`listens on ${where}, and answers only who shows a certificate`);
  if (answer === 'nobody') return service.problem(`nobody listens on ${where}: it does not run`, 'start it: npm start -- --config FILE');
  if (answer === 'silence') return service.problem(`what listens on ${where}${holder(place)} does not answer`, `end it, or write another ${setting}`);
  const { status, reasons } = readiness(answer);
  if (status === 'ready' || status === 'OK') return service.ok(`ready on ${where}`);
  if (reasons !== null)
    return service.problem(`not ready on ${where}: ${reasons}`, 'look at its log; what it waits for is mostly in the lines above');
  return service.problem(`${where} is held by something else${holder(place)}`, `end that, or write another ${setting}`);
}

const holder = (place: Place): string => {
  const found = 'path' in place ? undefined : portHolder(place.port);
  return found === undefined ? '' : `, ${found},`;
};

function ask(place: Place, speech: Speech, path = READY): Promise<Answer> {
  const target = 'path' in place ? { socketPath: place.path } : { host: EVERYWHERE.has(place.host) ? '127.0.0.1' : place.host, port: place.port };
  return new Promise((resolve) => {
    const asked = { ...target, path, agent: false, timeout: ANSWER_MS };
    // Who it is, is what it answers; its certificate is looked at where people meet it.
    const outgoing = speech === 'plain' ? httpRequest(asked) : httpsRequest({ ...asked, rejectUnauthorized: false });
    outgoing.once('timeout', () => {
      resolve('silence');
      outgoing.destroy();
    });
    outgoing.once('error', ({ code }: NodeJS.ErrnoException) => {
      const isNobody = code === 'ECONNREFUSED' || code === 'ENOENT';
      resolve(isNobody ? 'nobody' : speech === 'mutual' && REFUSED.test(code ?? '') ? 'certificate' : 'silence');
    });
    outgoing.once('response', (incoming) => {
      text(incoming).then(
        (body) => {
          resolve({ status: incoming.statusCode ?? 0, body });
        },
        () => {
          resolve('silence');
        },
      );
    });
    outgoing.end();
  });
}

/** Ours says what it is; anything else that listens there says something else. */
function readiness({ body }: { readonly body: string }): { readonly status: unknown; readonly reasons: string | null } {
  try {
    const { status, reasons } = JSON.parse(body) as { readonly status?: unknown; readonly reasons?: unknown };
    return { status, reasons: Array.isArray(reasons) ? reasons.join(', ') : null };
  } catch {
    return { status: undefined, reasons: null };
  }
}
