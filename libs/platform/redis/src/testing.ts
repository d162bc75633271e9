/** A real Redis for integration tests: private, on a unix socket and a port of its own, ended by its pid. Not for production code. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectRedis, waitUntilReady } from './connect-redis.js';
import type { RedisSettings } from './settings.js';

const BINARY = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version']).error === undefined);

export interface RedisServerOptions {
  readonly password?: string;
  /** Extra lines of configuration: `['--maxmemory', '10mb']`. */
  readonly args?: readonly string[];
}

export interface RedisServer {
  /** Through the unix socket. */
  readonly settings: RedisSettings;
  readonly port: number;
  /** kill -9: nothing is said goodbye. */
  crash(): Promise<void>;
  /** SIGSTOP: connections stay open and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Starts it again, empty, in the same place. */
  restart(): Promise<void>;
  /** Ends it for good and removes its directory. */
  stop(): Promise<void>;
}

/** Throws where neither redis-server nor valkey-server is installed. */
export async function startRedisServer({ password, args = [] }: RedisServerOptions = {}): Promise<RedisServer> {
  if (BINARY === undefined) throw new Error('neither redis-server nor valkey-server is on PATH (apt-get install redis-server)');
  const directory = mkdtempSync(join(tmpdir(), 'redis-'));
  const path = join(directory, 'redis.sock');
  const port = await freePort();
  const settings: RedisSettings = { host: '127.0.0.1', port, path, password, database: 0, timeoutMs: 2000 };
  const line = ['--port', String(port), '--bind', '127.0.0.1', '--unixsocket', path, '--dir', directory, '--save', '', '--appendonly', 'no'];
  if (password !== undefined) line.push('--requirepass', password);
  const start = async (): Promise<ChildProcess> => {
    const child = spawn(BINARY, [...line, ...args], { stdio: 'ignore' });
    const atExit = (): boolean => child.kill('SIGKILL');
    process.once('exit', atExit);
    child.once('exit', () => process.off('exit', atExit));
    await untilItAnswers(settings);
    return child;
  };

  let child = await start();
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    child.kill(signal);
    await exit;
  };
  return {
    settings,
    port,
    crash: () => end('SIGKILL'),
    freeze: () => child.kill('SIGSTOP'),
    thaw: () => child.kill('SIGCONT'),
    restart: async () => {
      await end('SIGKILL');
      child = await start();
    },
    stop: async () => {
      await end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

async function untilItAnswers(settings: RedisSettings): Promise<void> {
  const redis = connectRedis(settings, { name: 'testing', role: 'commands' });
  await waitUntilReady(redis, 10_000).finally(() => {
    redis.disconnect();
  });
}

/** A port of 127.0.0.1 that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const PAUSE_MS = 5;

/** Asks again until the answer is truthy, and throws `what` after deadlineMs. */
export async function eventually<T>(what: string, ask: () => T | Promise<T>, deadlineMs = 10_000): Promise<NonNullable<T>> {
  const end = performance.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (performance.now() > end) throw new Error(`never happened: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
