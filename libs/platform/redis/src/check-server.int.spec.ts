import { afterEach, expect, it } from 'vitest';
import { checkServer } from './check-server.js';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { Redis } from './index.js';
import { startRedisServer, type RedisServer } from './testing.js';

let server: RedisServer | undefined;
let redis: Redis | undefined;

async function open(args: readonly string[] = []): Promise<Redis> {
  server = await startRedisServer({ args });
  redis = connectRedis(server.settings, { name: 'check', role: 'commands' });
  await waitUntilReady(redis, 5000);
  return redis;
}

afterEach(async () => {
  redis?.disconnect();
  await server?.stop();
});

it('has nothing against a plain Redis', async () => {
  expect(await checkServer(await open())).toEqual([]);
});

it('refuses Redis Cluster by name', async () => {
  const [problem] = await checkServer(await open(['--cluster-enabled', 'yes']));
  expect(problem).toMatchObject({ code: 'REDIS_CLUSTER', message: expect.stringContaining('Redis Cluster') });
});

it('refuses a Redis that evicts', async () => {
  const [problem] = await checkServer(await open(['--maxmemory', '10mb', '--maxmemory-policy', 'allkeys-lru']));
  expect(problem).toMatchObject({ code: 'REDIS_EVICTS', message: expect.stringContaining('noeviction') });
});

it('knows nothing, and says nothing, where INFO is forbidden', async () => {
  const forbidden = await open(['--maxmemory', '10mb', '--maxmemory-policy', 'allkeys-lru']);
  await forbidden.call('ACL', 'SETUSER', 'default', '-info');
  expect(await checkServer(forbidden)).toEqual([]);
});

it('says that Redis is away when it is', async () => {
  const lost = await open();
  await server?.crash();
  await expect(checkServer(lost)).rejects.toMatchObject({ code: 'REDIS_UNAVAILABLE' });
});
