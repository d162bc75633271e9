import { formatProblems } from '@portcullis/platform-config';
import { copyStore, describeLocation, describeStore, type StoreCopy, type StoreLocation } from '@portcullis/platform-sql';
import { readConfiguration, type SessionValues } from './config.js';
import { APPLICATION } from './endings-journal.js';
import { migrations } from './journal-tables.js';

/** The journal cannot be copied to where those files say; the message says what to mend in them. */
class CopyError extends Error {
  readonly code = 'COPY';
}

export interface CopyTo {
  readonly files: readonly string[];
  readonly dryRun: boolean;
}

/** Copies the journal of endings into the one that `files` configure, and says on standard output what that was. */
export async function copyTo({ journal: from }: SessionValues, { files, dryRun }: CopyTo): Promise<void> {
  const { value, problems } = readConfiguration(files);
  if (value === null) throw new CopyError(`${files.join(', ')}:\n${formatProblems(problems)}`);
  const isAbsent = (await describeStore(from)).applied.length === 0;
  const copied = isAbsent
    ? nothing(from, value.journal)
    : await copyStore({ from, to: value.journal, migrations, application: APPLICATION, seeded: [], dryRun });
  process.stdout.write(`${JSON.stringify(copied)}\n`);
}

/** Where no session was ever ended. */
const nothing = (from: StoreLocation, to: StoreLocation): StoreCopy => ({ from: describeLocation(from), to: describeLocation(to), tables: [] });
