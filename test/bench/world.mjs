// The installation that is measured: a private Redis, the four services, people signed in.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { identityAdminContract } from '@portcullis/contracts-identity';
import { sessionContract } from '@portcullis/contracts-session';
import { createDigests } from '@portcullis/platform-digests';
import { createRpcClient, openRpcConnection } from '@portcullis/platform-rpc';
import { generateSync } from 'otplib';
import { freePort, start, until } from './processes.mjs';

const root = join(import.meta.dirname, '..', '..');
const NAMES = ['session', 'identity', 'notifier', 'verify-gateway'];
const RPC_SECRET = 'a_bench_wire_secret_of_enough_characters_0123456789';
const TOTP_SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';
export const PASSWORD = 'Bench-Passw0rd!';
const ARGON2 = { algorithm: 'argon2', variant: 'argon2id', iterations: 3, memoryKib: 65536, parallelism: 4, keyLength: 32, saltLength: 16 };

const LAST_RULES = `    - { domain: two.example.com, policy: two_factor }
    - { domain: open.example.com, policy: bypass }
    - { domain: app.example.com, policy: one_factor }
`;

/** `n` rules that do not decide, of one kind, and those that do behind them. */
export function rulesOf(n, ruleAt = (i) => `{ domain: 'site${i}.example.com', policy: two_factor, subject: 'group:team${i % 50}' }`) {
  const before = Array.from({ length: Math.max(0, n - 3) }, (_, i) => `    - ${ruleAt(i)}\n`);
  return `access_control:\n  default_policy: deny\n  rules:\n${before.join('')}${LAST_RULES}`;
}

/** `rules`: how many of them there are; `redis`: another socket or port in place of its own server. */
export async function startWorld({ rules = 10 } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-bench-'));
  const port = await freePort();
  const socket = join(dir, 'redis.sock');
  const metrics = await freePort();
  const digests = createDigests();
  const digest = await digests.make(ARGON2, PASSWORD).finally(() => digests.close());
  const files = { rules: join(dir, 'rules.yml'), users: join(dir, 'users.yml'), configuration: join(dir, 'configuration.yml') };
  writeFileSync(files.configuration, configuration({ dir, port, socket, metrics }));
  writeFileSync(files.rules, rulesOf(rules));
  writeFileSync(files.users, users(digest));
  mkdirSync(join(dir, 'redis'));
  const redisArgs = ['--port', '0', '--unixsocket', socket, '--save', '', '--appendonly', 'yes', '--dir', join(dir, 'redis')];
  const redis = start(process.env.REDIS_SERVER_PATH ?? 'redis-server', redisArgs);
  const args = ['--config', files.configuration, '--config', files.rules];
  const startedAt = performance.now();
  const services = NAMES.map((name) => startService(name, args));
  const base = `http://127.0.0.1:${port}`;
  await until('the gate being ready', async () => (await fetch(`${base}/health/ready`)).status === 200);
  const readyMs = performance.now() - startedAt;
  await until('a sign-in', async () => (await signIn(port, 'user0')).status === 200);
  return {
    dir,
    port,
    socket,
    args,
    readyMs,
    pids: services.map(({ pid }) => pid),
    pidsByName: Object.fromEntries(services.map(({ pid }, i) => [NAMES[i], pid])),
    gatewayPid: services.at(-1).pid,
    redisPid: redis.pid,
    processes: [...services, redis],
    signIn: (user) => signedIn(port, user),
    signInTwice: (user) => signInTwice(port, args, user),
    writeRules: (text) => writeRules(files.rules, text, metrics),
    writeUsers: (groups, disabled) => writeFileSync(files.users, users(digest, groups, disabled)),
    addGateway: (flags) => addGateway(args, flags),
    sessions: () => openSessions(socket),
    admin: () => openAdmin(socket),
    remove: () => rmSync(dir, { recursive: true, force: true }),
  };
}

export async function stopWorld(world, stop) {
  for (const child of world.processes) await stop(child);
  world.remove();
}

/** As the supervisor runs them (deploy/local/src/services.mjs): small heaps but for the hot path, hashing at a low priority. */
function startService(name, args, env = {}, more = []) {
  const flags = name === 'verify-gateway' ? more : ['--max-semi-space-size=1', '--v8-pool-size=1'];
  const command = [process.execPath, ...flags, join(root, 'apps', name, 'dist', 'main.js'), ...args];
  return name === 'identity' ? start('nice', ['-n', '10', ...command], { env }) : start(command[0], command.slice(1), { env });
}

/** One more gateway on the same Redis; `flags` for its Node. */
async function addGateway(args, flags) {
  const port = await freePort();
  const env = {
    PORTCULLIS_SERVER_ADDRESS: `tcp://127.0.0.1:${port}/`,
    PORTCULLIS_TELEMETRY_METRICS_ADDRESS: `tcp://127.0.0.1:${await freePort()}/metrics`,
  };
  const child = startService('verify-gateway', args, env, flags);
  await until('one more gate being ready', async () => (await fetch(`http://127.0.0.1:${port}/health/ready`)).status === 200);
  return { port, child };
}

/** Saves other rules and waits until the gate has taken them. */
async function writeRules(file, text, metrics) {
  const hash = async () =>
    /portcullis_configuration_info\{[^}]*hash="([^"]+)"/.exec(await (await fetch(`http://127.0.0.1:${metrics}/metrics`)).text())?.[1];
  const before = await hash();
  writeFileSync(file, text);
  await until('the other rules being in force', async () => (await hash()) !== before);
}

function openWire(socket, service) {
  const redis = { host: '', port: 6379, path: socket, database: 0, timeoutMs: 5000 };
  return openRpcConnection({ redis, secrets: [RPC_SECRET], prefix: 'portcullis:', service, onEvent: () => {} });
}

/** What the command line asks of identity, without the start of a process. */
function openAdmin(socket) {
  const rpc = openWire(socket, 'cli');
  return { identity: createRpcClient(identityAdminContract, rpc), close: () => rpc.close() };
}

/** Sessions made without a sign-in, by the wire itself: thousands a second. */
function openSessions(socket) {
  const rpc = openWire(socket, 'verify-gateway');
  const session = createRpcClient(sessionContract, rpc);
  const device = { ip: '203.0.113.9', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36' };
  const create = (i) => {
    const profile = { username: `someone${i}`, displayName: `Someone ${i}`, emails: [`someone${i}@example.com`], groups: ['dev', 'ops'] };
    return session.create({ profile, domain: 'example.com', remember: false, device, replaces: null });
  };
  return { session, create, close: () => rpc.close() };
}

const configuration = ({ dir, port, socket, metrics }) => `server: { address: 'tcp://127.0.0.1:${port}/' }
log: { level: error }
telemetry: { metrics: { enabled: true, address: 'tcp://127.0.0.1:${metrics}/metrics' } }
rpc: { secret: '${RPC_SECRET}' }
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
`;

/** user0 carries `groups`, and may be disabled. */
const users = (digest, groups = ['dev', 'ops'], disabled = false) =>
  `users:\n${Array.from({ length: 32 }, (_, i) => `  user${i}: { disabled: ${i === 0 && disabled}, displayname: 'User ${i}', password: '${digest}', email: user${i}@example.com, groups: [${(i === 0 ? groups : ['dev', 'ops']).join(', ')}] }`).join('\n')}\n`;

const PORTAL = { Host: 'auth.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com', 'X-Forwarded-For': '203.0.113.9' };

function post(port, path, body, headers = {}) {
  const text = JSON.stringify(body);
  const sent = { ...PORTAL, 'Content-Type': 'application/json', 'Content-Length': Buffer.byteLength(text), ...headers };
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, method: 'POST', path, headers: sent }, (response) => {
      response.resume();
      response.on('end', () => resolve({ status: response.statusCode, cookie: (response.headers['set-cookie'] ?? [''])[0].split(';')[0] }));
    });
    request.on('error', reject);
    request.end(text);
  });
}

let visitors = 0;
/** Another each time, for a gate looks at eight passwords of one address together; of one network, so that nobody is mailed of a new device. */
const ownAddress = () => `203.0.113.${1 + (visitors++ % 254)}`;

/** One sign-in over the API; the cookie of its answer. */
export const signIn = (port, username, password = PASSWORD) =>
  post(port, '/api/firstfactor', { username, password, keepMeLoggedIn: false }, { 'X-Forwarded-For': ownAddress() });

async function signedIn(port, username) {
  const answer = await signIn(port, username);
  if (answer.status !== 200) throw new Error(`the sign-in of ${username} was answered ${answer.status}`);
  return answer;
}

/** With a second factor, given to the person by the command line. */
async function signInTwice(port, args, username) {
  const cli = join(root, 'apps', 'cli', 'bin', 'portcullis.mjs');
  const given = start(process.execPath, [cli, 'storage', 'user', 'totp', 'generate', username, '--secret', TOTP_SECRET, '--force', ...args]);
  await new Promise((resolve, reject) => given.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(given.output)))));
  const first = await signIn(port, username);
  const second = await post(port, '/api/secondfactor/totp', { token: generateSync({ secret: TOTP_SECRET }) }, { Cookie: first.cookie });
  if (second.status !== 200) throw new Error(`the second factor was answered ${second.status}`);
  return second;
}

/** A verify as a proxy of the forward-auth family sends it, with a browser's usual headers. */
export const verifyHead = (host, cookie, more = '') => `GET /api/authz/forward-auth HTTP/1.1
Host: 127.0.0.1
X-Forwarded-Proto: https
X-Forwarded-Host: ${host}
X-Forwarded-Uri: /some/path?x=1
X-Forwarded-Method: GET
X-Forwarded-For: 203.0.113.7
Accept: text/html,application/xhtml+xml
User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36
Cookie: theme=dark${cookie === '' ? '' : `; ${cookie}`}
${more}
`;

/** One verify over fetch's pool; its status. */
export const verifyOnce = (port, cookie, host = 'app.example.com') =>
  fetch(`http://127.0.0.1:${port}/api/authz/forward-auth`, {
    redirect: 'manual',
    headers: {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': host,
      'X-Forwarded-Uri': '/',
      'X-Forwarded-Method': 'GET',
      Accept: 'text/html',
      Cookie: cookie,
    },
  }).then(async (response) => {
    await response.arrayBuffer();
    return response.status;
  });
