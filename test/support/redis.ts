import { Redis } from 'ioredis';
import { join } from 'node:path';
import { needs } from './config.js';
import { freePort } from './free-port.js';
import { keepAtEnd } from './lifetime.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export interface RedisOptions {
  readonly password?: string;
  /** Who the harness is, where `args` name an `--aclfile` that turns the default user off. */
  readonly user?: RedisUser;
  /** Listen on a unix socket and no port; `settings.host` is its path. */
  readonly unix?: boolean;
  /** Survive kill and restart. */
  readonly appendonly?: boolean;
  /** More directives, e.g. `['--maxmemory', '4mb']`. */
  readonly args?: readonly string[];
}

export interface RedisUser {
  readonly username: string;
  readonly password: string;
}

/** As `session.redis` of a configuration wants it. */
export interface RedisSettings {
  readonly host: string;
  readonly port?: number;
  readonly password?: string;
}

export interface RunningRedis {
  readonly settings: RedisSettings;
  /** undefined on a unix socket. */
  readonly port: number | undefined;
  /** undefined on a port. */
  readonly socket: string | undefined;
  logs(): string;
  /** Runs one command on a connection of its own, e.g. `cli('GET', 'key')`. */
  cli(...command: readonly [string, ...(string | number)[]]): Promise<unknown>;
  flushall(): Promise<void>;
  /** Crash: nothing is saved, connections break. */
  kill(): Promise<void>;
  /** Frozen: connections stay, nothing answers. */
  pause(): void;
  resume(): void;
  /** Ends it if it still runs and starts it again in the same place. */
  restart(): Promise<void>;
}

async function call(settings: RedisSettings & Partial<RedisUser>, command: readonly [string, ...(string | number)[]]): Promise<unknown> {
  const { host, port, username, password } = settings;
  const address = port === undefined ? { path: host } : { host, port };
  const client = new Redis({
    ...address,
    ...(username === undefined ? {} : { username }),
    ...(password === undefined ? {} : { password }),
    commandTimeout: 3000,
    retryStrategy: () => null,
  });
  client.on('error', () => undefined);
  try {
    return await client.call(...command);
  } finally {
    client.disconnect();
  }
}

/** A real Redis (or Valkey) in a directory of its own, on a free port or a unix socket. */
export async function startRedis(options: RedisOptions = {}): Promise<RunningRedis> {
  const { password, unix = false, appendonly = false, args = [] } = options;
  const dir = tempDir('redis');
  const atEnd = keepAtEnd();
  const port = unix ? undefined : await freePort();
  const socket = unix ? join(dir, 'redis.sock') : undefined;
  const settings: RedisSettings = {
    host: socket ?? '127.0.0.1',
    ...(port === undefined ? {} : { port }),
    ...(password === undefined ? {} : { password }),
  };
  const harness = { ...settings, ...options.user };
  const directives = [
    ...['--dir', dir, '--bind', '127.0.0.1', '--port', String(port ?? 0), '--save', '', '--maxmemory-policy', 'noeviction'],
    ...(socket === undefined ? [] : ['--unixsocket', socket, '--unixsocketperm', '600']),
    ...(password === undefined ? [] : ['--requirepass', password]),
    ...(appendonly ? ['--appendonly', 'yes', '--appendfsync', 'always'] : []),
    ...args,
  ];
  const start = (): Promise<RunningProcess> =>
    startProcess(needs('redis'), directives, { name: 'redis', atEnd, ready: async () => (await call(harness, ['PING'])) === 'PONG' });
  let running = await start();
  return {
    settings,
    port,
    socket,
    logs: () => running.logs(),
    cli: (...command) => call(harness, command),
    flushall: async () => {
      await call(harness, ['FLUSHALL']);
    },
    kill: async () => {
      await running.kill();
    },
    pause: () => {
      running.signal('SIGSTOP');
    },
    resume: () => {
      running.signal('SIGCONT');
    },
    restart: async () => {
      running.signal('SIGCONT');
      await running.stop();
      running = await start();
    },
  };
}
