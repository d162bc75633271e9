import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NotifierConfiguration } from '@portcullis/contracts-configuration';
import { identityContract } from '@portcullis/contracts-identity';
import { queuePrefixUnder } from '@portcullis/contracts-notifier';
import { connectRedis, placeOf, type Redis, type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import { answerCensus, createRpcClient, openRpcConnection, type RpcConnection } from '@portcullis/platform-rpc';
import {
  countLogDrops,
  createLogger,
  createRegistry,
  type Logger,
  type Management,
  measureCalls,
  nestLogger,
  openTracing,
  startManagement,
  stopOnSignals,
  describeInstance,
  tellConfiguration,
  type Readiness,
} from '@portcullis/platform-telemetry';
import { instanceName, isSupervised, type NotifierValues, rpcSecrets, tracesOf } from './config.js';
import type { Delivery } from './delivery.js';
import { deliveryOf, describePlace } from './delivery-of.js';
import { createMetrics } from './metrics.js';
import { NotifierModule } from './notifier.module.js';
import { NoticeProcessor } from './process-notice.js';
import { createQueueLook } from './queue-look.js';
import { loadTemplates } from './templates.js';

const VERSION = '0.1.0';
const SERVICE = 'notifier';
/** A mail that is under way may take that long; what is cut off then goes out again. */
const DRAIN_MS = 15_000;

/** The configuration is right, and this process cannot start with it alone. */
class StartError extends Error {
  readonly code = 'START';
}

/** Puts the service together and takes notices from the queue. Rejects with what a person must change: no Redis, a template, a file or mail server, a port. */
export async function serve(value: NotifierValues, directory: string, hash: string): Promise<void> {
  const log = createLogger({ ...value.log, filePath: value.log.filePath ?? undefined, service: SERVICE, instance: instanceName() });
  if (value.redis === null) {
    throw new StartError('session.redis is not configured: a service started alone needs it; `npm start -- --config FILE` brings a private one');
  }
  const templates = loadTemplates(value.notifier.templateDirectory);
  const delivery = deliveryOf(value.notifier);
  if (!value.notifier.startupCheckDisabled) await checkDelivery(delivery, value.notifier);

  const registry = createRegistry({ service: SERVICE, version: VERSION });
  countLogDrops(registry, log);
  const tracing = await openTracing(tracesOf(value), SERVICE, VERSION);
  const secrets = rpcSecrets(value, directory);
  const prefix = queuePrefixUnder(value.redis.keyPrefix);
  const redis = connectQueue(value.redis, log);
  const queue = createQueueLook(redis, prefix);
  const metrics = createMetrics(registry, queue.look);
  const connection = openRpcConnection({
    redis: value.redis,
    secrets,
    prefix: value.redis.keyPrefix,
    service: SERVICE,
    observe: measureCalls(registry),
    tracing,
  });
  const { acknowledgeNotice: acknowledge } = createRpcClient(identityContract, connection);
  const processor = new NoticeProcessor({ secrets, templates, delivery, acknowledge, log, metrics, now: Date.now });
  const module = NotifierModule.with({ redis, prefix, processor, atOnce: delivery.atOnce, log, tracing });
  const away = { ok: false, reasons: [`Redis (${placeOf(value.redis)}) does not answer`] };
  const ready = (): Readiness => (redis.status === 'ready' ? { ok: true, reasons: [] } : away);
  const instance = describeInstance({ service: SERVICE, name: instanceName(), version: VERSION, hash: () => hash, ready });
  tellConfiguration(registry, SERVICE, hash);
  const management = await startManagement({
    ...value.telemetry.addresses.notifier,
    metricsPath: value.telemetry.metricsPath,
    registry,
    ready,
    instance,
    setting: 'telemetry.metrics.notifier_address',
  });
  await answerCensus(connection, instance);
  const context = await NestFactory.createApplicationContext(module, { logger: nestLogger(log), abortOnError: false });
  stopOnSignals({
    supervised: isSupervised(),
    logger: log,
    close: () => close({ context, queue, management, connection, redis }).finally(() => tracing?.close()),
    deadlineMs: DRAIN_MS,
  });
  log.info('Startup complete', { notices: describePlace(value.notifier) });
}

async function checkDelivery(delivery: Delivery, settings: NotifierConfiguration): Promise<void> {
  try {
    await delivery.check();
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    const message = `Notices cannot be delivered to ${describePlace(settings)}: ${reason} (notifier.disable_startup_check: true starts without this check)`;
    throw new StartError(message, { cause });
  }
}

/** Says once that Redis is away, and once that it is back. */
function connectQueue(settings: RedisSettings, log: Logger): Redis {
  let isAway = false;
  const follow = (event: RedisEvent): void => {
    if (event.kind === 'lost' && !isAway) {
      isAway = true;
      log.warn('Redis is away: notices wait');
    }
    if (event.kind === 'ready' && isAway) {
      isAway = false;
      log.info('Redis is back');
    }
  };
  return connectRedis(settings, { name: 'portcullis-notifier-queue', role: 'queue', onEvent: follow });
}

interface Open {
  readonly context: INestApplicationContext;
  readonly queue: { readonly close: () => Promise<void> };
  readonly management: Management;
  readonly connection: RpcConnection;
  readonly redis: Redis;
}

/** No new notice, then what is under way to its end, then the connections. */
async function close({ context, queue, management, connection, redis }: Open): Promise<void> {
  await context.close();
  await queue.close();
  await management.close();
  connection.close();
  redis.disconnect();
}
