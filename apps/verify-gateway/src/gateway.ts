import { identityContract } from '@portcullis/contracts-identity';
import { gatewayContract, type ProbeSeen } from '@portcullis/contracts-portal-api';
import { sessionContract } from '@portcullis/contracts-session';
import { type Client, answerCensus, createRpcClient, createRpcEvents, type RpcConnection } from '@portcullis/platform-rpc';
import {
  countLogDrops,
  createLogger,
  createRegistry,
  listen,
  type Logger,
  measureCalls,
  openTracing,
  startManagement,
  stopOnSignals,
  describeInstance,
  tellConfiguration,
} from '@portcullis/platform-telemetry';
import type { FastifyInstance } from 'fastify';
import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import type { Server as NetServer } from 'node:net';
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Gauge } from 'prom-client';
import { countAsAuthelia } from './authelia-metrics.js';
import { createAuditTeller } from './audit-teller.js';
import { type GatewayValues, instanceName, isSupervised, type Reading, tracesOf } from './config.js';
import { configurationKeeper } from './keep-configuration.js';
import { createListener } from './listener.js';
import { measureReloads, measureSessions } from './metrics.js';
import { takingTurns } from './password-turns.js';
import { followPasswordWrites, offeringWrites, type PasswordWrites } from './password-writes.js';
import { PortalModule } from './portal/portal.module.js';
import { PortalParts } from './portal/portal-parts.js';
import { findPortalFiles } from './portal/portal-files.js';
import { createPortalServer, type PortalServer } from './portal/portal-server.js';
import { traceRequests } from './portal/trace-requests.js';
import { RateLimits } from './portal/rate-limit.js';
import { Visits } from './portal/visit.js';
import { Readiness } from './readiness.js';
import { followConfiguration, livePolicy } from './reload.js';
import type { Sessions } from './sessions/sessions.js';
import { domainFinder, domainsOf, endpointsOf, portalSettings } from './settings.js';
import { followTls, openTls } from './tls.js';
import { passwordChecker } from './verify/check-password.js';
import { logDecision } from './verify/decision-log.js';
import { DecisionMeter } from './verify/decision-meter.js';
import { Meter } from './verify/meter.js';
import { probeLook } from './verify/probe.js';
import { Routes } from './verify/routes.js';
import { TrustedProxies } from './verify/trusted-proxies.js';
import { Verify } from './verify/verify.js';
import { openWire, settled, type Wire } from './wire.js';

const SERVICE = 'verify-gateway';
const VERSION = '0.1.0';
const DRAIN_MS = 10_000;

/** Puts the gateway together and opens its listeners. Resolves when it listens; it is ready when `/health/ready` says so. */
export async function startGateway(value: GatewayValues, reading: Reading, files: readonly string[]): Promise<void> {
  const { log, server, telemetry } = value;
  const logger = createLogger({
    level: log.level,
    format: log.format,
    filePath: log.filePath ?? undefined,
    keepStdout: log.keepStdout,
    service: SERVICE,
    instance: instanceName(),
  });
  if (value.redis === null) {
    logger.error('session.redis is not configured: a service started alone needs it; `npm start -- --config FILE` brings a private one');
    process.exitCode = 1;
    return;
  }
  const tls = server.tls === null ? undefined : openTls(server.tls, logger);
  if (tls === null) {
    process.exitCode = 1;
    return;
  }
  const registry = createRegistry({ service: SERVICE, version: VERSION });
  countLogDrops(registry, logger);
  const tracing = await openTracing(tracesOf(value), SERVICE, VERSION);
  const ownScheme = tls === undefined ? 'http' : 'https';
  const live = livePolicy(value, reading.rulesHash);
  const onLag = measureSessions(registry, () => wire.sessions.look());
  const wire = openWire(value, value.redis, reading.directory, logger, { onLag, observe: measureCalls(registry), tracing });
  const domains = domainsOf(value);
  const domainOf = domainFinder(domains);
  const proxies = new TrustedProxies(server.trustedProxies.length > 0 ? server.trustedProxies : null);
  const { sessions } = wire;
  const endpoints = endpointsOf(value);
  const meter = new Meter(registry, endpoints);
  const decisions = new DecisionMeter(registry, live.policy);
  const now = Date.now;
  const identity = takingTurns(createRpcClient(identityContract, wire.rpc));
  const writes: PasswordWrites = { writable: true };
  const tellAudit = createAuditTeller(identity, registry, logger);
  const verify = new Verify({
    live,
    domainOf,
    proxies,
    ownScheme,
    sessions: sessions.gate,
    checkPassword: passwordChecker(identity),
    now,
    count: meter.count,
    countRefusal: meter.countRefusal,
    countDecision: (decision, host, outcome) => {
      decisions.count(decision, host, outcome);
    },
    tell: (told) => {
      logDecision(logger, told, live.rulesHash);
    },
    tellAllowed: log.decisions === 'all',
    isProbe: probeLook(wire.secrets, tellProbe(wire.rpc, logger), now),
  });
  const readiness = new Readiness(sessions.problems);
  const session = createRpcClient(sessionContract, wire.rpc);
  const visits = new Visits({
    proxies,
    ownScheme,
    sessions: sessions.gate,
    domains,
    domainOf,
    elevation: value.identityValidation.elevatedSession,
    now,
    lower: lowering(session),
  });
  const limits = new RateLimits(wire.commands, value.redis.keyPrefix, bucketsOf(value));
  const pages = findPortalFiles();
  if (pages === null) logger.error('The pages of the portal are not built: people get plain ones. Build them: nx build @portcullis/portal');
  const parts = new PortalParts(
    offeringWrites(portalSettings(value, domains), writes),
    live,
    visits,
    sessions.gate,
    identity,
    session,
    limits,
    now,
    logger,
    pages,
    tellAudit,
  );
  for (const problem of await parts.assets.problems()) logger.warn(problem);
  const trace =
    tracing &&
    ((fastify: FastifyInstance): void => {
      traceRequests(fastify, tracing, proxies);
    });
  const assets = pages?.assets ?? null;
  const portal = await createPortalServer(PortalModule.with(parts, readiness, logger), server.pathPrefix, logger, assets, trace);
  const routes = new Routes(endpoints, server.pathPrefix);
  const listener = createListener({
    routes,
    verify,
    portal: portal.handle,
    readTimeoutMs: server.readTimeoutMs,
    idleTimeoutMs: server.idleTimeoutMs,
    maxHeaderBytes: server.headLimitBytes,
    tls,
    onFault: (error) => {
      logger.error('A request failed by a fault of ours', { error: String(error) });
    },
  });
  if (telemetry.autheliaNames) countAsAuthelia(registry, listener, routes);
  const stop = new AbortController();
  await settled(wire);
  await open(value, listener, logger);
  if (tls !== undefined && server.tls !== null) {
    await followTls({ settings: server.tls, first: tls, listener, logger, registry, signal: stop.signal });
  }
  let inForce = reading.hash;
  const instance = describeInstance({
    service: SERVICE,
    name: instanceName(),
    version: VERSION,
    hash: () => inForce,
    ready: readiness.state,
  });
  const management = await startManagement({
    ...telemetry.addresses.gateway,
    registry,
    ready: readiness.state,
    instance,
    metricsPath: telemetry.metricsPath,
    setting: 'telemetry.metrics.address',
  });
  await answerCensus(wire.rpc, instance);
  const reloads = reloadGauge(registry, reading.hash);
  const countReload = measureReloads(registry);
  const onReload = (result: 'taken' | 'refused', hash: string): void => {
    const { instance: name, host } = instance();
    const kind = result === 'taken' ? 'rules_changed' : 'rules_refused';
    tellAudit({ kind, username: null, actor: 'system', ip: null, detail: { hash, instance: name, host } });
    reloads(result, hash);
    if (result === 'taken') inForce = hash;
    countReload(result);
    decisions.follow(live.policy);
  };
  const keep = configurationKeeper({ ...value.configurationHistory, instance: instanceName() ?? SERVICE, logger, now });
  keep(reading);
  void followPasswordWrites(writes, identity, stop.signal);
  if (value.accessControl.watch) {
    await followConfiguration({ files, first: reading, live, logger, onReload, keep, signal: stop.signal });
  }
  const opened = { listener, drainDelayMs: server.drainDelayMs, portal, wire, readiness, stop, management, sessions };
  stopOnSignals({
    supervised: isSupervised(),
    logger,
    close: () => close(opened).finally(() => tracing?.close()),
    deadlineMs: server.drainDelayMs + DRAIN_MS,
  });
  logger.info('Startup complete');
}

const lowering = (session: Client<typeof sessionContract>) => async (id: string) => {
  const lowered = await session.lower({ id });
  return lowered.outcome === 'rotated' ? lowered : null;
};

/** To the operator's `portcullis doctor`, which listens. */
function tellProbe(rpc: RpcConnection, logger: Logger) {
  const events = createRpcEvents(gatewayContract, rpc);
  return (seen: ProbeSeen): void => {
    logger.info('A probe of portcullis doctor was answered', { endpoint: seen.endpoint, reason: seen.reason });
    events.emit('probeSeen', seen).catch((error: unknown) => {
      logger.warn('What was seen of a probe could not be told', { error: String(error) });
    });
  };
}

const bucketsOf = ({ endpoints }: GatewayValues) =>
  Object.fromEntries(Object.entries(endpoints.rateLimits).map(([name, limit]) => [name, limit.enabled ? limit.buckets : []]));

async function open({ server, log }: GatewayValues, listener: NetServer, logger: Logger): Promise<void> {
  const path = server.pathPrefix === '' ? "path '/'" : `path '/' and '${server.pathPrefix}'`;
  logger.info(`Log severity set to ${log.level}`);
  if (server.listen.kind === 'unix') {
    const { path: socket } = server.listen;
    await new Promise<void>((resolve, reject) => listener.once('error', reject).listen(socket, resolve));
    logger.info(`Listening for non-TLS connections on '${socket}' ${path}`);
    return;
  }
  const { host, port } = server.listen;
  const bound = await listen(listener, { host, port, setting: 'server.address', reusePort: server.sharePort });
  logger.info(`Listening for ${server.tls === null ? 'non-TLS' : 'TLS'} connections on '${host}:${bound}' ${path}`);
}

/** The generation of the rules in force, and how the last reload went. */
function reloadGauge(registry: ReturnType<typeof createRegistry>, first: string) {
  const inForce = tellConfiguration(registry, SERVICE, first);
  const ok = new Gauge({
    name: 'portcullis_configuration_last_reload_successful',
    help: 'Whether the last change was taken.',
    registers: [registry],
  });
  ok.set(1);
  return (result: 'taken' | 'refused', hash: string): void => {
    ok.set(result === 'taken' ? 1 : 0);
    if (result !== 'taken') return;
    inForce(hash);
  };
}

/** From now on each answer is the last of its connection, so that none is cut off between two requests. */
function lastAnswers(listener: Server | TlsServer): void {
  listener.prependListener('request', (_, response) => {
    response.shouldKeepAlive = false;
  });
}

interface Open {
  readonly listener: Server | TlsServer;
  readonly drainDelayMs: number;
  readonly portal: PortalServer;
  readonly wire: Wire;
  readonly readiness: Readiness;
  readonly stop: AbortController;
  readonly management: { close(): Promise<void> };
  readonly sessions: Sessions;
}

/** Readiness turns first, while new connections are still taken; then requests in flight are answered; then the connections go. */
async function close({ listener, drainDelayMs, portal, wire, readiness, stop, management, sessions }: Open): Promise<void> {
  readiness.drain();
  lastAnswers(listener);
  await setTimeout(drainDelayMs);
  // What waits to be accepted is lost with the listener, where others share its port: directly behind a look at it nothing waits.
  await setImmediate();
  stop.abort();
  await new Promise<void>((resolve) => {
    listener.close(() => {
      resolve();
    });
    listener.closeIdleConnections();
  });
  await sessions.stop();
  await portal.application.close();
  await management.close();
  wire.rpc.close();
  wire.channel.disconnect();
  wire.commands.disconnect();
}
