import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawn, type ChildProcess } from 'node:child_process';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { Redis } from './index.js';
import type { RedisTls } from './settings.js';
import { eventually, freePort } from './testing.js';

const directory = mkdtempSync(join(tmpdir(), 'redis-tls-'));
const opened: Redis[] = [];
let child: ChildProcess;
let port: number;
let ca: string;
let key: string;

function connect(tls: RedisTls): Redis {
  const redis = connectRedis({ host: '127.0.0.1', port, database: 0, timeoutMs: 2000, tls }, { name: 'tls', role: 'commands' });
  opened.push(redis);
  return redis;
}
const refusal = (redis: Redis): Promise<unknown> => waitUntilReady(redis, 400).catch((error: unknown) => error);

beforeAll(async () => {
  const pems = await generate([{ name: 'commonName', value: 'redis.test' }], { keySize: 2048 });
  ca = pems.cert;
  key = pems.private;
  writeFileSync(join(directory, 'cert.pem'), ca);
  writeFileSync(join(directory, 'key.pem'), key);
  port = await freePort();
  const files = ['--tls-cert-file', 'cert.pem', '--tls-key-file', 'key.pem', '--tls-ca-cert-file', 'cert.pem', '--tls-auth-clients', 'optional'];
  child = spawn('redis-server', ['--port', '0', '--tls-port', String(port), '--bind', '127.0.0.1', '--save', '', ...files], {
    cwd: directory,
    stdio: 'ignore',
  });
  await eventually('a TLS listener', () =>
    waitUntilReady(connect({ skipVerify: true }), 500).then(
      () => true,
      () => false,
    ),
  );
});
afterEach(() => {
  for (const redis of opened.splice(0)) redis.disconnect();
});
afterAll(async () => {
  child.kill('SIGKILL');
  await once(child, 'exit');
  rmSync(directory, { recursive: true, force: true });
});

it('reaches a Redis whose certificate is known and carries the name', async () => {
  const redis = connect({ skipVerify: false, serverName: 'redis.test', ca });
  await waitUntilReady(redis, 5000);
  expect(await redis.ping()).toBe('PONG');
});

it('shows its own certificate', async () => {
  const redis = connect({ skipVerify: false, serverName: 'redis.test', ca, cert: ca, key });
  await waitUntilReady(redis, 5000);
  expect(await redis.ping()).toBe('PONG');
});

it('refuses an unknown certificate', async () => {
  expect(await refusal(connect({ skipVerify: false, serverName: 'redis.test' }))).toMatchObject({ cause: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' } });
});

it('refuses a certificate of another name', async () => {
  expect(await refusal(connect({ skipVerify: false, serverName: 'other.test', ca }))).toMatchObject({
    cause: { code: 'ERR_TLS_CERT_ALTNAME_INVALID' },
  });
});
