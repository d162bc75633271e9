import { randomBytes } from 'node:crypto';
import { AdminBans } from './admin-bans.js';
import { AdminRecoveryCodes } from './admin-recovery-codes.js';
import { AdminTotp } from './admin-totp.js';
import { storageKey, type IdentityValues, type Kept } from './config.js';
import { openDatabase, type Database } from './database.js';
import { checkEncryptionKey } from './encryption-check.js';
import { NoticeOutbox } from './notices.js';
import type { People } from './people.js';
import { RecoveryCodes } from './recovery-codes.js';
import { TotpDevices } from './totp-devices.js';

/** The store, opened, and the key that seals what is in it. */
export interface Store {
  readonly db: Database;
  readonly key: Kept;
}

/** Opens `storage.local.path`; refuses another program's database and another key. */
export async function openStore(value: IdentityValues, directory: string): Promise<Store> {
  const { path } = value.storage;
  const db = await openDatabase(path);
  try {
    const key = storageKey(value, directory);
    await checkEncryptionKey(db, key.secret, path);
    return { db, key };
  } catch (error) {
    await db.destroy();
    throw error;
  }
}

/** What the operations of the admin contract need: no Redis, no hashing. */
export class AdminParts {
  constructor(
    readonly totp: AdminTotp,
    readonly recoveryCodes: AdminRecoveryCodes,
    readonly bans: AdminBans,
    readonly outbox: NoticeOutbox,
  ) {}

  static of(value: IdentityValues, { db, key }: Store, people: People): AdminParts {
    const { now } = Date;
    const random = randomBytes;
    const devices = new TotpDevices(key.secret);
    const codes = new RecoveryCodes(key.secret, random);
    return new AdminParts(
      new AdminTotp({ db, devices, codes, people, totp: value.totp, now, random }),
      new AdminRecoveryCodes({ db, codes, devices, people, now }),
      new AdminBans({ db, people, now }),
      new NoticeOutbox({ db, secret: key.secret, now, random }),
    );
  }
}
