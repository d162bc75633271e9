import { createKeyRing, keyedHash, type KeyRing } from '@portcullis/platform-seal';
import type { Database, TotpDeviceTable } from './database.js';
import { TOTP_DEVICE_SECRET } from './sealed-columns.js';
import type { TotpKey } from './totp-code.js';

export interface TotpDevice extends TotpKey {
  readonly username: string;
  readonly issuer: string;
  readonly createdAtMs: number;
  readonly lastUsedAtMs: number | null;
}

/** Longer than any window of period and skew. */
const KEEP_STEPS_MS = 30 * 86_400_000;

/** One-time password devices in SQL: secrets sealed, and a row for every code that was accepted. */
export class TotpDevices {
  readonly #ring: KeyRing;
  readonly #fingerprint: (secret: string) => string;

  /** `secret`: `storage.encryption_key`. */
  constructor(secret: string) {
    this.#ring = createKeyRing([secret], TOTP_DEVICE_SECRET.purpose);
    this.#fingerprint = stepFingerprint(secret);
  }

  async find(db: Database, username: string): Promise<TotpDevice | null> {
    const row = await db.selectFrom('totp_devices').selectAll().where('username', '=', username).executeTakeFirst();
    return row === undefined ? null : this.#opened(row);
  }

  async all(db: Database): Promise<readonly TotpDevice[]> {
    const rows = await db.selectFrom('totp_devices').selectAll().orderBy('username').execute();
    return rows.map((row) => this.#opened(row));
  }

  async has(db: Database, username: string): Promise<boolean> {
    return (await db.selectFrom('totp_devices').select('username').where('username', '=', username).executeTakeFirst()) !== undefined;
  }

  /** Stores the device in the place of the user's present one. */
  async store(db: Database, username: string, issuer: string, key: TotpKey, nowMs: number): Promise<void> {
    const device = {
      issuer,
      algorithm: key.algorithm,
      digits: key.digits,
      period_s: key.periodS,
      secret: this.#ring.seal(Buffer.from(key.secret), TOTP_DEVICE_SECRET.aad({ username })),
      created_at_ms: nowMs,
      last_used_at_ms: null,
    };
    await db
      .insertInto('totp_devices')
      .values({ username, ...device })
      .onConflict((conflict) => conflict.column('username').doUpdateSet(device))
      .execute();
  }

  /** Whether there was one. */
  async delete(db: Database, username: string): Promise<boolean> {
    const { numDeletedRows } = await db.deleteFrom('totp_devices').where('username', '=', username).executeTakeFirst();
    return numDeletedRows > 0n;
  }

  async touch(db: Database, username: string, nowMs: number): Promise<void> {
    await db.updateTable('totp_devices').set({ last_used_at_ms: nowMs }).where('username', '=', username).execute();
  }

  /** Uses a code up; false: it was, here or in another process. */
  async useStep(db: Database, username: string, secret: string, step: number, nowMs: number): Promise<boolean> {
    const { numInsertedOrUpdatedRows } = await db
      .insertInto('totp_used_steps')
      .values({ username, secret_hash: this.#fingerprint(secret), step, at_ms: nowMs })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();
    return numInsertedOrUpdatedRows === 1n;
  }

  /** Removes used codes that no clock accepts any more. */
  async forgetOld(db: Database, nowMs: number): Promise<void> {
    await db
      .deleteFrom('totp_used_steps')
      .where('at_ms', '<', nowMs - KEEP_STEPS_MS)
      .execute();
  }

  #opened(row: TotpDeviceTable): TotpDevice {
    return {
      username: row.username,
      issuer: row.issuer,
      algorithm: row.algorithm,
      digits: row.digits,
      periodS: row.period_s,
      secret: this.#ring.open(row.secret, TOTP_DEVICE_SECRET.aad(row)).toString(),
      createdAtMs: row.created_at_ms,
      lastUsedAtMs: row.last_used_at_ms,
    };
  }
}

/** Tells the codes of one device from those of another, by the device's secret. */
export const stepFingerprint = (secret: string): ((totpSecret: string) => string) => keyedHash(secret, 'totp-used-step');
