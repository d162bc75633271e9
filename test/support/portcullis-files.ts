import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, stringify } from 'yaml';
import type { RedisSettings } from './redis.js';

export interface Places {
  readonly dir: string;
  /** Of the gateway. */
  readonly port: number;
  /** Metrics and health of the gateway; identity, session and notifier have the next three. */
  readonly managementPort: number;
  readonly redis: RedisSettings | undefined;
}

export interface WrittenFiles {
  readonly configFile: string;
  readonly usersFile: string;
  readonly mailFile: string;
  /** The path of `server.address`, e.g. `/authelia`; empty for the root. */
  readonly prefix: string;
}

type Section = Record<string, unknown>;

const isSection = (value: unknown): value is Section => typeof value === 'object' && value !== null && !Array.isArray(value);

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** The section of that name, made where there is none, so that a key can be set in it. */
function section(parent: Section, name: string): Section {
  const given = parent[name];
  const found = isSection(given) ? given : {};
  parent[name] = found;
  return found;
}

function placeholders(text: string, { dir, port, redis }: Places): string {
  return text
    .replaceAll('@DIR@', dir)
    .replaceAll('@PORT@', String(port))
    .replaceAll('@REDIS_PORT@', String(redis?.port ?? 0));
}

/** Sets the listener and returns the path it had, in the old spelling where the file uses that. */
function setListener(config: Section, port: number): string {
  const server = section(config, 'server');
  if ('port' in server || 'host' in server) {
    Object.assign(server, { host: '127.0.0.1', port });
    return textOf(server['path_prefix'] ?? server['path']).replace(/\/+$/, '');
  }
  const path = /^[^:]+:\/\/[^/]*(\/[^?]*)/.exec(textOf(server['address']))?.[1] ?? '/';
  server['address'] = `tcp://127.0.0.1:${port}${path}`;
  return path.replace(/\/+$/, '');
}

/** A configuration with its ports, paths and Redis set for this run, and the secrets it lacks. What it says about anything else stays. */
export function fillConfiguration(given: string | object, places: Places): { readonly config: Section; readonly prefix: string } {
  const { dir, port, managementPort, redis } = places;
  const parsed: unknown = typeof given === 'string' ? parse(placeholders(given, places)) : structuredClone(given);
  const config = isSection(parsed) ? parsed : {};
  const prefix = setListener(config, port);
  const metrics = section(section(config, 'telemetry'), 'metrics');
  metrics['enabled'] ??= true;
  metrics['address'] = `tcp://127.0.0.1:${managementPort}/metrics`;
  const backend = section(config, 'authentication_backend');
  if (!('sql' in backend)) section(backend, 'file')['path'] = join(dir, 'users_database.yml');
  const session = section(config, 'session');
  session['secret'] ??= 'a_session_secret_for_the_tests_0123456789abcdefghijklmnopqrstuvwx';
  if (redis) Object.assign(section(session, 'redis'), redis);
  const storage = section(config, 'storage');
  storage['encryption_key'] ??= 'an_encryption_key_for_the_tests_0123456789abcdefghijklmnopqrstuvw';
  if (!('postgres' in storage || 'mysql' in storage)) section(storage, 'local')['path'] = join(dir, 'db.sqlite3');
  if (!('jwt_secret' in config)) {
    section(section(config, 'identity_validation'), 'reset_password')['jwt_secret'] ??=
      'a_jwt_secret_for_the_tests_0123456789abcdefghijklmnopqrstuvwxyz01';
  }
  const notifier = section(config, 'notifier');
  if (!('smtp' in notifier)) section(notifier, 'filesystem')['filename'] = join(dir, 'notification.txt');
  return { config, prefix };
}

export interface FilesOptions {
  readonly config: string | object;
  readonly users: string;
  /** `portcullis.yml` beside the configuration: our own keys. */
  readonly overlay?: string | object | undefined;
}

export function writePortcullisFiles({ config: given, users, overlay }: FilesOptions, places: Places): WrittenFiles {
  const { dir } = places;
  const { config, prefix } = fillConfiguration(given, places);
  const write = (name: string, text: string): string => {
    mkdirSync(dir, { recursive: true });
    writeFileSync(join(dir, name), text, { mode: 0o600 });
    return join(dir, name);
  };
  if (overlay !== undefined) write('portcullis.yml', typeof overlay === 'string' ? placeholders(overlay, places) : stringify(overlay));
  return {
    configFile: write('configuration.yml', stringify(config)),
    usersFile: write('users_database.yml', users),
    mailFile: join(dir, 'notification.txt'),
    prefix,
  };
}
