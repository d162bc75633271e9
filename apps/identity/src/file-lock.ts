import { chmodSync, chownSync, closeSync, openSync, realpathSync, statSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';

const WAIT_MS = 5000;

/**
 * Runs `work` while no other process that asks in the same way works on the file. The lock is the kernel's, on an empty file beside it
 * (SQLite's exclusive lock): whoever is killed holds none, and nothing has to be cleared away.
 */
export function alone<T>(path: string, work: () => T): T {
  const file = realpathSync(path);
  const lock = `${file}.lock`;
  makeLike(lock, file);
  const database = new DatabaseSync(lock, { timeout: WAIT_MS });
  try {
    database.exec('begin exclusive');
    return work();
  } finally {
    database.close();
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
