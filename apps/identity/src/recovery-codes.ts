import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import type { Selectable } from 'kysely';
import { timingSafeEqual } from 'node:crypto';
import type { Database } from './database.js';
import type { RecoveryCodeTable } from './migrations-recovery.js';
import { makeCode, readCode } from './readable-code.js';
import { RECOVERY_CODE } from './sealed-columns.js';

const HOW_MANY = 10;
const CHARACTERS = 12;

/** What is left of somebody's codes; `createdAtMs` null: there are none, used ones neither. */
export interface RecoveryCodesLeft {
  readonly remaining: number;
  readonly createdAtMs: number | null;
}

/** A person's ten codes for the day the device is lost, sealed in SQL, each for one use. */
export class RecoveryCodes {
  readonly #ring: KeyRing;
  readonly #random: (bytes: number) => Buffer;

  /** `secret`: `storage.encryption_key`. */
  constructor(secret: string, random: (bytes: number) => Buffer) {
    this.#ring = createKeyRing([secret], RECOVERY_CODE.purpose);
    this.#random = random;
  }

  async left(db: Database, username: string): Promise<RecoveryCodesLeft> {
    const rows = await rowsOf(db, username);
    return { remaining: rows.filter((row) => row.used_at_ms === null).length, createdAtMs: rows[0]?.created_at_ms ?? null };
  }

  /** New ones in the place of all there are, as they are shown: this once. */
  async make(trx: Database, username: string, nowMs: number): Promise<string[]> {
    await this.delete(trx, username);
    const codes = Array.from({ length: HOW_MANY }, () => makeCode(CHARACTERS, this.#random));
    const rows = codes.map((code, position) => {
      const place = { username, position, created_at_ms: nowMs };
      return { ...place, code: this.#ring.seal(Buffer.from(code), RECOVERY_CODE.aad(place)), used_at_ms: null };
    });
    await trx.insertInto('recovery_codes').values(rows).execute();
    return codes.map((code) => code.replace(/(.{4})(?!$)/gu, '$1-'));
  }

  /** Whether there were any. */
  async delete(trx: Database, username: string): Promise<boolean> {
    const { numDeletedRows } = await trx.deleteFrom('recovery_codes').where('username', '=', username).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Uses a code up that `readRecoveryCode` has read; every one is opened and compared, wherever it is found. */
  async use(trx: Database, username: string, code: string, nowMs: number): Promise<'accepted' | 'used' | 'wrong'> {
    const typed = Buffer.from(code);
    const found = (await rowsOf(trx, username)).filter((row) => timingSafeEqual(this.#ring.open(row.code, RECOVERY_CODE.aad(row)), typed))[0];
    if (found === undefined) return 'wrong';
    const { numUpdatedRows } = await trx
      .updateTable('recovery_codes')
      .set({ used_at_ms: nowMs })
      .where('username', '=', username)
      .where('position', '=', found.position)
      .where('used_at_ms', 'is', null)
      .executeTakeFirst();
    return numUpdatedRows === 1n ? 'accepted' : 'used';
  }

  /** Removes codes of devices that are gone: a service of an older version takes a device away alone. */
  async forgetOrphans(db: Database): Promise<void> {
    await db
      .deleteFrom('recovery_codes')
      .where('username', 'not in', (query) => query.selectFrom('totp_devices').select('username'))
      .execute();
  }
}

/** The code somebody typed: any case, spaces and dashes. null: it cannot be one. */
export const readRecoveryCode = (typed: string): string | null => readCode(typed, CHARACTERS);

const rowsOf = (db: Database, username: string): Promise<Selectable<RecoveryCodeTable>[]> =>
  db.selectFrom('recovery_codes').selectAll().where('username', '=', username).orderBy('position').execute();
