import { existsSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { MIGRATIONS_TABLE, refuseForeign } from './look.js';

export interface SchemaReading {
  /** In the order they were applied. */
  readonly applied: readonly { readonly name: string; readonly atMs: number }[];
  readonly tables: readonly string[];
}

/** What a database file holds, without changing it: nothing where there is no file. Refuses somebody else's with a SqlError. */
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
