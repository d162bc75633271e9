import { closeSync, openSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';
import { advisoryLock } from './advisory-locks.js';
import { isPostgres } from './dialect.js';

/** SQLITE_BUSY and SQLITE_LOCKED. @see https://sqlite.org/rescode.html */
const TAKEN = [5, 6];

/**
 * From here to `destroy()` nobody else has the database open; false where another process has, and nothing was changed. A database leaves
 * its write-ahead log for a rollback journal only while a single connection is there. On a server `db` must have been opened with one connection.
 */
export function takeAlone<Schema>(db: Kysely<Schema>): Promise<boolean> {
  return isPostgres(db) ? takeServerAlone(db) : takeFileAlone(db);
}

/** Every connection of every process holds the lock of presence with the others; ours is one, and takes it for itself where it is the only one. */
async function takeServerAlone<Schema>(db: Kysely<Schema>): Promise<boolean> {
  const { rows } = await sql<{ schema: string }>`select current_schema() as schema`.execute(db);
  const lock = advisoryLock('presence', rows[0]?.schema ?? '').join(', ');
  const taken = await sql<{ alone: boolean }>`select pg_try_advisory_lock(${sql.raw(lock)}) as alone`.execute(db);
  return taken.rows[0]?.alone === true;
}

async function takeFileAlone<Schema>(db: Kysely<Schema>): Promise<boolean> {
  await sql`pragma busy_timeout = 250`.execute(db);
  await sql`pragma locking_mode = exclusive`.execute(db);
  try {
    await sql`pragma journal_mode = delete`.execute(db);
    await sql`begin exclusive`.execute(db);
    await sql`commit`.execute(db);
    return true;
  } catch (error) {
    if (isTaken(error)) return false;
    throw error;
  }
}

/** Whether SQLite refused because somebody else has the file. */
export const isTaken = (error: unknown): boolean => error instanceof Error && 'errcode' in error && TAKEN.includes(Number(error.errcode) & 0xff);

/** A whole copy of a file as it is now, for its owner alone; fails where there is a file already. */
export async function copyTo<Schema>(db: Kysely<Schema>, path: string): Promise<void> {
  closeSync(openSync(path, 'wx', 0o600));
  await sql`vacuum into ${path}`.execute(db);
}
