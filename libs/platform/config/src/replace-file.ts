import { randomBytes } from 'node:crypto';
import {
  chownSync,
  closeSync,
  constants,
  fchmodSync,
  fsyncSync,
  ftruncateSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';

/**
 * Puts `text` in the place of a file's content, keeping its mode and owner: at once, by a rename, or in place where that cannot be had
 * (a single file mounted into a container). It is on the disk when this returns. `expected`: only in the place of this content, looked at
 * in the last moment; false where something else lies there by now.
 */
export function replaceFile(path: string, text: string, expected?: string): boolean {
  const target = realpathSync(path);
  const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`;
  const isExpected = (): boolean => expected === undefined || readFileSync(target, 'utf8') === expected;
  try {
    writeLikeOriginal(temporary, target, text);
    if (!isExpected()) {
      remove(temporary);
      return false;
    }
    renameSync(temporary, target);
  } catch (cause) {
    remove(temporary);
    if (isOutOfSpace(cause)) throw cause;
    if (!isExpected()) return false;
    overwrite(target, text);
    return true;
  }
  syncDirectory(dirname(target));
  return true;
}

// In place, a full disk would leave half a file.
const isOutOfSpace = (cause: unknown): boolean =>
  cause instanceof Error && 'code' in cause && ['ENOSPC', 'EDQUOT', 'EIO'].includes(String(cause.code));

function remove(file: string): void {
  try {
    unlinkSync(file);
  } catch {
    // It was never made, or is the new file by now.
  }
}

function writeLikeOriginal(temporary: string, original: string, text: string): void {
  const { mode, uid, gid } = statSync(original);
  const file = openSync(temporary, 'wx', 0o600);
  try {
    writeAll(file, text);
    const made = statSync(temporary);
    if (made.uid !== uid || made.gid !== gid) chownSync(temporary, uid, gid);
    fchmodSync(file, mode & 0o7777);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

// New bytes first, the rest of the old ones cut off after: the file is never empty on the way.
function overwrite(target: string, text: string): void {
  const file = openSync(target, constants.O_WRONLY);
  try {
    ftruncateSync(file, writeAll(file, text));
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function writeAll(file: number, text: string): number {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) written += writeSync(file, bytes, written);
  return bytes.length;
}

function syncDirectory(directory: string): void {
  const file = openSync(directory, constants.O_RDONLY);
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
