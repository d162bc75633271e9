import { formatProblems } from '@portcullis/platform-config';
import { copyStore } from '@portcullis/platform-sql';
import { openStore } from './admin-parts.js';
import { type IdentityValues, presentStorageKey, readConfiguration } from './config.js';
import { APPLICATION, MIGRATIONS } from './database.js';

/** The store cannot be copied to where those files say; the message says what to mend in them. */
class CopyError extends Error {
  readonly code = 'COPY';
}

/** What is in a store as soon as it is opened: the count of the users' changes, and what its key is known by. */
const SEEDED = ['users_version', 'encryption_check'];

export interface CopyTo {
  readonly files: readonly string[];
  readonly dryRun: boolean;
}

/** Copies the store into the one that `files` configure, and says on standard output what that was. */
export async function copyTo(value: IdentityValues, directory: string, { files, dryRun }: CopyTo): Promise<void> {
  const target = readConfiguration(files);
  if (target.value === null) throw new CopyError(`${files.join(', ')}:\n${formatProblems(target.problems)}`);
  const source = await openStore(value, directory, { size: 1 });
  await source.db.destroy();
  const problem = keyProblem(source.key.secret, presentStorageKey(target.value, target.directory), source.key.file);
  if (problem !== null) throw new CopyError(`${files.join(', ')}: ${problem}`);
  const { store: from } = value.storage;
  const copied = await copyStore({ from, to: target.value.storage.store, migrations: MIGRATIONS, application: APPLICATION, seeded: SEEDED, dryRun });
  process.stdout.write(`${JSON.stringify(copied)}\n`);
}

/** What is sealed is copied as it is. @param file where the present key is kept, if it is not configured */
function keyProblem(present: string, wanted: string | null, file: string | null): string | null {
  if (wanted === present) return null;
  if (wanted === null && file !== null)
    return `no storage.encryption_key: the present one is kept in ${file}; copy that file beside this configuration`;
  return 'another storage.encryption_key than the present one: give it the same, and change it afterwards if you like (storage encryption change-key)';
}
