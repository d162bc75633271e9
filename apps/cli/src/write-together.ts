import { replaceFile } from '@portcullis/platform-config';
import { chownSync, existsSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { Failure } from './failure.js';
import type { FileChange } from './kept.js';

/** Makes all of the changes or, where one cannot be made, takes back those before it. `source`: where the texts lie, for whoever must copy them by hand. */
export function writeTogether(changes: readonly FileChange[], source: string): void {
  const like = changes.find(({ before }) => before !== null)?.file;
  const done: FileChange[] = [];
  for (const change of changes) {
    try {
      put(change.file, change.after, like);
      done.push(change);
    } catch (cause) {
      for (const { file, before } of done.reverse()) put(file, before, like);
      const reason = cause instanceof Error ? cause.message : String(cause);
      throw new Failure(
        `${change.file} cannot be written, so the files are as they were: ${reason}\nChange it where it comes from; the files to be brought back lie in ${source}.`,
      );
    }
  }
}

/** A new file belongs to whoever owns the ones beside it. */
function put(file: string, text: string | null, like: string | undefined): void {
  if (text === null) {
    rmSync(file, { force: true });
    return;
  }
  if (existsSync(file)) {
    replaceFile(file, text);
    return;
  }
  const model = like !== undefined && existsSync(like) ? statSync(like) : null;
  writeFileSync(file, text, { flag: 'wx', mode: model === null ? 0o600 : model.mode & 0o777 });
  if (model !== null && process.getuid?.() === 0) chownSync(file, model.uid, model.gid);
}
