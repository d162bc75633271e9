import { createKeyRing, SealError } from '@portcullis/platform-seal';
import type { Database } from './database.js';

/** The store was sealed with another key: nothing in it could be read. */
class EncryptionKeyError extends Error {
  override readonly name = 'EncryptionKeyError';
  readonly code = 'ENCRYPTION_KEY';
}

const ID = 1;
const AAD = 'encryption_check';

/** Writes a check value into a new store, and refuses to go on where the present one does not open. `secret`: `storage.encryption_key`. */
export async function checkEncryptionKey(db: Database, secret: string, path: string): Promise<void> {
  const ring = createKeyRing([secret], 'encryption-check');
  await db
    .insertInto('encryption_check')
    .values({ id: ID, sealed: ring.seal(Buffer.from('portcullis'), AAD) })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { sealed } = await db.selectFrom('encryption_check').select('sealed').where('id', '=', ID).executeTakeFirstOrThrow();
  try {
    ring.open(sealed, AAD);
  } catch (cause) {
    if (!(cause instanceof SealError)) throw cause;
    throw new EncryptionKeyError(
      `${path} was sealed with another storage.encryption_key: people's second factors in it cannot be read. ` +
        'Give back the key this store was made with (its value, or its portcullis.storage_key file); nothing was changed.',
      { cause },
    );
  }
}
