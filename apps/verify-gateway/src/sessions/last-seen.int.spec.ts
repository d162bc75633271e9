import { sessionKeysUnder } from '@portcullis/contracts-session';
import { connectRedis, type Redis, waitUntilReady } from '@portcullis/platform-redis';
import { eventually, type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { LastSeen } from './last-seen.js';

const KEYS = sessionKeysUnder('portcullis:');
let server: RedisServer;
let redis: Redis;
let lost: unknown[];
let lastSeen: LastSeen;

beforeEach(async () => {
  server = await startRedisServer();
  redis = connectRedis(server.settings, { name: 'last-seen', role: 'commands' });
  await waitUntilReady(redis, 10_000);
  lost = [];
  lastSeen = new LastSeen(redis, KEYS, (error) => lost.push(error));
});
afterEach(async () => {
  await lastSeen.stop();
  redis.disconnect();
  await server.stop();
});

const seen = async (hash: string): Promise<number | null> => {
  const score = await redis.zscore(KEYS.seen, hash);
  return score === null ? null : Number(score);
};
const commands = async (): Promise<number> => Number(/cmdstat_zadd:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);

it('goes to Redis once a second, in one batch', async () => {
  lastSeen.start();
  for (let i = 0; i < 500; i++) lastSeen.note(`h${i}`, 1000 + i);
  await eventually('they are written', async () => (await seen('h499')) === 1499);
  expect([await redis.zcard(KEYS.seen), await commands()]).toEqual([500, 1]);
});

it('asks nothing where there is nothing to say', async () => {
  await lastSeen.flush();
  expect(await commands()).toBe(0);
});

it('never goes back, whichever gate writes later', async () => {
  lastSeen.note('h', 2000);
  await lastSeen.flush();
  const other = new LastSeen(redis, KEYS, () => undefined);
  other.note('h', 1000);
  await other.flush();
  expect(await seen('h')).toBe(2000);
});

it('waits while Redis is away, and keeps the later time', async () => {
  await server.crash();
  lastSeen.note('a', 1000);
  lastSeen.note('b', 1000);
  const flushed = lastSeen.flush();
  lastSeen.note('b', 2000);
  await flushed;
  expect(lost).toHaveLength(1);
  await server.restart();
  await waitUntilReady(redis, 10_000);
  await lastSeen.flush();
  expect([await seen('a'), await seen('b')]).toEqual([1000, 2000]);
});

it('hands over everybody of a busy site', async () => {
  for (let i = 0; i < 100_000; i++) lastSeen.note(`h${i}`, i);
  await lastSeen.flush();
  expect([await redis.zcard(KEYS.seen), lost]).toEqual([100_000, []]);
});

it('is written a last time at the end', async () => {
  lastSeen.start();
  lastSeen.note('h', 1000);
  await lastSeen.stop();
  expect(await seen('h')).toBe(1000);
});
