import { Redis } from 'ioredis';
import { redisOptions } from './redis-options.js';
import { RedisUnavailable, withoutCommand } from './redis-unavailable.js';
import type { ConnectOptions, RedisEvent, RedisSettings } from './settings.js';

const PING_EVERY_MS = 400;

/** Starts connecting and returns at once; tries again for ever, with 50 to 1000 ms between attempts. End it with `disconnect()`. */
export function connectRedis(settings: RedisSettings, options: ConnectOptions): Redis {
  const redis = new Redis(redisOptions(settings, options));
  tellEvents(redis, options.onEvent ?? ignore);
  if (options.role === 'subscriber') listenForSilence(redis);
  return redis;
}

// It tries once a second for as long as Redis is away: what is new is told, not every attempt.
function tellEvents(redis: Redis, tell: (event: RedisEvent) => void): void {
  let wasReady = false;
  let lastError = '';
  redis.on('ready', () => {
    wasReady = true;
    lastError = '';
    tell({ kind: 'ready' });
  });
  redis.on('close', () => {
    if (wasReady) tell({ kind: 'lost' });
    wasReady = false;
  });
  redis.on('end', () => {
    tell({ kind: 'end' });
  });
  redis.on('error', (error: NodeJS.ErrnoException) => {
    withoutCommand(error);
    const text = `${error.code ?? ''} ${error.message}`;
    if (text !== lastError) tell({ kind: 'error', error });
    lastError = text;
  });
}

// A subscriber never awaits a reply, so only a PING makes the socket's timeout see that nobody is there.
function listenForSilence(redis: Redis): void {
  const timer = setInterval(() => {
    if (redis.status === 'ready') redis.ping().catch(ignore);
  }, PING_EVERY_MS);
  // One that is ended between two attempts to connect never says so: its timer must keep no process alive.
  timer.unref();
  redis.once('end', () => {
    clearInterval(timer);
  });
}

/** Resolves when commands are accepted; throws RedisUnavailable after timeoutMs, or at once where the connection was ended. */
export function waitUntilReady(redis: Redis, timeoutMs: number): Promise<void> {
  if (redis.status === 'ready') return Promise.resolve();
  if (redis.status === 'end') return Promise.reject(new RedisUnavailable('the connection to Redis was ended'));
  return new Promise((resolve, reject) => {
    let lastError: unknown;
    const note = (error: unknown): void => {
      lastError = error;
    };
    const settle = (act: () => void) => (): void => {
      clearTimeout(timer);
      redis.off('ready', onReady).off('end', onEnd).off('error', note);
      act();
    };
    const fail = (message: string) => (): void => {
      reject(new RedisUnavailable(message, { cause: lastError }));
    };
    const onReady = settle(resolve);
    const onEnd = settle(fail('the connection to Redis was ended'));
    const timer = setTimeout(settle(fail(`no connection to Redis within ${timeoutMs} ms`)), timeoutMs);
    redis.on('ready', onReady).on('end', onEnd).on('error', note);
  });
}

function ignore(): void {
  // Every failure shows in the events of the connection.
}
