import { closeSync, existsSync, mkdirSync, openSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Kysely } from 'kysely';
import { lookWithoutTouching, refuseForeign } from './look.js';
import { migrate, type Migration } from './migrate.js';
import { readSchema } from './read-schema.js';
import { SqlError } from './sql-error.js';
import { NodeSqliteDialect } from './sqlite-dialect.js';
import { copyTo } from './take-alone.js';

/**
 * The database file at `path`, made (0600, with its directory) and migrated where needed. Values are numbers, strings, bigints, bytes
 * and null: no booleans, no dates. `destroy()` closes it. What it refuses with a SqlError is left as it was.
 */
export async function openSqlite<Schema>(path: string, { migrations }: { readonly migrations: readonly Migration[] }): Promise<Kysely<Schema>> {
  const database = namingFaults(path, () => openFile(path));
  const db = new Kysely<Schema>({ dialect: new NodeSqliteDialect(database) });
  try {
    await copyBefore(db as Kysely<unknown>, path, migrations);
    await migrate(db as Kysely<unknown>, { place: path, migrations });
  } catch (error) {
    await db.destroy();
    throw error instanceof SqlError ? error : fault(path, error);
  }
  return db;
}

/** A store that is about to change is kept as it was, beside it. One that is there already is of another process at the same change, or of a start that failed. */
async function copyBefore(db: Kysely<unknown>, path: string, migrations: readonly Migration[]): Promise<void> {
  const { applied } = readSchema(path);
  const next = migrations[applied.length];
  if (applied.length === 0 || next === undefined) return;
  const copy = `${path}.before-${next.name}.backup`;
  if (!existsSync(copy)) await copyTo(db, copy);
}

const BUSY_TIMEOUT_MS = 5000;

function openFile(path: string): DatabaseSync {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) createFile(path);
  else refuseOthers(path, stats);
  const database = new DatabaseSync(path, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  try {
    // Again, for tables may still lie in a journal that the first look did not read.
    refuseForeign(database, path);
    // FULL: what an ended session or a used code depends on survives the loss of power.
    database.exec('pragma journal_mode = wal; pragma synchronous = full');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function createFile(path: string): void {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  closeSync(openSync(path, 'a', 0o600));
}

function refuseOthers(path: string, stats: Stats): void {
  if (!stats.isDirectory()) {
    lookWithoutTouching(path);
    return;
  }
  const message = `${path} is a directory, not a file. Container engines make one where a file to mount is absent: remove it, and mount the directory the file shall be in`;
  throw new SqlError('SQL_IS_DIRECTORY', message);
}

function namingFaults<Result>(path: string, open: () => Result): Result {
  try {
    return open();
  } catch (error) {
    throw error instanceof SqlError ? error : fault(path, error);
  }
}

// SQLITE_CORRUPT and SQLITE_NOTADB. @see https://sqlite.org/rescode.html
const DAMAGED = [11, 26];

function fault(path: string, cause: unknown): SqlError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && 'errcode' in cause && DAMAGED.includes(Number(cause.errcode))) {
    return new SqlError('SQL_NOT_A_DATABASE', `${path} is not a database, or a damaged one: ${reason}`, { cause });
  }
  return new SqlError('SQL_UNAVAILABLE', `${path} cannot be opened: ${reason}`, { cause });
}
