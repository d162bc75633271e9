import { chmodSync, chownSync, closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { isTaken } from '@portcullis/platform-sql';

const WAIT_MS = 5000;
const LOOK_EVERY_MS = 5;

/** Somebody else has held the lock for as long as anybody waits. */
export class FileLockError extends Error {
  readonly code = 'FILE_LOCK';
}

/**
 * Runs `work` while no other process that asks in the same way works on the file. The lock is the kernel's, on an empty file beside it
 * (SQLite's exclusive lock): whoever is killed holds none, and nothing has to be cleared away.
 */
export function alone<T>(path: string, work: () => T): T {
  const file = realpathSync(path);
  const lock = `${file}.lock`;
  makeLike(lock, file);
  const database = new DatabaseSync(lock, { timeout: 0 });
  try {
    for (const startedAt = performance.now(); !begins(database);) {
      if (performance.now() - startedAt > WAIT_MS)
        throw new FileLockError(
          `${file} has been written by another process for ${WAIT_MS / 1000} s without a pause: nothing was changed, try again`,
        );
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOOK_EVERY_MS);
    }
    return work();
  } finally {
    database.close();
  }
}

/** Asked anew often and evenly: SQLite's own waiting looks ever more seldom, and somebody who writes again and again is then always first. */
function begins(database: DatabaseSync): boolean {
  try {
    database.exec('begin exclusive');
    return true;
  } catch (cause) {
    if (isTaken(cause)) return false;
    throw cause;
  }
}

/** Whoever may write the file may lock it, also where an operator's command was the first to do so. */
function makeLike(lock: string, file: string): void {
  const { uid, gid, mode } = statSync(file);
  let made: number;
  try {
    made = openSync(lock, 'wx', 0o600);
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') return;
    throw cause;
  }
  closeSync(made);
  if (process.getuid?.() === 0) chownSync(lock, uid, gid);
  chmodSync(lock, mode & 0o666);
}
