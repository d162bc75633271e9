import type { RedisConfiguration } from '@portcullis/contracts-configuration';
import { SESSION_SEAL_PURPOSE, sessionContract, sessionKeysUnder } from '@portcullis/contracts-session';
import { connectRedis, type Redis } from '@portcullis/platform-redis';
import { createRpcClient, type ObserveCall, openRpcConnection, type RpcConnection, type RpcEvent } from '@portcullis/platform-rpc';
import { createKeyRing } from '@portcullis/platform-seal';
import type { Logger, Tracing } from '@portcullis/platform-telemetry';
import { type GatewayValues, rpcSecrets, sessionSecrets } from './config.js';
import { type Sessions, sessionsOf } from './sessions/sessions.js';

/** With Redis away a gateway must start all the same: what is open to everybody needs none. */
const SETTLE_MS = 3000;

export interface Wire {
  /** Of the wire. */
  readonly secrets: readonly string[];
  readonly commands: Redis;
  readonly channel: Redis;
  readonly rpc: RpcConnection;
  readonly sessions: Sessions;
}

/** Who is told how long things took. */
interface WireEars {
  readonly onLag: (seconds: number) => void;
  readonly observe: ObserveCall;
  readonly tracing: Tracing | undefined;
}

/** The connections to Redis, and what lives on them. */
export function openWire(
  value: GatewayValues,
  redis: RedisConfiguration,
  directory: string,
  logger: Logger,
  { onLag, observe, tracing }: WireEars,
): Wire {
  const secrets = sessionSecrets(value, directory);
  const commands = connectRedis(redis, { name: 'portcullis-gateway', role: 'commands', onEvent: tellErrors('sessions', logger) });
  const channel = connectRedis(redis, {
    name: 'portcullis-gateway-invalidation',
    role: 'subscriber',
    protocol: 2,
    onEvent: tellErrors('invalidations', logger),
  });
  const wireSecrets = rpcSecrets(value, secrets);
  const rpc = openRpcConnection({
    redis,
    secrets: wireSecrets,
    prefix: redis.keyPrefix,
    service: 'verify-gateway',
    observe,
    tracing,
    onEvent: tellWire(logger),
  });
  const session = createRpcClient(sessionContract, rpc);
  const sessions = sessionsOf({
    reader: commands,
    channel,
    ring: createKeyRing(secrets, SESSION_SEAL_PURPOSE),
    keys: sessionKeysUnder(redis.keyPrefix),
    session,
    logger,
    now: Date.now,
    serveCached: value.session.redisOutage === 'serve_cached',
    onLag,
  });
  return { secrets: wireSecrets, commands, channel, rpc, sessions };
}

/** What the wire itself has to say: a message that was forged or replayed is somebody at work. */
function tellWire(logger: Logger) {
  const tellRedis = tellErrors('the wire', logger);
  return (event: RpcEvent): void => {
    if (event.kind === 'redis') tellRedis(event.event);
    else if (event.kind === 'refused') logger.warn('A message on the wire was refused', { pattern: event.pattern, reason: event.reason });
  };
}

/** One line when a connection is lost and one when it is back, whatever happens in between. */
function tellErrors(what: string, logger: Logger) {
  let down = false;
  return (event: { readonly kind: string; readonly error?: Error }): void => {
    if (event.kind === 'error' && !down) logger.error(`Redis does not answer (${what})`, { error: event.error?.message });
    if (event.kind === 'ready' && down) logger.info(`Redis answers again (${what})`);
    down = event.kind !== 'ready';
  };
}

/** Whoever finds the port open is answered: a gateway that takes the place of another must not send people a 503 first. */
export const settled = ({ sessions, rpc }: Wire): Promise<unknown> => Promise.allSettled([sessions.settled(SETTLE_MS), rpc.ready(SETTLE_MS)]);
