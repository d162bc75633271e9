import type { identityAdminContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { People } from './people.js';
import type { RecoveryCodes } from './recovery-codes.js';
import type { TotpDevices } from './totp-devices.js';

type Admin = Handlers<typeof identityAdminContract>;

export interface AdminRecoveryCodesOptions {
  readonly db: Database;
  readonly codes: RecoveryCodes;
  readonly devices: Pick<TotpDevices, 'has'>;
  readonly people: Pick<People, 'lookup'>;
  readonly now: () => number;
}

/** Recovery codes as the operator makes and removes them, for somebody who lost device and codes: `storage user recovery-codes`. */
export class AdminRecoveryCodes {
  readonly #options: AdminRecoveryCodesOptions;

  constructor(options: AdminRecoveryCodesOptions) {
    this.#options = options;
  }

  generate({ username: typed, force }: Parameters<Admin['generateRecoveryCodes']>[0]): ReturnType<Admin['generateRecoveryCodes']> {
    const { db, codes, devices, now } = this.#options;
    const username = this.#nameOf(typed);
    return inTransaction(db, async (trx) => {
      if (!(await devices.has(trx, username))) return { outcome: 'no_device' };
      const { remaining } = await codes.left(trx, username);
      if (remaining > 0 && !force) return { outcome: 'exists', remaining };
      await writeAudit(trx, { kind: 'recovery_codes_made', username, actor: 'operator' }, now());
      return { outcome: 'made', codes: await codes.make(trx, username, now()) };
    });
  }

  delete(typed: string): ReturnType<Admin['deleteRecoveryCodes']> {
    const { db, codes, now } = this.#options;
    const username = this.#nameOf(typed);
    return inTransaction(db, async (trx) => {
      if (!(await codes.delete(trx, username))) return { outcome: 'none' };
      await writeAudit(trx, { kind: 'recovery_codes_removed', username, actor: 'operator' }, now());
      return { outcome: 'deleted' };
    });
  }

  // A user who is gone from the file may still have some.
  #nameOf(typed: string): string {
    return this.#options.people.lookup(typed)?.username ?? typed;
  }
}
