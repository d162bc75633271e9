import { adviseOn, checkServer, connectRedis, type Redis, type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import type { Logger } from '@portcullis/platform-telemetry';

export interface RedisLink {
  readonly redis: Redis;
  /** Where it does not, an attempt is begun now rather than after the connection's own pause. */
  readonly isConnected: () => boolean;
}

export interface RedisLinkOptions {
  readonly settings: RedisSettings;
  readonly log: Logger;
  readonly onReady: () => void;
  readonly onLost: () => void;
  /** This Redis would lose or misplace sessions: the service must not go on with it. */
  readonly onUnfit: (message: string) => void;
}

/** The connection sessions are kept over. Says once that Redis is away, and once that it is back. */
export function openRedisLink({ settings, log, onReady, onLost, onUnfit }: RedisLinkOptions): RedisLink {
  let isAway = false;
  let lastError: string | undefined;
  const told = new Set<string>();
  const follow = (event: RedisEvent): void => {
    if (event.kind === 'error') lastError = event.error.message;
    if (event.kind === 'lost') {
      if (!isAway) log.warn('Redis is away: sessions can neither be told nor ended', { error: lastError });
      isAway = true;
      onLost();
    }
    if (event.kind === 'ready') {
      if (isAway) log.info('Redis is back');
      isAway = false;
      lastError = undefined;
      onReady();
      refuseUnfit(redis, onUnfit);
      tellAdvice(redis, settings, told, log);
    }
  };
  const redis = connectRedis(settings, { name: 'portcullis-session', role: 'commands', onEvent: follow });
  return { redis, isConnected: () => isConnected(redis) };
}

function refuseUnfit(redis: Redis, onUnfit: (message: string) => void): void {
  checkServer(redis).then(
    (problems) => {
      if (problems.length > 0) onUnfit(problems.map(({ message }) => message).join('; '));
    },
    () => {
      // Lost again: asked again at the next ready.
    },
  );
}

/** Once for as long as the process runs. */
function tellAdvice(redis: Redis, { sentinel }: RedisSettings, told: Set<string>, log: Logger): void {
  adviseOn(redis, { sentinel: sentinel !== undefined }).then(
    (advice) => {
      for (const { code, message } of advice) {
        if (!told.has(code)) log.warn(message);
        told.add(code);
      }
    },
    () => {
      // Lost again: asked again at the next ready.
    },
  );
}

// People who are signed in wait for the replay: up to a second of pause between attempts is too long for them.
function isConnected(redis: Redis): boolean {
  if (redis.status === 'reconnecting')
    redis.connect().catch(() => {
      // The next attempt follows.
    });
  return redis.status === 'ready';
}
