import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.js';

export interface NewFile {
  readonly path: string;
  readonly content: string | Uint8Array;
  /** Whoever may not read it: everybody but its owner (0600), or nobody (0644). */
  readonly isSecret: boolean;
}

/** Writes all of them or, where one is there already and `force` is not given, none. */
export function writeNewFiles(files: readonly NewFile[], force: boolean): void {
  const there = files.filter(({ path }) => existsSync(path)).map(({ path }) => path);
  if (there.length > 0 && !force) {
    throw new Failure(
      `${there.join(', ')} ${there.length === 1 ? 'is' : 'are'} there already. Choose another name, or add --force to replace ${there.length === 1 ? 'it' : 'them'}.`,
    );
  }
  for (const { path, content, isSecret } of files) {
    mkdirSync(dirname(path), { recursive: true });
    writeNew(path, content, isSecret ? 0o600 : 0o644);
  }
}

/** The mode is one of making: a file that is replaced is taken away first, so that a secret never lies in a file that others may read. */
function writeNew(path: string, content: string | Uint8Array, mode: number): void {
  rmSync(path, { force: true });
  writeFileSync(path, content, { mode, flag: 'wx' });
}
