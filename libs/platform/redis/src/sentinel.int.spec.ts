import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { Redis } from './index.js';
import { eventually, freePort, startRedisServer, type RedisServer } from './testing.js';

const directory = mkdtempSync(join(tmpdir(), 'sentinel-'));
let master: RedisServer;
let replica: RedisServer;
let sentinel: ChildProcess;
let sentinelPort: number;
const opened: Redis[] = [];

beforeAll(async () => {
  master = await startRedisServer();
  replica = await startRedisServer({ args: ['--replicaof', `127.0.0.1 ${master.port}`, '--repl-diskless-sync-delay', '0'] });
  sentinelPort = await freePort();
  const lines = [
    `port ${sentinelPort}`,
    'bind 127.0.0.1',
    `sentinel monitor gate 127.0.0.1 ${master.port} 1`,
    'sentinel down-after-milliseconds gate 300',
    'sentinel failover-timeout gate 2000',
    'requirepass watchman',
  ];
  writeFileSync(join(directory, 'sentinel.conf'), lines.join('\n'));
  sentinel = spawn('redis-server', [join(directory, 'sentinel.conf'), '--sentinel'], { cwd: directory, stdio: 'ignore' });
});
afterAll(async () => {
  for (const redis of opened) redis.disconnect();
  sentinel.kill('SIGKILL');
  await once(sentinel, 'exit');
  await Promise.all([master.stop(), replica.stop()]);
  rmSync(directory, { recursive: true, force: true });
});

it('finds the master through Sentinel, and the new one after a failover', { timeout: 30_000 }, async () => {
  const toReplica = connectRedis(replica.settings, { name: 'replica', role: 'commands' });
  const redis = connectRedis(
    { ...master.settings, sentinel: { name: 'gate', password: 'watchman', nodes: [{ host: '127.0.0.1', port: sentinelPort }] } },
    { name: 'gate', role: 'commands' },
  );
  opened.push(toReplica, redis);
  await waitUntilReady(redis, 10_000);
  expect(await redis.info('server')).toContain(`tcp_port:${master.port}`);
  await eventually('the replica is in step', async () => (await toReplica.info('replication')).includes('master_link_status:up'));

  await master.crash();
  const info = await eventually('a master again', () => redis.info().catch(() => null), 25_000);
  expect(info).toContain(`tcp_port:${replica.port}`);
  await eventually('it takes writes', () => redis.set('k', 'v').catch(() => null), 5000);
});
