import { z } from 'zod';
import { hasContent } from './check-states.js';
import { address, durationMs, positive, SECOND_MS, text, tls, type RawAddress } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import { readTls } from './tls.js';
import type { StorageConfiguration, StoreConfiguration } from './values.js';

const postgres = z.object({ address, database: text, schema: text, username: text, password: text, timeout: durationMs, tls });
type RawPostgres = z.output<typeof postgres>;

const place = { local: z.object({ path: text }).optional(), mysql: z.unknown().optional(), postgres: postgres.optional() };
const storeSchema = z.object({ storage: z.object(place).optional() });
type RawStore = z.output<typeof storeSchema>['storage'];

const schema = z.object({ storage: z.object({ encryption_key: text, ...place }).optional() });

/** Where the tables are, without the key that seals what is in them. */
export const storeSection: Section<StoreConfiguration> = defineSection(storeSchema, ({ storage }, report) => readStore(storage, report));

/** `storage`: where second factors, attempts and notices are kept; without one, a file beside the configuration. */
export const storageSection: Section<StorageConfiguration> = defineSection(schema, ({ storage }, report) => {
  const store = readStore(storage, report);
  if (store.kind === 'sqlite' && storage?.local?.path === undefined && !hasContent(storage?.mysql)) {
    report.warning(
      'storage',
      `no storage is configured: ${store.path} is used`,
      `back that file up, or name another:\nstorage:\n  local:\n    path: ${store.path}`,
    );
  }
  const key = storage?.encryption_key;
  if (key !== undefined) report.secret('storage.encryption_key', key, 20);
  else
    report.warning(
      'storage.encryption_key',
      'storage.encryption_key is not set: one is made once, into a file beside the configuration',
      store.kind === 'sqlite'
        ? 'back that file up: without it, everybody must enrol the second factor anew'
        : 'set it where more than one machine runs the identity service: all must have the same',
    );
  return { store, encryptionKey: key ?? null };
});

function readStore(storage: RawStore, report: Report): StoreConfiguration {
  const path = `${report.context.directory.replace(/\/$/u, '')}/portcullis.sqlite3`;
  const local = storage?.local?.path;
  if (local === '') report.error('storage.local.path', 'storage.local.path is empty', `write the path of a file, for instance ${path}`);
  if (!hasContent(storage?.postgres) || storage?.postgres === undefined) return { kind: 'sqlite', path: local ?? path };
  if (local !== undefined) report.error('storage', 'storage.local and storage.postgres cannot stand together', 'keep one of them');
  return readPostgres(storage.postgres, report);
}

/** PostgreSQL cuts a name at 63, without a word. */
const MOST_OF_A_NAME = 63 - '_sessions'.length;
const ADDRESS = 'tcp://postgres.example.com:5432';

function readPostgres(raw: RawPostgres, report: Report): StoreConfiguration {
  const { host, port } = serverOf(raw.address, report);
  const required = { database: 'portcullis', username: 'portcullis' } as const;
  for (const key of ['database', 'username'] as const) {
    if ((raw[key] ?? '') === '')
      report.error(`storage.postgres.${key}`, `storage.postgres.${key} is required`, `write for instance ${required[key]}`);
  }
  if ((raw.schema ?? '').length > MOST_OF_A_NAME) {
    const path = 'storage.postgres.schema';
    report.error(
      path,
      `${path} must have at most ${MOST_OF_A_NAME} characters`,
      'write a shorter name: that of the session service has `_sessions` behind',
    );
  }
  report.sharedPassword('storage.postgres.password', raw.password, 'PostgreSQL');
  return {
    kind: 'postgres',
    host,
    port,
    database: raw.database ?? '',
    schema: raw.schema === undefined || raw.schema === '' ? 'portcullis' : raw.schema,
    username: raw.username ?? '',
    password: raw.password === '' ? undefined : raw.password,
    timeoutMs: positive(raw.timeout, 5 * SECOND_MS),
    tls: raw.tls === undefined ? undefined : readTls(raw.tls, 'storage.postgres.tls', report),
  };
}

/** PostgreSQL calls its socket `.s.PGSQL.<port>`: the directory says where it is, and a whole path says both. */
const SOCKET = /^(.*)\/\.s\.PGSQL\.(\d+)$/u;

function serverOf(raw: RawAddress | undefined, report: Report): { readonly host: string; readonly port: number } {
  const path = 'storage.postgres.address';
  if (raw?.socketPath != null) {
    const [, directory = raw.socketPath, port = '5432'] = SOCKET.exec(raw.socketPath) ?? [];
    return { host: directory, port: Number(port) };
  }
  if (raw === undefined) report.error(path, `${path} is required`, `write ${ADDRESS}`);
  else if (raw.host === '') report.error(path, `${path} names no server`, `write ${ADDRESS}`);
  else if (!(raw.scheme ?? 'tcp').startsWith('tcp')) report.error(path, `${path} must be tcp or unix, not ${String(raw.scheme)}`, `write ${ADDRESS}`);
  return { host: raw?.host ?? '', port: raw?.port ?? 5432 };
}
