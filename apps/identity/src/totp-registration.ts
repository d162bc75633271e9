import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Database, TotpRegistrationTable } from './database.js';
import type { EventNotices } from './event-notices.js';
import { encodeTotpSecret, matchStep, normalizeCode, otpauthUrl, type TotpKey, type TotpSettings } from './totp-code.js';
import type { RecoveryCodes } from './recovery-codes.js';
import { TOTP_REGISTRATION_SECRET } from './sealed-columns.js';
import type { TotpDevices } from './totp-devices.js';
import type { People } from './people.js';

/** `recoveryCodes`: made with the device; absent where the person has some. */
export type Finished =
  { readonly outcome: 'registered'; readonly recoveryCodes?: string[] } | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'none_pending' };

export interface TotpRegistrationOptions {
  readonly db: Database;
  readonly devices: TotpDevices;
  readonly codes: RecoveryCodes;
  readonly notices: EventNotices;
  readonly people: People;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly totp: {
    readonly disabled: boolean;
    readonly issuer: string;
    readonly skew: number;
    readonly secretSizeBytes: number;
    readonly allowedAlgorithms: readonly string[];
    readonly allowedDigits: readonly number[];
    readonly allowedPeriods: readonly number[];
  };
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
}

const PENDING_MS = 600_000;

/** A new device is a secret that waits for its first code; until then the present device stays as it is. */
export class TotpRegistration {
  readonly #options: TotpRegistrationOptions;
  readonly #ring: KeyRing;

  constructor(options: TotpRegistrationOptions) {
    this.#options = options;
    this.#ring = createKeyRing([options.secret], TOTP_REGISTRATION_SECRET.purpose);
  }

  /** The secret to show, good for ten minutes for this user and sign-in; null where the configuration does not allow it. */
  async begin(username: string, handle: string, settings: TotpSettings): Promise<{ readonly secret: string; readonly url: string } | null> {
    const { db, people, totp, now, random } = this.#options;
    if (!this.#allows(settings) || people.byName(username) === null) return null;
    const key: TotpKey = { ...settings, secret: encodeTotpSecret(random(totp.secretSizeBytes)) };
    const pending = {
      issuer: totp.issuer,
      algorithm: key.algorithm,
      digits: key.digits,
      period_s: key.periodS,
      secret: this.#ring.seal(Buffer.from(key.secret), TOTP_REGISTRATION_SECRET.aad({ username, handle })),
      expires_at_ms: now() + PENDING_MS,
    };
    await db
      .insertInto('totp_registrations')
      .values({ username, handle, ...pending })
      .onConflict((conflict) => conflict.columns(['username', 'handle']).doUpdateSet(pending))
      .execute();
    return { secret: key.secret, url: otpauthUrl(key, totp.issuer, username) };
  }

  /** Whether there was one. */
  async drop(username: string, handle: string): Promise<boolean> {
    const { numDeletedRows } = await this.#options.db
      .deleteFrom('totp_registrations')
      .where('username', '=', username)
      .where('handle', '=', handle)
      .executeTakeFirst();
    return numDeletedRows > 0n;
  }

  /** Stores the device once a code proves it, uses that code up and tells the user by mail. Whoever has no recovery code left gets ten. */
  async finish(username: string, handle: string, typed: string, ip: string): Promise<Finished> {
    const { db, devices, notices, totp, now } = this.#options;
    const nowMs = now();
    return inTransaction(db, async (trx) => {
      const pending = await trx
        .selectFrom('totp_registrations')
        .selectAll()
        .where('username', '=', username)
        .where('handle', '=', handle)
        .where('expires_at_ms', '>', nowMs)
        .executeTakeFirst();
      if (pending === undefined || totp.disabled) return { outcome: 'refused', reason: 'none_pending' };
      const key = this.#keyOf(pending);
      const code = normalizeCode(typed, key.digits);
      const step = code === null ? null : matchStep(key, code, totp.skew, nowMs);
      if (step === null || !(await devices.useStep(trx, username, key.secret, step, nowMs))) return { outcome: 'refused', reason: 'wrong' };
      const isFirst = !(await devices.has(trx, username));
      await devices.store(trx, username, pending.issuer, key, nowMs);
      await trx.deleteFrom('totp_registrations').where('username', '=', username).execute();
      await notices.tell(trx, username, 'totp_added', ip, nowMs);
      const recoveryCodes = await this.#codesFor(trx, username, isFirst, ip, nowMs);
      return { outcome: 'registered', ...(recoveryCodes !== null && { recoveryCodes }) };
    });
  }

  // Whatever codes there are beside a first device stood for one that an older version of this service took away.
  async #codesFor(trx: Database, username: string, isFirst: boolean, ip: string, nowMs: number): Promise<string[] | null> {
    const { codes, notices } = this.#options;
    if (!isFirst && (await codes.left(trx, username)).remaining > 0) return null;
    if (!isFirst) await notices.tell(trx, username, 'recovery_codes_made', ip, nowMs);
    return codes.make(trx, username, nowMs);
  }

  /** Removes the device with its recovery codes and tells the user by mail; false: there was none. */
  async remove(username: string, ip: string): Promise<boolean> {
    const { db, devices, codes, notices, now, totp } = this.#options;
    // Switched off, the device cannot be shown to be held: it stays for the day it is switched on again.
    if (totp.disabled) return false;
    return inTransaction(db, async (trx) => {
      if (!(await devices.delete(trx, username))) return false;
      await codes.delete(trx, username);
      await notices.tell(trx, username, 'totp_removed', ip, now());
      return true;
    });
  }

  async forgetOld(nowMs: number): Promise<void> {
    await this.#options.db.deleteFrom('totp_registrations').where('expires_at_ms', '<', nowMs).execute();
  }

  #allows({ algorithm, digits, periodS }: TotpSettings): boolean {
    const { totp } = this.#options;
    return (
      !totp.disabled && totp.allowedAlgorithms.includes(algorithm) && totp.allowedDigits.includes(digits) && totp.allowedPeriods.includes(periodS)
    );
  }

  #keyOf(row: TotpRegistrationTable): TotpKey {
    const secret = this.#ring.open(row.secret, TOTP_REGISTRATION_SECRET.aad(row)).toString();
    return { algorithm: row.algorithm, digits: row.digits, periodS: row.period_s, secret };
  }
}
