import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { Redis } from './index.js';
import { redisTimeMs, runScript, runScriptBuffer, script } from './script.js';
import { startRedisServer, type RedisServer } from './testing.js';

let server: RedisServer;
let redis: Redis;

beforeAll(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.settings, { name: 'script', role: 'commands' });
  await waitUntilReady(redis, 5000);
});
beforeEach(async () => {
  await redis.config('SET', 'maxmemory', '0');
  await redis.flushall();
});
afterAll(async () => {
  redis.disconnect();
  await server.stop();
});

const put = script('put', `return redis.call('SET', KEYS[1], ARGV[1])`);
const get = script('get', `return redis.call('GET', KEYS[1])`);

it('runs a script that Redis does not know, and again after SCRIPT FLUSH', async () => {
  expect(await runScript(redis, put, ['k'], ['v'])).toBe('OK');
  await redis.script('FLUSH');
  expect(await runScript(redis, get, ['k'], [])).toBe('v');
  expect(await runScript(redis, get, ['k'], [])).toBe('v');
});

it('carries bytes both ways', async () => {
  const bytes = Buffer.from([0, 255, 10, 13, 128]);
  await runScript(redis, put, ['k'], [bytes]);
  expect(await runScriptBuffer(redis, get, ['k'], [])).toEqual(bytes);
});

it('passes on a mistake of the script as it is, without what the script was given', async () => {
  const broken = script('broken', `return redis.call('LPUSH', KEYS[1])`);
  const error: unknown = await runScript(redis, broken, ['k'], ['hunter2']).catch((e: unknown) => e);
  expect(error).toMatchObject({ name: 'ReplyError' });
  expect(inspect(error, { depth: 9 })).not.toContain('hunter2');
});

it('a full Redis is unavailable to a script that writes, but not to one that may', async () => {
  await redis.config('SET', 'maxmemory', '1');
  await expect(runScript(redis, put, ['k'], ['v'])).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
  expect(await runScript(redis, script('put', put.lua, { allowOom: true }), ['k'], ['v'])).toBe('OK');
});

it('tells the time of Redis in milliseconds', async () => {
  const [seconds] = await redis.time();
  const timeMs = await redisTimeMs(redis);
  expect(Math.abs(timeMs - Number(seconds) * 1000)).toBeLessThan(60_000);
});
