import { createKeyRing, SealError } from '@portcullis/platform-seal';
import type { Database } from './database.js';
import { ENCRYPTION_CHECK } from './sealed-columns.js';

/** The store was sealed with another key: nothing in it could be read. */
export class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
  readonly code = 'ENCRYPTION_KEY';
}

const ID = 1;

/** Writes a check value into a new store, and refuses to go on where the present one does not open. `secret`: `storage.encryption_key`. */
export async function checkEncryptionKey(db: Database, secret: string, path: string): Promise<void> {
  const ring = createKeyRing([secret], ENCRYPTION_CHECK.purpose);
  await db
    .insertInto('encryption_check')
    .values({ id: ID, sealed: ring.seal(Buffer.from('portcullis'), ENCRYPTION_CHECK.aad()) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  if (await opensStore(db, secret)) return;
  throw new EncryptionKeyError(
    `${path} was sealed with another storage.encryption_key: people's second factors in it cannot be read. ` +
      'Give back the key this store was made with (its value, or its portcullis.storage_key file); nothing was changed.',
  );
}

/** Whether the store was sealed with this key; null: nothing was sealed in it yet. */
export async function opensStore(db: Database, secret: string): Promise<boolean | null> {
  const check = await db.selectFrom('encryption_check').select('sealed').where('id', '=', ID).executeTakeFirst();
  if (check === undefined) return null;
  try {
    createKeyRing([secret], ENCRYPTION_CHECK.purpose).open(check.sealed, ENCRYPTION_CHECK.aad());
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}
