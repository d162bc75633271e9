import { findAuthelia } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Database } from './database.js';

/** Whoever takes over an Authelia on PostgreSQL starts with a store that knows nobody's second factor: said until the first one is there. */
export async function tellOfNeighbour(db: Database, log: Pick<Logger, 'warn'>): Promise<void> {
  const schema = await findAuthelia(db);
  if (schema === null || (await db.selectFrom('totp_devices').select('username').limit(1).executeTakeFirst()) !== undefined) return;
  log.warn(
    `Authelia keeps second factors in the schema ${schema} of this database, and none are here: they are left where they are, and people enrol anew unless you bring them along ` +
      '(authelia storage user totp export, then portcullis storage user totp import)',
  );
}
