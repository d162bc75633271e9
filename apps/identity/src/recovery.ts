import type { identityContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Database } from './database.js';
import type { EventNotices } from './event-notices.js';
import type { Metrics } from './metrics.js';
import type { People } from './people.js';
import { type RecoveryCodes, readRecoveryCode } from './recovery-codes.js';
import type { Regulation, Try } from './regulation.js';
import { type Judged, tellOf } from './second-factor-verdict.js';
import type { TotpDevices } from './totp-devices.js';

type Identity = Handlers<typeof identityContract>;
type Verdict = Awaited<ReturnType<Identity['verifyRecoveryCode']>>;

export interface RecoveryOptions {
  readonly db: Database;
  readonly codes: RecoveryCodes;
  readonly devices: Pick<TotpDevices, 'has'>;
  readonly people: Pick<People, 'byName'>;
  readonly notices: EventNotices;
  readonly regulation: Regulation;
  /** One-time passwords are: then there is no second factor that a code could stand for. */
  readonly disabled: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** Codes that stand for a device somebody lost: guessing them is guessing at the device, and bans as that does (attack 40). */
export class Recovery {
  readonly #options: RecoveryOptions;

  constructor(options: RecoveryOptions) {
    this.#options = options;
  }

  async describe({ username }: Parameters<Identity['describeRecoveryCodes']>[0]): ReturnType<Identity['describeRecoveryCodes']> {
    const { db, codes } = this.#options;
    return (await this.#hasDevice(db, username)) ? codes.left(db, username) : { remaining: 0, createdAtMs: null };
  }

  async renew({ username, ip }: Parameters<Identity['renewRecoveryCodes']>[0]): ReturnType<Identity['renewRecoveryCodes']> {
    const { db, codes, notices, log, now } = this.#options;
    return inTransaction(db, async (trx) => {
      if (!(await this.#hasDevice(trx, username))) return { outcome: 'no_device' };
      const nowMs = now();
      const made = await codes.make(trx, username, nowMs);
      await notices.tell(trx, username, 'recovery_codes_made', ip, nowMs);
      log.info('New recovery codes were made', { username, remote_ip: ip });
      return { outcome: 'made', codes: made };
    });
  }

  async verify({ username, code: typed, origin }: Parameters<Identity['verifyRecoveryCode']>[0]): Promise<Verdict> {
    const { db, codes, now } = this.#options;
    const tried: Try = { ...origin, factor: 'Recovery', username, remoteIp: origin.ip };
    const [device, { createdAtMs }] = [await this.#hasDevice(db, username), await codes.left(db, username)];
    const has = device && createdAtMs !== null;
    const code = readRecoveryCode(typed);
    if (!has || code === null) {
      const verdict = { outcome: 'refused', reason: has ? 'wrong' : 'none' } as const;
      tellOf(this.#options, 'recovery_code', tried, { verdict, refusal: null, bans: [] });
      return verdict;
    }
    const judged = await inTransaction(db, (trx) => this.#judge(trx, tried, code, now()));
    tellOf(this.#options, 'recovery_code', tried, judged);
    return judged.verdict;
  }

  async #judge(trx: Database, tried: Try, code: string, nowMs: number): Promise<Judged<Verdict>> {
    const { codes, notices, regulation } = this.#options;
    const { username, remoteIp } = tried;
    const refusal = await regulation.refusal(trx, tried, nowMs);
    const result = refusal === null ? await codes.use(trx, username, code, nowMs) : 'wrong';
    // A right code a second time is no guess: it is refused and counts for nothing.
    if (result === 'used') return { verdict: { outcome: 'refused', reason: 'used' }, refusal, bans: [] };
    const bans = await regulation.record(trx, tried, result === 'accepted', refusal, nowMs);
    if (refusal !== null) return { verdict: { outcome: 'banned', untilMs: refusal.untilMs }, refusal, bans };
    if (result === 'wrong') return { verdict: { outcome: 'refused', reason: 'wrong' }, refusal, bans };
    await notices.tell(trx, username, 'recovery_code_used', remoteIp, nowMs);
    return { verdict: { outcome: 'verified', remaining: (await codes.left(trx, username)).remaining }, refusal, bans };
  }

  async #hasDevice(db: Database, username: string): Promise<boolean> {
    const { devices, people, disabled } = this.#options;
    const has = await devices.has(db, username);
    return has && !disabled && people.byName(username) !== null;
  }
}
