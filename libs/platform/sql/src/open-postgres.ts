import { Kysely, sql } from 'kysely';
import type { ClientBase } from 'pg';
import { advisoryLock } from './advisory-locks.js';
import { refuseForeignTables } from './look.js';
import { migrate, type Migration } from './migrate.js';
import { OneByOneDialect } from './postgres-dialect.js';
import { noSchema, openingFault } from './postgres-fault.js';
import { openPool, type PoolOptions } from './postgres-pool.js';
import { placeOf, type PostgresSettings } from './postgres-settings.js';

export interface OpenPostgresOptions {
  readonly migrations: readonly Migration[];
  /** As `pg_stat_activity` shows it. */
  readonly application: string;
  /** Most connections at a time. */
  readonly size: number;
  /** Told once when the server goes (the fault) and once when it is back (null). */
  readonly onAvailability?: ((fault: Error | null) => void) | undefined;
}

/**
 * The store in a schema of a PostgreSQL server, made and migrated where needed. The values are those of the file. What it refuses with a
 * SqlError is left as it was. A server that goes away later is a SqlError of each statement, until it is back.
 */
export async function openPostgres<Schema>(settings: PostgresSettings, options: OpenPostgresOptions): Promise<Kysely<Schema>> {
  const { migrations, application, size, onAvailability = () => undefined } = options;
  await prepareSchema(settings, migrations, application);
  const pool = { settings, application, size, isPatient: false, onAvailability, onConnect: (client: ClientBase) => showPresence(settings, client) };
  return connect<Schema>(pool);
}

/** One connection without any promise: neither a schema is made nor a table. For whoever only looks. */
export const connectOnce = <Schema>(settings: PostgresSettings, application: string): Kysely<Schema> =>
  connect<Schema>({ settings, application, size: 1, isPatient: true, onAvailability: () => undefined, onConnect: () => Promise.resolve() });

async function prepareSchema(settings: PostgresSettings, migrations: readonly Migration[], application: string): Promise<void> {
  const db = connectOnce<unknown>(settings, application);
  try {
    await migrate(db, { place: placeOf(settings), migrations, prepare: (trx) => makeSchema(trx, settings) });
  } catch (error) {
    throw openingFault(settings, error);
  } finally {
    await db.destroy();
  }
}

async function makeSchema(trx: Kysely<unknown>, settings: PostgresSettings): Promise<void> {
  const { schema } = settings;
  const there = await sql`select 1 from pg_namespace where nspname = ${schema}`.execute(trx);
  if (there.rows.length === 0) await sql`create schema ${sql.id(schema)}`.execute(trx);
  const { rows } = await sql<{ name: string | null }>`select current_schema() as name`.execute(trx);
  if (rows[0]?.name !== schema) throw noSchema(settings);
  refuseForeignTables(await tablesOf(trx), placeOf(settings), 'name another schema in storage.postgres.schema, which may be a new one');
}

/** The tables of the store's schema, by name. */
export async function tablesOf(db: Kysely<unknown>): Promise<readonly string[]> {
  const { rows } = await sql<{
    name: string;
  }>`select tablename::text collate "C" as name from pg_tables where schemaname = current_schema() order by 1`.execute(db);
  return rows.map(({ name }) => name);
}

function connect<Schema>(options: PoolOptions): Kysely<Schema> {
  return new Kysely<Schema>({ dialect: new OneByOneDialect({ pool: openPool(options) }, advisoryLock('transactions', options.settings.schema)) });
}

/** For `takeAlone`: as long as one connection of ours lives, nobody is alone. */
async function showPresence({ schema }: PostgresSettings, client: ClientBase): Promise<void> {
  await client.query(`select pg_advisory_lock_shared(${advisoryLock('presence', schema).join(', ')})`);
}
