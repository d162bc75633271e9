import { DatabaseSync } from 'node:sqlite';
import { pathToFileURL } from 'node:url';
import { SqlError } from './sql-error.js';

/** The table of applied migrations: a database without it that holds other tables is not ours. */
export const MIGRATIONS_TABLE = 'applied_migrations';

/** Refuses a database of someone else. Reads the file as it lies there: no lock, no journal, no file beside it. */
export function lookWithoutTouching(path: string): void {
  const url = pathToFileURL(path);
  url.searchParams.set('immutable', '1');
  const database = new DatabaseSync(url, { readOnly: true });
  try {
    refuseForeign(database, path);
  } finally {
    database.close();
  }
}

export function refuseForeign(database: DatabaseSync, path: string): void {
  const rows = database.prepare(`select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name`).all();
  refuseForeignTables(
    rows.map(({ name }) => String(name)),
    path,
    'give the path of another file, which may be a new one',
  );
}

/** `instead`: what to write so that it is another place. */
export function refuseForeignTables(tables: readonly string[], place: string, instead: string): void {
  if (tables.length === 0 || tables.includes(MIGRATIONS_TABLE)) return;
  throw new SqlError('SQL_FOREIGN_DATABASE', `${place} ${whose(tables)} It was left untouched; ${instead}.`);
}

/** Those by which its database is known. */
export const AUTHELIA_TABLES = ['encryption', 'migrations', 'totp_configurations'] as const;

function whose(tables: readonly string[]): string {
  const isAuthelia = AUTHELIA_TABLES.every((table) => tables.includes(table));
  if (isAuthelia) return "is Authelia's own database: people's second factors are in it, sealed with its encryption key.";
  const some = tables.slice(0, 5).join(', ');
  return `is a database of another program (tables ${some}${tables.length > 5 ? ', …' : ''}).`;
}
