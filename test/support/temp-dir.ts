import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { atEnd } from './lifetime.js';

/** A directory of its own, removed at the end. Short, because unix socket paths end at 107 bytes. */
export function tempDir(prefix = 'pc'): string {
  const dir = mkdtempSync(join(tmpdir(), `${prefix}-`));
  const remove = (): void => {
    rmSync(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  atEnd({ end: remove, endNow: remove });
  return dir;
}
