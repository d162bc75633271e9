import { randomBytes } from 'node:crypto';
import {
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';

/** Replaces a file whole, with the rights it had, and keeps the one before beside it; returns the name of that. */
export function replaceFile(path: string, text: string): string {
  const file = realpathSync(path);
  const backup = freeName(`${path}.before-upgrade`);
  copyFileSync(file, backup, constants.COPYFILE_EXCL);
  const temporary = `${file}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    writeAs(temporary, text, statSync(file));
    renameSync(temporary, file);
  } finally {
    rmSync(temporary, { force: true });
  }
  return backup;
}

function freeName(name: string): string {
  for (let count = 1; ; count += 1) {
    const candidate = count === 1 ? name : `${name}-${count}`;
    if (!existsSync(candidate)) return candidate;
  }
}

function writeAs(path: string, text: string, { mode, uid, gid }: { readonly mode: number; readonly uid: number; readonly gid: number }): void {
  const file = openSync(path, 'wx', 0o600);
  try {
    writeSync(file, text);
    if (process.getuid?.() === 0) fchownSync(file, uid, gid);
    fchmodSync(file, mode & 0o777);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}
