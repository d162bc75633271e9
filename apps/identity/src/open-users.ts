import { describeLocation } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Store } from './admin-parts.js';
import type { IdentityValues } from './config.js';
import { openUsersFile } from './read-users.js';
import { SqlUsers } from './sql-users.js';
import type { Users } from './users.js';

/** Where the configuration has the users: in a file, or in the store. Rejects with a report where they cannot be used. */
export async function openUsers(
  { backend, storage }: IdentityValues,
  { db }: Pick<Store, 'db'>,
  log: Pick<Logger, 'error' | 'warn'>,
): Promise<Users> {
  const { usersFile, search } = backend;
  if (usersFile !== null) return Promise.resolve(openUsersFile(usersFile, search, log));
  return SqlUsers.open({ db, place: describeLocation(storage.store), search, log, now: Date.now });
}
