import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { sessionContract } from '@portcullis/contracts-session';
import { connectRedis, waitUntilReady } from '@portcullis/platform-redis';
import { eventually, startRedisServer, type RedisServer } from '@portcullis/platform-redis/testing';
import { createRpcClient, openRpcConnection, type Client, type RpcConnection } from '@portcullis/platform-rpc';
import { deriveSecret } from '@portcullis/platform-seal';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { DEVICE, KEYS, profileOf } from './session-world.fixture.js';

const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789';

let directory: string;
const running: Service[] = [];
beforeEach(() => {
  if (!existsSync(MAIN)) throw new Error('the service is not built: nx run @portcullis/session:build');
  directory = mkdtempSync(join(tmpdir(), 'session-service-'));
});
afterEach(async () => {
  for (const service of running.splice(0)) await service.kill();
  rmSync(directory, { recursive: true, force: true });
});

/** The process as an operator starts it. */
class Service {
  #said = '';
  readonly #exit: Promise<number | null>;
  private constructor(
    readonly child: ChildProcessByStdio<Writable, Readable, Readable>,
    readonly managementPort: number,
  ) {
    this.#exit = once(child, 'exit').then(([code]) => code as number | null);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        this.#said += chunk.toString();
      });
  }

  static start(
    redis: RedisServer | null,
    { extra = '', env = {} }: { readonly extra?: string; readonly env?: Record<string, string> } = {},
  ): Service {
    // Below the ports that the system gives to outgoing connections and to whoever asks for a free one.
    const managementPort = randomInt(12_000, 32_000);
    const file = join(directory, 'configuration.yml');
    writeFileSync(file, configuration(redis, managementPort) + extra);
    const child = spawn(process.execPath, [MAIN, '--config', file], { stdio: ['pipe', 'pipe', 'pipe'], env: { TZ: 'UTC', ...env } });
    const service = new Service(child, managementPort);
    running.push(service);
    return service;
  }

  get said(): string {
    return this.#said;
  }
  async get(path: string): Promise<string> {
    const reply = await fetch(`http://127.0.0.1:${this.managementPort}${path}`);
    return `${reply.status} ${await reply.text()}`;
  }
  async isReady(): Promise<boolean> {
    return this.get('/health/ready').then(
      (answer) => answer.startsWith('200'),
      () => false,
    );
  }
  async untilReady(): Promise<void> {
    await eventually('the service is ready', () => this.child.exitCode !== null || this.isReady(), 30_000).catch(() => undefined);
    if (!(await this.isReady())) throw new Error(`the service is not ready; it said:\n${this.#said}`);
  }
  exitCode(): Promise<number | null> {
    return this.#exit;
  }
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.#exit;
  }
}

const configuration = (redis: RedisServer | null, managementPort: number): string => `
session:
  secret: ${SECRET}
  cookies:
    - domain: example.com
      authelia_url: https://auth.example.com
${redis === null ? '' : `  redis:\n    host: ${redis.settings.path}\n`}
storage:
  encryption_key: ${SECRET}
  local:
    path: ${join(directory, 'db.sqlite3')}
telemetry:
  metrics:
    session_address: tcp://127.0.0.1:${managementPort}/metrics
`;

describe('with a Redis', { timeout: 60_000 }, () => {
  let redis: RedisServer;
  let connection: RpcConnection;
  let session: Client<typeof sessionContract>;
  beforeEach(async () => {
    redis = await startRedisServer({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
    const secrets = [deriveSecret(SECRET, 'rpc')];
    connection = openRpcConnection({
      redis: redis.settings,
      secrets,
      prefix: DEFAULT_KEY_PREFIX,
      service: 'verify-gateway',
      onEvent: () => undefined,
    });
    session = createRpcClient(sessionContract, connection);
  });
  afterEach(async () => {
    connection.close();
    await redis.stop();
  });

  const signIn = async (username: string, replaces: string | null = null): Promise<string> => {
    const created = await session.create({ profile: profileOf(username), domain: 'example.com', remember: false, device: DEVICE, replaces });
    if (created.outcome !== 'created') throw new Error(created.outcome);
    return created.id;
  };
  const outcomeOf = async (id: string): Promise<string> => (await session.read({ id })).outcome;

  it('carries a sign-in from its password to its end, and counts it', async () => {
    const service = Service.start(redis);
    await service.untilReady();
    const id = await signIn('alice');
    const raised = await session.raise({ id, factor: 'totp' });
    if (raised.outcome !== 'rotated') throw new Error(raised.outcome);
    expect(await session.list({ username: 'alice', limit: 10 })).toMatchObject({ sessions: [{ level: 2, domain: 'example.com' }] });
    expect(await session.end({ id: raised.id, reason: 'logout' })).toEqual({ outcome: 'ended', existed: true });
    expect([await outcomeOf(id), await outcomeOf(raised.id)]).toEqual(['gone', 'gone']);

    const metrics = await service.get('/metrics');
    for (const line of [
      'portcullis_sessions_created_total 1',
      'portcullis_sessions_ended_total{reason="logout"} 1',
      'portcullis_session_epoch_current 1',
      'portcullis_session_operation_seconds_count{operation="raise",outcome="answered"} 1',
    ])
      expect(metrics).toContain(line);
    expect(existsSync(join(directory, 'db.sessions.sqlite3'))).toBe(true);
    for (const opener of [id, raised.id]) expect(service.said).not.toContain(opener);
  });

  it('says that it is not ready while Redis is away, and keeps the living and the dead apart when it is back', async () => {
    const service = Service.start(redis);
    await service.untilReady();
    const [alive, dead] = [await signIn('alice'), await signIn('bob')];
    await session.end({ id: dead, reason: 'logout' });
    await redis.crash();
    await eventually('it says so', async () => (await service.get('/health/ready')).startsWith('503'));
    expect(await service.get('/health/live')).toMatch(/^200/);
    await redis.restart();
    await service.untilReady();
    await connection.ready(10_000);
    await eventually('requests are answered', () => outcomeOf(alive).catch(() => null));
    expect([await outcomeOf(alive), await outcomeOf(dead)]).toEqual(['live', 'gone']);
  });

  it('waits for a Redis that comes after it', async () => {
    await redis.crash();
    const service = Service.start(redis);
    await eventually('it lives', () => service.get('/health/live').catch(() => null), 30_000);
    expect(await service.isReady()).toBe(false);
    await redis.restart();
    await service.untilReady();
    const commands = connectRedis(redis.settings, { name: 'test', role: 'commands' });
    await waitUntilReady(commands, 10_000);
    expect(await commands.get(KEYS.epoch)).toBe(/^run_id:(\w+)/m.exec(await commands.info('server'))?.[1]);
    commands.disconnect();
  });

  it('answers what it has taken and ends with 0 when it is told to', async () => {
    const service = Service.start(redis);
    await service.untilReady();
    const asked = Array.from({ length: 100 }, () => signIn('alice'));
    await Promise.race(asked);
    service.child.kill('SIGTERM');
    const settled = await Promise.allSettled(asked);
    // Not taken: nothing was done. Any other fault would be one that was taken and never answered.
    const faults = settled.flatMap((each) => (each.status === 'rejected' ? [String((each.reason as { code?: string }).code)] : []));
    const unanswered = faults.filter((code) => code !== 'RPC_NO_REPLICA');
    expect({ unanswered, exit: await service.exitCode() }, service.said).toEqual({ unanswered: [], exit: 0 });
    await expect(session.list({ username: null, limit: 1 })).rejects.toMatchObject({ code: 'RPC_NO_REPLICA' });
  });

  it('ends with its supervisor', async () => {
    const service = Service.start(redis, { env: { PORTCULLIS_SUPERVISED: '1' } });
    await service.untilReady();
    service.child.stdin.destroy();
    expect(await service.exitCode()).toBe(0);
  });

  it('refuses a Redis that would throw sessions away', async () => {
    const commands = connectRedis(redis.settings, { name: 'test', role: 'commands' });
    await waitUntilReady(commands, 10_000);
    await commands.config('SET', 'maxmemory', '100mb');
    await commands.config('SET', 'maxmemory-policy', 'allkeys-lru');
    commands.disconnect();
    const service = Service.start(redis);
    expect(await service.exitCode()).toBe(1);
    expect(service.said).toContain('maxmemory-policy is allkeys-lru');
  });
});

describe('without what it needs', { timeout: 60_000 }, () => {
  it('says that it needs a Redis, and stops', async () => {
    const service = Service.start(null);
    expect(await service.exitCode()).toBe(1);
    expect(service.said).toContain('session.redis is not configured');
  });

  it('names all that is wrong with a configuration, once, and stops', async () => {
    const service = Service.start(null, { extra: 'sesion: {}\nserver:\n  adress: x\n' });
    expect(await service.exitCode()).toBe(1);
    for (const place of [/configuration\.yml:\d+ {2}sesion\n/g, /configuration\.yml:\d+ {2}server\.adress\n/g])
      expect(service.said.match(place)).toHaveLength(1);
  });
});
