// The installation that is measured: a private Redis, the four services, one person signed in.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createDigests } from '@portcullis/platform-digests';
import { freePort, start, until } from './processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const NAMES = ['session', 'identity', 'notifier', 'verify-gateway'];
export const PASSWORD = 'Bench-Passw0rd!';
const ARGON2 = { algorithm: 'argon2', variant: 'argon2id', iterations: 3, memoryKib: 65536, parallelism: 4, keyLength: 32, saltLength: 16 };

/** `rules`: how many of them stand before the one that answers. */
export async function startWorld({ rules = 10 } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const port = await freePort();
  const socket = join(dir, 'redis.sock');
  const metrics = await freePort();
  const digests = createDigests();
  const digest = await digests.make(ARGON2, PASSWORD).finally(() => digests.close());
  writeFileSync(join(dir, 'configuration.yml'), configuration({ dir, port, socket, metrics, rules }));
  writeFileSync(join(dir, 'users.yml'), users(digest));
  mkdirSync(join(dir, 'redis'));
  const redis = start(process.env.REDIS_SERVER_PATH ?? 'redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'yes', '--dir', join(dir, 'redis')]);
  const file = ['--config', join(dir, 'configuration.yml')];
  const services = NAMES.map((name) => startService(name, file));
  const base = `http://127.0.0.1:${port}`;
  await until('the gate being ready', async () => (await fetch(`${base}/health/ready`)).status === 200);
  await until('a sign-in', async () => (await signIn(port, 'user0')).status === 200);
  return {
    dir,
    port,
    socket,
    pids: services.map(({ pid }) => pid),
    redisPid: redis.pid,
    processes: [...services, redis],
    signIn: (user, password) => signIn(port, user, password),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

/** As the supervisor runs them (deploy/local/src/services.mjs): small heaps but for the hot path, hashing at a low priority. */
function startService(name, args) {
  const flags = name === 'verify-gateway' ? [] : ['--max-semi-space-size=1', '--v8-pool-size=1'];
  const command = [process.execPath, ...flags, join(root, 'apps', name, 'dist', 'main.js'), ...args];
  return name === 'identity' ? start('nice', ['-n', '10', ...command]) : start(command[0], command.slice(1));
}

function configuration({ dir, port, socket, metrics, rules }) {
  const before = Array.from(
    { length: rules - 1 },
    (_, i) => `    - { domain: 'site${i}.example.com', policy: two_factor, subject: 'group:team${i % 50}' }`,
  );
  return `server: { address: 'tcp://127.0.0.1:${port}/' }
log: { level: error }
telemetry: { metrics: { enabled: true, address: 'tcp://127.0.0.1:${metrics}/metrics' } }
session:
  secret: 'a_bench_secret_of_enough_characters_0123456789'
  expiration: 1h
  inactivity: 30m
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
  redis: { host: '${socket}' }
storage: { encryption_key: 'a_bench_key_of_enough_characters_0123456789', local: { path: '${join(dir, 'db.sqlite3')}' } }
identity_validation: { reset_password: { jwt_secret: 'a_bench_jwt_secret_of_enough_characters_0123456789' } }
notifier: { filesystem: { filename: '${join(dir, 'notification.txt')}' } }
authentication_backend: { file: { path: '${join(dir, 'users.yml')}' } }
regulation: { max_retries: 0 }
access_control:
  default_policy: deny
  rules:
${before.join('\n')}
    - { domain: app.example.com, policy: one_factor }
`;
}

const users = (digest) =>
  `users:\n${Array.from({ length: 32 }, (_, i) => `  user${i}: { displayname: 'User ${i}', password: '${digest}', email: user${i}@example.com, groups: [dev, ops] }`).join('\n')}\n`;

/** One sign-in over the API; the cookie of its answer. */
export function signIn(port, username, password = PASSWORD) {
  const body = JSON.stringify({ username, password, keepMeLoggedIn: false });
  const headers = {
    Host: 'auth.example.com',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-Host': 'auth.example.com',
    'X-Forwarded-For': '203.0.113.9',
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(body),
  };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', path: '/api/firstfactor', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, cookie: (response.headers['set-cookie'] ?? [''])[0].split(';')[0] }));
    });
    request.on('error', reject);
    request.end(body);
  });
}

/** A verify as a proxy of the forward-auth family sends it, with a browser's usual headers. */
export const verifyHead = (host, cookie, path = '/api/authz/forward-auth') => `GET ${path} HTTP/1.1
Host: 127.0.0.1
X-Forwarded-Proto: https
X-Forwarded-Host: ${host}
X-Forwarded-Uri: /some/path?x=1
X-Forwarded-Method: GET
X-Forwarded-For: 203.0.113.7
Accept: text/html,application/xhtml+xml
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36
Cookie: theme=dark; ${cookie}

`;
