import { connectRedis, type Redis, waitUntilReady } from '@portcullis/platform-redis';
import { eventually, type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Bucket, RateLimits } from './rate-limit.js';

const MINUTE = 60_000;
let server: RedisServer;
let connections: Redis[];

async function connect(): Promise<Redis> {
  const redis = connectRedis(server.settings, { name: 'limits', role: 'commands' });
  connections.push(redis);
  await waitUntilReady(redis, 10_000);
  return redis;
}
const limitsOf = async (...buckets: readonly Bucket[]): Promise<RateLimits> => new RateLimits(await connect(), 'portcullis:', { name: buckets });

beforeEach(async () => {
  connections = [];
  server = await startRedisServer();
});
afterEach(async () => {
  for (const redis of connections) redis.disconnect();
  await server.stop();
});

/** How many are let in one after the other, and how long the first who is not must wait. */
async function admitted(limits: RateLimits, subject = '203.0.113.7', most = 100): Promise<{ readonly places: number; readonly waitMs: number }> {
  for (let places = 0; places < most; places++) {
    const waitMs = await limits.take('name', subject);
    if (waitMs > 0) return { places, waitMs };
  }
  return { places: most, waitMs: 0 };
}

describe('a bucket', () => {
  it('lets as many in as it holds', async () => {
    const { places, waitMs } = await admitted(await limitsOf({ requests: 5, periodMs: 10 * MINUTE }));
    expect(places).toBe(5);
    expect(waitMs).toBeGreaterThan(9 * MINUTE);
    expect(waitMs).toBeLessThanOrEqual(10 * MINUTE);
  });

  it('regains one place a period, not all of them', async () => {
    const limits = await limitsOf({ requests: 3, periodMs: 1000 });
    expect((await admitted(limits)).places).toBe(3);
    await eventually('a place is free', async () => (await limits.take('name', '203.0.113.7')) === 0);
    const wait = await limits.take('name', '203.0.113.7');
    expect(wait).toBeGreaterThan(0);
    expect(wait).toBeLessThanOrEqual(1000);
  });

  it('is not emptied further by who is not let in', async () => {
    const limits = await limitsOf({ requests: 1, periodMs: MINUTE });
    await limits.take('name', '203.0.113.7');
    const first = await limits.take('name', '203.0.113.7');
    for (let i = 0; i < 50; i++) await limits.take('name', '203.0.113.7');
    expect(await limits.take('name', '203.0.113.7')).toBeLessThanOrEqual(first);
  });

  it('goes by itself when it is full again', async () => {
    const limits = await limitsOf({ requests: 2, periodMs: MINUTE });
    await limits.take('name', '203.0.113.7');
    const redis = await connect();
    const keys = await redis.keys('portcullis:limit:*');
    expect(keys).toHaveLength(1);
    expect(await redis.pttl(keys[0]!)).toBeLessThanOrEqual(MINUTE + 1000);
    expect(await redis.pttl(keys[0]!)).toBeGreaterThan(0);
  });
});

describe('several buckets', () => {
  it.each<[string, number, readonly Bucket[]]>([
    [
      'reset_password_start',
      5,
      [
        { requests: 5, periodMs: 10 * MINUTE },
        { requests: 10, periodMs: 15 * MINUTE },
        { requests: 15, periodMs: 30 * MINUTE },
      ],
    ],
    [
      'second_factor_totp',
      30,
      [
        { requests: 30, periodMs: MINUTE },
        { requests: 40, periodMs: 2 * MINUTE },
        { requests: 50, periodMs: 10 * MINUTE },
      ],
    ],
    [
      'the narrowest last',
      2,
      [
        { requests: 9, periodMs: MINUTE },
        { requests: 2, periodMs: MINUTE },
      ],
    ],
  ])('must all admit: %s lets in %i at once', async (_, places, buckets) => {
    expect((await admitted(await limitsOf(...buckets))).places).toBe(places);
  });

  it('lose a place together or not at all', async () => {
    const limits = await limitsOf({ requests: 1, periodMs: 1000 }, { requests: 3, periodMs: MINUTE });
    await limits.take('name', '203.0.113.7');
    for (let i = 0; i < 20; i++) expect(await limits.take('name', '203.0.113.7')).toBeGreaterThan(0);
    for (let more = 0; more < 2; more++) await eventually('a place is free', async () => (await limits.take('name', '203.0.113.7')) === 0);
    await eventually('the wide one is empty', async () => (await limits.take('name', '203.0.113.7')) > 1000);
  });
});

describe('who is limited', () => {
  it('is one address; its neighbour is not', async () => {
    const limits = await limitsOf({ requests: 2, periodMs: MINUTE });
    expect((await admitted(limits, '203.0.113.7')).places).toBe(2);
    expect((await admitted(limits, '203.0.113.8')).places).toBe(2);
  });

  it('is a whole /64, and the same address however it is written (attack 25)', async () => {
    const limits = await limitsOf({ requests: 2, periodMs: MINUTE });
    await limits.take('name', '2001:db8:1:2::1');
    await limits.take('name', '2001:db8:1:2:ffff::9');
    expect(await limits.take('name', '2001:db8:1:2:3::3')).toBeGreaterThan(0);
    expect(await limits.take('name', '2001:db8:1:3::1')).toBe(0);
    await limits.take('name', '203.0.113.7');
    await limits.take('name', '::ffff:203.0.113.7');
    expect(await limits.take('name', '203.0.113.7')).toBeGreaterThan(0);
  });

  it('at one address is one person, where one is named (attack 79)', async () => {
    const limits = await limitsOf({ requests: 1, periodMs: MINUTE });
    expect(await limits.take('name', '203.0.113.7', 'alice')).toBe(0);
    expect(await limits.take('name', '203.0.113.7', 'alice')).toBeGreaterThan(0);
    expect(await limits.take('name', '203.0.113.7', 'bob')).toBe(0);
  });

  it('is everybody at every gate', async () => {
    const [one, other] = [await limitsOf({ requests: 3, periodMs: MINUTE }), await limitsOf({ requests: 3, periodMs: MINUTE })];
    await one.take('name', '203.0.113.7');
    await one.take('name', '203.0.113.7');
    expect(await other.take('name', '203.0.113.7')).toBe(0);
    expect(await other.take('name', '203.0.113.7')).toBeGreaterThan(0);
    expect(await one.take('name', '203.0.113.7')).toBeGreaterThan(0);
  });

  it('in parallel gets no more than one after the other', async () => {
    const gates = await Promise.all(Array.from({ length: 4 }, () => limitsOf({ requests: 7, periodMs: MINUTE })));
    const waits = await Promise.all(Array.from({ length: 40 }, (_, i) => gates[i % 4]!.take('name', '203.0.113.7')));
    expect(waits.filter((wait) => wait === 0)).toHaveLength(7);
  });

  it('is nobody where no bucket is configured', async () => {
    const limits = new RateLimits(await connect(), 'portcullis:', { disabled: [] });
    for (let i = 0; i < 100; i++) expect(await limits.take('disabled', '203.0.113.7')).toBe(0);
    expect(await limits.take('unknown', '203.0.113.7')).toBe(0);
    expect(await (await connect()).dbsize()).toBe(0);
  });
});

it('a Redis that is away is a fault, not a place', async () => {
  const limits = await limitsOf({ requests: 5, periodMs: MINUTE });
  await server.crash();
  await expect(limits.take('name', '203.0.113.7')).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
});
