import { type INestMicroservice, Logger as NestLogger } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { sessionContract } from '@portcullis/contracts-session';
import { loadScore, type PasswordPolicy } from '@portcullis/domain-passwords';
import { createDigests, type Digests } from '@portcullis/platform-digests';
import { placeOf } from '@portcullis/platform-redis';
import { answerCensus, createRpcClient, openRpcConnection, type RpcConnection, RpcServer } from '@portcullis/platform-rpc';
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
  describeInstance,
  sharedProcess,
  tellConfiguration,
  type Readiness,
} from '@portcullis/platform-telemetry';
import { availableParallelism } from 'node:os';
import { countAsAuthelia } from './authelia-metrics.js';
import { AdminParts, openStore, type Store } from './admin-parts.js';
import { type IdentityValues, instanceName, isSupervised, jwtSecret, rpcSecrets, tracesOf } from './config.js';
import { IdentityModule } from './identity.module.js';
import { IdentityParts } from './identity-parts.js';
import { createMetrics, measureNotices } from './metrics.js';
import { NoticeRelay } from './notice-relay.js';
import { createPeople } from './people.js';
import { openUsers } from './open-users.js';
import { keepTidy } from './retention.js';
import { tellOfNeighbour } from './tell-neighbour.js';
import { watchStore } from './watch-store.js';
import { yieldToGateway } from './yield-to-gateway.js';

const VERSION = '0.1.0';
const SERVICE = 'identity';
/** Longer than the wire gives running requests to end. */
const STOP_MS = 15_000;
/** SQL, HMACs and mails' rows: short work, of which much may be under way. */
const REST_AT_ONCE = 32;

/** The configuration is right, and this process cannot start with it alone. */
class StartError extends Error {
  readonly code = 'START';
}

/** Puts the service together and takes requests. Rejects with what a person must change (users file, store, key, port) before it takes any. */
export async function serve(value: IdentityValues, directory: string, hash: string): Promise<void> {
  const log = createLogger({ ...value.log, filePath: value.log.filePath ?? undefined, service: SERVICE, instance: instanceName() });
  NestLogger.overrideLogger(nestLogger(log));
  const redis = value.redis;
  if (redis === null) {
    throw new StartError('session.redis is not configured: a service started alone needs it; `npm start -- --config FILE` brings a private one');
  }
  if (isSupervised() && sharedProcess() === undefined) yieldToGateway();
  const registry = createRegistry({ service: SERVICE, version: VERSION });
  countLogDrops(registry, log);
  const tracing = await openTracing(tracesOf(value), SERVICE, VERSION);
  const slots = Math.max(1, availableParallelism() - 1);
  const digests = createDigests({ slots });

  const place = describeLocation(value.storage.store);
  const watch = watchStore(log);
  const store = await openStore(value, directory, { onAvailability: watch.onAvailability });
  const jwt = jwtSecret(value, directory);
  for (const { madeFile } of [store.key, jwt]) if (madeFile !== null) log.warn(`A secret was made and kept in ${madeFile}: back this up`);
  log.info(`Second factors, attempts and notices are kept in ${place}`);
  await tellOfNeighbour(store.db, log);

  const secrets = rpcSecrets(value, directory);
  const connection = openRpcConnection({ redis, secrets, prefix: redis.keyPrefix, service: SERVICE, observe: measureCalls(registry), tracing });
  const sessions = createRpcClient(sessionContract, connection);
  const policy = await policyOf(value);
  const users = await openUsers(value, store, log);
  const { readOnly } = users;
  if (readOnly !== null) log.warn(`Passwords can be neither changed nor reset: ${readOnly}`);
  const people = createPeople(() => users.directory);
  const counted = createMetrics(registry, digests, users);
  const metrics = value.telemetry.autheliaNames ? countAsAuthelia(registry, counted) : counted;
  const admin = AdminParts.of(value, store, people, users, true, tracing?.current);
  measureNotices(registry, () => admin.outbox.counts());
  const parts = new IdentityParts({
    value,
    store,
    users,
    audit: admin.audit,
    people,
    jwtSecret: jwt.secret,
    outbox: admin.outbox,
    sessions,
    digests,
    policy,
    log,
    metrics,
  });
  const strategy = new RpcServer({
    connection,
    contracts: [identityContract, identityAdminContract],
    lanes: { password: { concurrency: slots }, rest: { concurrency: REST_AT_ONCE } },
  });
  const service = await NestFactory.createMicroservice(IdentityModule.with(parts, admin), { strategy, logger: nestLogger(log), abortOnError: false });

  const stop = new AbortController();
  if (value.backend.watch) await users.watch(stop.signal);
  parts.publisher.start();
  const relay = new NoticeRelay({ db: store.db, outbox: admin.outbox, redis, secrets, log, now: Date.now });
  relay.start();
  keepTidy(parts.cleanUps, log, stop.signal);
  const ready = (): Readiness => {
    const reasons = [
      ...(strategy.isServing ? [] : ['it takes no requests']),
      ...(connection.isUp ? [] : [`Redis (${placeOf(redis)}) does not answer`]),
      ...(watch.isUp() ? [] : ['PostgreSQL does not answer']),
    ];
    return { ok: reasons.length === 0, reasons };
  };
  const instance = describeInstance({ service: SERVICE, name: instanceName(), version: VERSION, hash: () => hash, ready });
  tellConfiguration(registry, SERVICE, hash);
  const management = await startManagement({
    ...value.telemetry.addresses.identity,
    metricsPath: value.telemetry.metricsPath,
    registry,
    ready,
    instance,
    setting: 'telemetry.metrics.identity_address',
  });
  await answerCensus(connection, instance);
  await service.listen();
  const open = { stop, service, parts, relay, digests, connection, management, store };
  stopOnSignals({ supervised: isSupervised(), logger: log, close: () => close(open).finally(() => tracing?.close()), deadlineMs: STOP_MS });
  log.info('Startup complete', { users: users.directory.users.length, hashing_slots: slots });
}

/** Estimators and their dictionaries are loaded only where the policy asks for a score. */
async function policyOf({ passwordPolicy }: IdentityValues): Promise<PasswordPolicy> {
  return passwordPolicy.kind === 'zxcvbn' ? { ...passwordPolicy, scoreOf: await loadScore() } : passwordPolicy;
}

interface Open {
  readonly stop: AbortController;
  readonly service: INestMicroservice;
  readonly parts: IdentityParts;
  readonly relay: NoticeRelay;
  readonly digests: Digests;
  readonly connection: RpcConnection;
  readonly management: { close(): Promise<void> };
  readonly store: Store;
}

/** No new work, then what runs to its end, then the connections. */
async function close({ stop, service, parts, relay, digests, connection, management, store }: Open): Promise<void> {
  stop.abort();
  await service.close();
  await parts.publisher.close();
  await relay.close();
  await digests.close();
  await management.close();
  connection.close();
  await store.db.destroy();
}
