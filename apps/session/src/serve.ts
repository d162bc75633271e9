import type { INestMicroservice } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { sessionContract, sessionKeysUnder, type SessionKeys } from '@portcullis/contracts-session';
import { placeOf } from '@portcullis/platform-redis';
import { answerCensus, openRpcConnection, RpcServer, type RpcConnection } from '@portcullis/platform-rpc';
import { describeLocation } from '@portcullis/platform-sql';
import {
  countLogDrops,
  createLogger,
  createRegistry,
  measureCalls,
  nestLogger,
  openTracing,
  startManagement,
  stopOnSignals,
  type Logger,
  type Management,
  type Readiness,
  describeInstance,
  tellConfiguration,
} from '@portcullis/platform-telemetry';
import { instanceName, isSupervised, rpcSecrets, sessionSecrets, type SessionValues, tracesOf } from './config.js';
import { EndingsJournal } from './endings-journal.js';
import { EpochKeeper, type EpochEvent } from './epoch-keeper.js';
import { keepHouse } from './housekeeping.js';
import { countLive } from './count-live.js';
import { createMetrics } from './metrics.js';
import { RedisEpoch } from './redis-epoch.js';
import { openRedisLink, type RedisLink } from './redis-link.js';
import { RedisSessionStore } from './redis-session-store.js';
import { replayEndings } from './replay-endings.js';
import { SealedRecords } from './sealed-records.js';
import type { SessionParts } from './session-parts.js';
import { SessionModule } from './session.module.js';

const VERSION = '0.1.0';
const SERVICE = 'session';
/** Redis and a row: short work, of which much may be under way. */
const AT_ONCE = 64;
const MAX_WAITING = 512;
const DRAIN_MS = 4000;
/** All sessions are gone through to count them: not for every scrape, and no scrape waits long. */
const COUNT_EVERY_MS = 15_000;
const COUNT_WAIT_MS = 1000;
/** Longer than the wire gives running requests to end. */
const STOP_MS = 8000;

/** The configuration is right, and this process cannot start with it alone. */
class StartError extends Error {
  readonly code = 'START';
}

/**
 * Puts the service together and takes requests. Rejects with what a person must change (no Redis, journal, port). A Redis that is away may come
 * later: until then it is not ready.
 */
export async function serve(value: SessionValues, directory: string, hash: string): Promise<void> {
  const log = createLogger({ ...value.log, filePath: value.log.filePath ?? undefined, service: SERVICE, instance: instanceName() });
  if (value.redis === null) {
    throw new StartError('session.redis is not configured: a service started alone needs it; `npm start -- --config FILE` brings a private one');
  }
  const keys = sessionKeysUnder(value.redis.keyPrefix);
  const secrets = sessionSecrets(value, directory);
  const journal = await EndingsJournal.open(value.journal, Date.now, tellStore(log));
  log.info(`Endings of sessions are kept in ${describeLocation(value.journal)}`);

  const registry = createRegistry({ service: SERVICE, version: VERSION });
  countLogDrops(registry, log);
  const tracing = await openTracing(tracesOf(value), SERVICE, VERSION);
  const metrics = createMetrics(registry, { isCurrent: () => keeper.current, endingsKept: () => journal.size(), sessionsLive: () => liveCount() });
  const link = openRedisLink({
    settings: value.redis,
    log,
    onReady: () => void keeper.check(),
    onLost: () => {
      keeper.lost();
    },
    onUnfit: (message) => {
      log.error(`Sessions cannot be kept here: ${message}`);
      void log.flush().then(() => process.exit(1));
    },
  });
  const store = new RedisSessionStore(link.redis, keys, recordsOf(keys, secrets, log));
  const liveCount = countLive(store, { everyMs: COUNT_EVERY_MS, waitMs: COUNT_WAIT_MS, now: Date.now });
  const keeper = new EpochKeeper({
    epoch: new RedisEpoch(link.redis, keys),
    replay: () => replayEndings(store, journal),
    isConnected: link.isConnected,
    onEvent: (event) => {
      if (event.kind === 'replayed') metrics.replayed(event.ended);
      tellEpoch(log, event);
    },
  });
  const parts: SessionParts = { store, journal, keeper, counts: metrics, log, now: Date.now, ...lifetimesOf(value) };
  const connection = openRpcConnection({
    redis: value.redis,
    secrets: rpcSecrets(value, secrets),
    prefix: value.redis.keyPrefix,
    service: SERVICE,
    observe: measureCalls(registry),
    tracing,
  });
  const strategy = new RpcServer({
    connection,
    contracts: [sessionContract],
    lanes: { rest: { concurrency: AT_ONCE, maxWaiting: MAX_WAITING } },
    drainMs: DRAIN_MS,
  });
  const module = SessionModule.with(parts, metrics);
  const service = await NestFactory.createMicroservice(module, { strategy, logger: nestLogger(log), abortOnError: false });
  const place = placeOf(value.redis);
  const ready = (): Readiness => readiness(keeper, link, place, strategy);
  const instance = describeInstance({ service: SERVICE, name: instanceName(), version: VERSION, hash: () => hash, ready });
  tellConfiguration(registry, SERVICE, hash);
  const management = await startManagement({
    ...value.telemetry.addresses.session,
    metricsPath: value.telemetry.metricsPath,
    registry,
    ready,
    instance,
    setting: 'telemetry.metrics.session_address',
  });
  await answerCensus(connection, instance);
  keeper.start();
  const stopHousekeeping = keepHouse({
    redis: link.redis,
    keys,
    journal,
    onFailure: (error) => {
      log.warn('Tidying up failed; it is tried again', { error: String(error) });
    },
  });
  await service.listen();
  const open = { service, keeper, stopHousekeeping, management, connection, link, journal };
  stopOnSignals({ supervised: isSupervised(), logger: log, close: () => close(open).finally(() => tracing?.close()), deadlineMs: STOP_MS });
  log.info('Startup complete', { cookie_domains: value.session.cookies.length });
}

function recordsOf(keys: SessionKeys, secrets: readonly string[], log: Logger): SealedRecords {
  return new SealedRecords(keys, secrets, (hash, error) => {
    log.warn('A session does not open', { hash, error: String(error) });
  });
}

function lifetimesOf({ session: { cookies } }: SessionValues): Pick<SessionParts, 'domains' | 'longestLifetimeMs'> {
  return {
    domains: new Map(cookies.map((cookie) => [cookie.domain, cookie])),
    longestLifetimeMs: Math.max(...cookies.flatMap(({ expirationMs, rememberMeMs }) => [expirationMs, rememberMeMs ?? 0])),
  };
}

/** A journal on a server can go while the service runs. */
const tellStore =
  (log: Logger) =>
  (fault: Error | null): void => {
    if (fault === null) log.info('The journal of endings answers again');
    else log.error('The journal of endings does not answer: no session begins or ends until it does', { error: fault.message });
  };

function tellEpoch(log: Logger, event: EpochEvent): void {
  if (event.kind === 'failing') {
    log.warn('The endings of sessions cannot be replayed: nobody who is signed in gets through until they are', { error: String(event.error) });
    return;
  }
  const fields = { ended: event.ended, took_ms: Math.round(event.tookMs) };
  if (event.epochWasCurrent) log.debug('The endings in force hold', fields);
  else log.info('The endings in force were replayed: sessions count', fields);
}

function readiness(keeper: EpochKeeper, { redis }: RedisLink, place: string, { isServing }: RpcServer): Readiness {
  if (!isServing) return { ok: false, reasons: ['it takes no requests'] };
  if (keeper.current) return { ok: true, reasons: [] };
  return { ok: false, reasons: [redis.status === 'ready' ? 'the endings of sessions are not replayed yet' : `Redis (${place}) does not answer`] };
}

interface Open {
  readonly service: INestMicroservice;
  readonly keeper: EpochKeeper;
  readonly stopHousekeeping: () => void;
  readonly management: Management;
  readonly connection: RpcConnection;
  readonly link: RedisLink;
  readonly journal: EndingsJournal;
}

/** No new work, then what runs to its end, then the connections. */
async function close({ service, keeper, stopHousekeeping, management, connection, link, journal }: Open): Promise<void> {
  await service.close();
  stopHousekeeping();
  await keeper.stop();
  await management.close();
  connection.close();
  link.redis.disconnect();
  await journal.close();
}
