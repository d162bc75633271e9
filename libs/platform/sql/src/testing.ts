/** Real stores for integration tests: a file, or a schema of a private PostgreSQL that ends with this process. Not for production code. */
import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  globSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { delimiter, join } from 'node:path';
import { Client } from 'pg';
import { advisoryLock } from './advisory-locks.js';
import { MIGRATIONS_TABLE } from './look.js';
import type { StoreLocation } from './open-store.js';
import type { PostgresSettings } from './postgres-settings.js';

export interface PostgresServer {
  /** Its administrator, through the unix socket; a schema that is not there yet. */
  readonly settings: PostgresSettings;
  readonly port: number;
  /** The administrator's, wanted on the port alone. */
  readonly password: string;
  /** Runs statements as the administrator, in the settings' database or another. */
  query(text: string, database?: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** kill -9 of all there is of it. */
  crash(): Promise<void>;
  /** SIGSTOP: connections stay open and nobody answers. */
  freeze(): void;
  thaw(): void;
  /** Starts it again in the same place, with what was kept. */
  restart(): Promise<void>;
  /** Ends it for good and removes its directory. */
  stop(): Promise<void>;
}

const ADMINISTRATOR = 'keeper';
/** PostgreSQL refuses to run as root: then it is nobody, who may still reach what lies in root's folders. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const AS_NOBODY = [`--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--inh-caps=+dac_override', '--ambient-caps=+dac_override'];

/** Debian keeps the programs of each version in a directory of their own. */
const folders = (): readonly string[] => [...(process.env['PATH'] ?? '').split(delimiter), ...globSync('/usr/lib/postgresql/*/bin').sort().reverse()];

/** The directory with `postgres` and `initdb`; undefined where there is none. */
export const postgresPrograms = (): string | undefined =>
  folders().find((folder) => ['postgres', 'initdb'].every((name) => isExecutable(join(folder, name))));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Without PostgreSQL its half of the suites is left out; where CI is set it fails. */
export const STORE_KINDS: readonly StoreLocation['kind'][] =
  postgresPrograms() === undefined && (process.env['CI'] ?? '') === '' ? ['sqlite'] : ['sqlite', 'postgres'];

/** The place of a store that nobody has used yet. A file lies in `directory`; a schema is of the one server of this process. */
export async function newLocation(kind: StoreLocation['kind'], directory: string): Promise<StoreLocation> {
  if (kind === 'sqlite') return { kind, path: join(directory, 'store.sqlite3') };
  shared ??= startPostgresServer();
  const { settings } = await shared;
  return { kind, ...settings, schema: `store_${randomBytes(6).toString('hex')}` };
}

let shared: Promise<PostgresServer> | undefined;
const made: string[] = [];

/** The same, for suites whose stores all have the same tables: a schema that nobody has open any more is emptied and given again, with what `refill` puts in. */
export async function recycledLocation(kind: StoreLocation['kind'], directory: string, refill = ''): Promise<StoreLocation> {
  if (kind === 'sqlite') return newLocation(kind, directory);
  const server = await sharedServer();
  for (const schema of made) {
    const [free] = await server.query(`select pg_try_advisory_lock(${advisoryLock('presence', schema).join(', ')}) as alone`);
    if (free?.['alone'] !== true) continue;
    await server.query(`do $$ declare name text; begin
      for name in select tablename from pg_tables where schemaname = '${schema}' and tablename <> '${MIGRATIONS_TABLE}' loop
        execute format('delete from %I.%I', '${schema}', name);
      end loop;
      for name in select sequencename from pg_sequences where schemaname = '${schema}' loop
        execute format('alter sequence %I.%I restart', '${schema}', name);
      end loop;
    end $$; set search_path to ${schema}; ${refill}`);
    return { kind, ...server.settings, schema };
  }
  const location = await newLocation(kind, directory);
  if (location.kind === 'postgres') made.push(location.schema);
  return location;
}

/** The server behind `newLocation`. */
export async function sharedServer(): Promise<PostgresServer> {
  shared ??= startPostgresServer();
  return shared;
}

/** For `afterAll`: ends the server behind `newLocation`, if it was ever needed. */
export async function stopSharedServer(): Promise<void> {
  const running = shared;
  shared = undefined;
  made.length = 0;
  await (await running)?.stop();
}

export interface PostgresServerOptions {
  /** PEM: the server takes TLS on its port, and nothing else. */
  readonly tls?: { readonly cert: string; readonly key: string };
}

/** Throws where PostgreSQL is not installed. */
export async function startPostgresServer({ tls }: PostgresServerOptions = {}): Promise<PostgresServer> {
  const programs = postgresPrograms();
  if (programs === undefined) throw new Error('there is no PostgreSQL (apt-get install postgresql-15)');
  const directory = mkdtempSync(join(tmpdir(), 'pg-'));
  const data = join(directory, 'data');
  execFileSync('cp', ['-a', templateOf(programs), data]);
  if (isRoot) chownSync(directory, NOBODY, NOBODY);
  if (tls !== undefined) writeTls(data, tls);
  const port = await freePort();
  const settings: PostgresSettings = { host: directory, port, database: 'postgres', schema: 'portcullis', username: ADMINISTRATOR, timeoutMs: 5000 };
  const configuration = [
    ...['fsync=off', 'full_page_writes=off', 'autovacuum=off', 'shared_buffers=16MB', 'max_connections=200'],
    ...['dynamic_shared_memory_type=mmap', 'listen_addresses=127.0.0.1', `port=${port}`, `unix_socket_directories=${directory}`],
    ...(tls === undefined ? [] : ['ssl=on', 'ssl_cert_file=server.crt', 'ssl_key_file=server.key']),
  ].flatMap((setting) => ['-c', setting]);
  const start = async (): Promise<ChildProcess> => {
    // Not in our process group: Ctrl-C is for us, and it ends with us.
    const child = spawn(...leashed(join(programs, 'postgres'), ['-D', data, ...configuration]), { stdio: 'ignore', detached: true });
    const atExit = (): void => {
      signal(child, 'SIGKILL');
    };
    process.once('exit', atExit);
    child.once('exit', () => process.off('exit', atExit));
    await untilItAnswers(settings, child);
    return child;
  };

  let child = await start();
  const end = async (name: NodeJS.Signals): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const exit = once(child, 'exit');
    signal(child, name);
    await exit;
  };
  return {
    settings,
    port,
    password: PASSWORD,
    query: (text, database = settings.database) => ask({ ...settings, database }, text),
    crash: () => end('SIGKILL'),
    freeze: () => {
      signal(child, 'SIGSTOP');
    },
    thaw: () => {
      signal(child, 'SIGCONT');
    },
    restart: async () => {
      await end('SIGKILL');
      rmSync(join(data, 'postmaster.pid'), { force: true });
      child = await start();
    },
    stop: async () => {
      await end('SIGKILL');
      rmSync(directory, { recursive: true, force: true });
    },
  };
}

const PASSWORD = 'the password of the administrator';

function writeTls(data: string, { cert, key }: { readonly cert: string; readonly key: string }): void {
  const files = { 'server.crt': cert, 'server.key': key, 'pg_hba.conf': 'local all all trust\nhostssl all all 127.0.0.1/32 scram-sha-256\n' };
  for (const [name, text] of Object.entries(files)) {
    const file = join(data, name);
    writeFileSync(file, text, { mode: 0o600 });
    chmodSync(file, 0o600);
    if (isRoot) chownSync(file, NOBODY, NOBODY);
  }
}

/** A data directory as `initdb` makes it, kept for the next: making it takes a second, copying it a moment. */
function templateOf(programs: string): string {
  const version = spawnSync(join(programs, 'postgres'), ['--version'])
    .stdout.toString()
    .replaceAll(/[^0-9.]+/gu, '-');
  const template = join(tmpdir(), `portcullis-pg${version}${userInfo().uid}`);
  if (existsSync(join(template, 'PG_VERSION'))) return template;
  const making = mkdtempSync(join(tmpdir(), 'pg-template-'));
  if (isRoot) chownSync(making, NOBODY, NOBODY);
  const data = join(making, 'data');
  const options = [
    '--no-sync',
    '--no-instructions',
    '-E',
    'UTF8',
    '--no-locale',
    '-U',
    ADMINISTRATOR,
    '--auth-local=trust',
    '--auth-host=scram-sha-256',
  ];
  const password = join(making, 'password');
  writeFileSync(password, PASSWORD);
  execFileSync(...leashed(join(programs, 'initdb'), ['-D', data, ...options, `--pwfile=${password}`]), { stdio: ['ignore', 'ignore', 'inherit'] });
  try {
    renameSync(data, template);
  } catch {
    // Another process was quicker.
  }
  rmSync(making, { recursive: true, force: true });
  return template;
}

/** Ended with us, whatever ends us. */
function leashed(program: string, args: readonly string[]): [string, string[]] {
  if (spawnSync('setpriv', ['--version']).error !== undefined) return [program, [...args]];
  return ['setpriv', [...(isRoot ? AS_NOBODY : []), '--pdeathsig=KILL', '--', program, ...args]];
}

function signal(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  // Each of its children has a group of its own: they are told one by one.
  const list = `/proc/${child.pid}/task/${child.pid}/children`;
  const children = existsSync(list) ? readFileSync(list, 'utf8').split(' ').filter(Boolean).map(Number) : [];
  for (const pid of [child.pid, ...children]) {
    try {
      process.kill(pid, name);
    } catch {
      // It has ended meanwhile.
    }
  }
}

async function ask(settings: PostgresSettings, text: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const { host, port, database, username } = settings;
  const client = new Client({ host, port, database, user: username, password: '' });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query<Record<string, unknown>>(text);
    return result.rows;
  } finally {
    await client.end();
  }
}

async function untilItAnswers(settings: PostgresSettings, child: ChildProcess): Promise<void> {
  const end = performance.now() + 15_000;
  for (;;) {
    try {
      await ask(settings, 'select 1');
      return;
    } catch (error) {
      if (child.exitCode !== null || performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
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
