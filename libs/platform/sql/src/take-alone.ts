import { closeSync, openSync } from 'node:fs';
import { type Kysely, sql } from 'kysely';

/** SQLITE_BUSY and SQLITE_LOCKED. @see https://sqlite.org/rescode.html */
const TAKEN = [5, 6];

/**
 * From here to `destroy()` nobody else has the database open; false where another process has, and nothing was changed. A database leaves
 * its write-ahead log for a rollback journal only while a single connection is there.
 */
export async function takeAlone<Schema>(db: Kysely<Schema>): Promise<boolean> {
  await sql`pragma busy_timeout = 250`.execute(db);
  await sql`pragma locking_mode = exclusive`.execute(db);
  try {
    await sql`pragma journal_mode = delete`.execute(db);
    await sql`begin exclusive`.execute(db);
    await sql`commit`.execute(db);
    return true;
  } catch (error) {
    if (error instanceof Error && 'errcode' in error && TAKEN.includes(Number(error.errcode) & 0xff)) return false;
    throw error;
  }
}

/** A whole copy of the database as it is now, for its owner alone; fails where there is a file already. */
export async function copyTo<Schema>(db: Kysely<Schema>, path: string): Promise<void> {
  closeSync(openSync(path, 'wx', 0o600));
  await sql`vacuum into ${path}`.execute(db);
}
