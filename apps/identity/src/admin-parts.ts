import { describeLocation, type OpenPostgresOptions } from '@portcullis/platform-sql';
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { AdminBans } from './admin-bans.js';
import { AdminRecoveryCodes } from './admin-recovery-codes.js';
import { AdminStorage } from './admin-storage.js';
import { AdminTotp } from './admin-totp.js';
import { AdminUsers } from './admin-users.js';
import { AuditTrail } from './audit.js';
import { storageKey, type IdentityValues, type Kept } from './config.js';
import { openDatabase, type Database } from './database.js';
import { checkEncryptionKey, EncryptionKeyError } from './encryption-check.js';
import { NoticeOutbox } from './notices.js';
import { OpaqueIdentifiers } from './opaque-identifiers.js';
import type { People } from './people.js';
import { RecoveryCodes } from './recovery-codes.js';
import { TotpDevices } from './totp-devices.js';
import type { Users } from './users.js';

/** The store, opened, and the key that seals what is in it. */
export interface Store {
  readonly db: Database;
  readonly key: Kept;
}

type Connections = Partial<Pick<OpenPostgresOptions, 'size' | 'onAvailability'>>;

/** Opens the store of `storage`; refuses another program's database and another key. */
export async function openStore(value: IdentityValues, directory: string, connections: Connections = {}): Promise<Store> {
  const store = await openStoreUnchecked(value, directory, connections);
  try {
    await checkEncryptionKey(store.db, store.key.secret, describeLocation(value.storage.store));
    return store;
  } catch (error) {
    await store.db.destroy();
    // A key that was made for want of one opens no store that is there already: left behind, it would look like the one that is missing.
    if (error instanceof EncryptionKeyError && store.key.madeFile !== null) rmSync(store.key.madeFile, { force: true });
    throw error;
  }
}

/** The same whatever key it was sealed with: for whoever wants to know. */
export async function openStoreUnchecked(value: IdentityValues, directory: string, connections: Connections = {}): Promise<Store> {
  const db = await openDatabase(value.storage.store, connections);
  try {
    return { db, key: storageKey(value, directory) };
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
    readonly identifiers: OpaqueIdentifiers,
    readonly storage: AdminStorage,
    readonly users: AdminUsers,
    readonly audit: AuditTrail,
  ) {}

  /** @param users null where they cannot be used; @param isServing whether this process is the service itself */
  static of(
    value: IdentityValues,
    { db, key }: Store,
    people: People,
    users: Users | null,
    isServing: boolean,
    traceparent?: () => string | undefined,
  ): AdminParts {
    const { now } = Date;
    const random = randomBytes;
    const devices = new TotpDevices(key.secret);
    const codes = new RecoveryCodes(key.secret, random);
    return new AdminParts(
      new AdminTotp({ db, devices, codes, people, totp: value.totp, now, random }),
      new AdminRecoveryCodes({ db, codes, devices, people, now }),
      new AdminBans({ db, people, now }),
      new NoticeOutbox({ db, secret: key.secret, now, random, traceparent }),
      new OpaqueIdentifiers(db),
      new AdminStorage({
        db,
        location: value.storage.store,
        secret: key.secret,
        keyFile: key.file,
        users: () => users?.directory ?? null,
        isServing,
        now,
      }),
      new AdminUsers({ db, users, now }),
      new AuditTrail({ db, retentionMs: value.audit.retentionMs, now }),
    );
  }
}
