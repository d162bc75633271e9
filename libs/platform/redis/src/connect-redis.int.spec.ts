import { inspect } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { Redis } from './index.js';
import { orUnavailable } from './redis-unavailable.js';
import type { ConnectOptions, RedisEvent, RedisSettings } from './settings.js';
import { eventually, freePort, startRedisServer, type RedisServer } from './testing.js';

let server: RedisServer;
const opened: Redis[] = [];

function connect(options: Partial<ConnectOptions> = {}, settings: Partial<RedisSettings> = {}): Redis {
  const redis = connectRedis({ ...server.settings, ...settings }, { name: 'test', role: 'commands', ...options });
  opened.push(redis);
  return redis;
}

async function ready(options: Partial<ConnectOptions> = {}, settings: Partial<RedisSettings> = {}): Promise<Redis> {
  const redis = connect(options, settings);
  await waitUntilReady(redis, 5000);
  return redis;
}

beforeEach(async () => {
  server = await startRedisServer({ password: 'pass word' });
});
afterEach(async () => {
  for (const redis of opened.splice(0)) redis.disconnect();
  await server.stop();
});

describe('reaching it', () => {
  it('through a unix socket, with a password and a database', async () => {
    const redis = await ready({ name: 'portcullis-test' }, { database: 5 });
    expect(await redis.client('INFO')).toMatch(/name=portcullis-test .*db=5 /);
  });

  it('through a port', async () => {
    expect(await (await ready({}, { path: undefined })).ping()).toBe('PONG');
  });

  it('as a user of the access control list', async () => {
    await (await ready()).call('ACL', 'SETUSER', 'gate', 'on', '>open', '~*', '+@all');
    const redis = await ready({}, { username: 'gate', password: 'open' });
    expect(await redis.call('ACL', 'WHOAMI')).toBe('gate');
  });

  it('with the old protocol where asked', async () => {
    expect(await (await ready({ protocol: 2 })).client('INFO')).toContain('resp=2');
  });

  it('with a wrong password never gets ready, and says why, but not the password', async () => {
    const events: RedisEvent[] = [];
    const redis = connect({ onEvent: (event) => events.push(event) }, { password: 'hunter2' });
    const error: unknown = await waitUntilReady(redis, 500).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', cause: { message: expect.stringContaining('WRONGPASS') } });
    const command: unknown = await orUnavailable(redis.get('hunter2')).catch((e: unknown) => e);
    expect(inspect([error, command, events], { depth: 9 })).not.toContain('hunter2');
  });

  it('where nothing listens says so', async () => {
    const error: unknown = await waitUntilReady(connect({}, { path: undefined, port: await freePort() }), 500).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'REDIS_UNAVAILABLE', cause: { code: 'ECONNREFUSED' } });
  });

  it('is refused at once after the connection was ended', async () => {
    const redis = await ready();
    redis.disconnect();
    await eventually('the end', () => redis.status === 'end');
    await expect(waitUntilReady(redis, 60_000)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  });
});

describe('a Redis that is killed', () => {
  it('fails the command in flight and every later one, until it is back', async () => {
    const redis = await ready();
    const inFlight = orUnavailable(redis.blpop('nothing', 0));
    const failed = expect(inFlight).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await server.crash();
    await failed;
    await expect(orUnavailable(redis.get('k'))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await server.restart();
    await waitUntilReady(redis, 5000);
    expect(await orUnavailable(redis.ping())).toBe('PONG');
  });

  it('is never sent a command twice', async () => {
    const redis = await ready();
    await server.crash();
    await expect(orUnavailable(redis.incr('count'))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    await server.restart();
    await waitUntilReady(redis, 5000);
    expect(await redis.get('count')).toBeNull();
  });

  it('is told in events', async () => {
    const events: RedisEvent['kind'][] = [];
    const redis = await ready({ onEvent: ({ kind }) => events.push(kind) });
    await server.restart();
    await eventually('the second ready', () => events.filter((kind) => kind === 'ready').length === 2);
    redis.disconnect();
    await eventually('the end', () => events.includes('end'));
    expect(events.filter((kind) => kind !== 'error')).toEqual(['ready', 'lost', 'ready', 'lost', 'end']);
  });

  it('is told once for as long as it lasts', async () => {
    const events: RedisEvent[] = [];
    await server.crash();
    const redis = connect({ onEvent: (event) => events.push(event) });
    let attempts = 0;
    redis.on('reconnecting', () => (attempts += 1));
    await eventually('a fourth attempt', () => attempts === 4);
    expect(events.map(({ kind }) => kind)).toEqual(['error']);
  });

  it('makes the queue wait', async () => {
    const redis = await ready({ role: 'queue' });
    await server.crash();
    const waiting = redis.incr('count');
    await server.restart();
    expect(await waiting).toBe(1);
  });
});

describe('a frozen Redis', () => {
  it('fails the command while it is still frozen, and works again when it moves', async () => {
    const redis = await ready();
    server.freeze();
    await expect(orUnavailable(redis.get('k'))).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
    server.thaw();
    await eventually('an answer', () => redis.ping().catch(() => null));
  });

  it('is noticed by a subscriber that asks nothing', async () => {
    const events: RedisEvent['kind'][] = [];
    const redis = await ready({ role: 'subscriber', onEvent: ({ kind }) => events.push(kind) });
    await redis.subscribe('news');
    server.freeze();
    await eventually('the loss', () => events.includes('lost'));
    server.thaw();
    await waitUntilReady(redis, 5000);
  });

  it('is noticed by a subscriber of the old protocol too', async () => {
    const events: RedisEvent['kind'][] = [];
    const redis = await ready({ role: 'subscriber', protocol: 2, onEvent: ({ kind }) => events.push(kind) });
    await redis.subscribe('news');
    server.freeze();
    await eventually('the loss', () => events.includes('lost'));
  });
});

it('a healthy subscriber is left alone', async () => {
  const events: RedisEvent['kind'][] = [];
  const redis = await ready({ role: 'subscriber', onEvent: ({ kind }) => events.push(kind) });
  const other = await ready();
  await redis.subscribe('news');
  const pings = async (): Promise<number> => Number(/cmdstat_ping:calls=(\d+)/.exec(await other.info('commandstats'))?.[1] ?? 0);
  await eventually('four pings', async () => (await pings()) >= 4);
  expect(events).toEqual(['ready']);
});
