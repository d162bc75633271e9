import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { sql } from 'kysely';
import { MIGRATIONS_TABLE, refuseForeign, refuseForeignTables } from './look.js';
import { connectOnce, tablesOf } from './open-postgres.js';
import type { StoreLocation } from './open-store.js';
import { openingFault } from './postgres-fault.js';
import { placeOf, type PostgresSettings } from './postgres-settings.js';

export interface SchemaReading {
  /** In the order they were applied. */
  readonly applied: readonly { readonly name: string; readonly atMs: number }[];
  readonly tables: readonly string[];
}

/** What a store holds, without changing it: nothing where there is none. Refuses somebody else's with a SqlError. */
export function describeStore(location: StoreLocation): Promise<SchemaReading> {
  return location.kind === 'sqlite' ? Promise.resolve(readSchema(location.path)) : readServerSchema(location);
}

async function readServerSchema(settings: PostgresSettings): Promise<SchemaReading> {
  const db = connectOnce<unknown>(settings, 'portcullis');
  try {
    const tables = await tablesOf(db);
    refuseForeignTables(tables, placeOf(settings), 'name another schema in storage.postgres.schema, which may be a new one');
    if (!tables.includes(MIGRATIONS_TABLE)) return { applied: [], tables };
    const { rows } = await sql<{
      name: string;
      at_ms: number;
    }>`select name, applied_at_ms as at_ms from ${sql.table(MIGRATIONS_TABLE)} order by position`.execute(db);
    return { applied: rows.map(({ name, at_ms }) => ({ name, atMs: at_ms })), tables };
  } catch (error) {
    throw openingFault(settings, error);
  } finally {
    await db.destroy();
  }
}

/** The same of a file. */
export function readSchema(path: string): SchemaReading {
  if (!existsSync(path)) return { applied: [], tables: [] };
  const database = new DatabaseSync(path, { readOnly: true });
  try {
    refuseForeign(database, path);
    const names = database.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`).all();
    const tables = names.map(({ name }) => String(name));
    if (!tables.includes(MIGRATIONS_TABLE)) return { applied: [], tables };
    const rows = database.prepare(`select name, applied_at_ms from ${MIGRATIONS_TABLE} order by position`).all();
    return { applied: rows.map((row) => ({ name: String(row['name']), atMs: Number(row['applied_at_ms']) })), tables };
  } finally {
    database.close();
  }
}
