import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Database } from './database.js';
import type { Metrics } from './metrics.js';
import type { Origin } from './password-check.js';
import type { People } from './people.js';
import type { Regulation, Try } from './regulation.js';
import { type Judged, tellOf } from './second-factor-verdict.js';
import { matchStep, normalizeCode } from './totp-code.js';
import type { TotpDevices } from './totp-devices.js';

export type TotpVerdict =
  | { readonly outcome: 'verified' }
  | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'used' | 'no_device' }
  | { readonly outcome: 'banned'; readonly untilMs: number | null };

export interface TotpSignInOptions {
  readonly db: Database;
  readonly devices: TotpDevices;
  readonly people: People;
  readonly regulation: Regulation;
  readonly disabled: boolean;
  /** Steps to either side that count too. */
  readonly skew: number;
  readonly reuseAllowed: boolean;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** A code works once a user, over all sessions and processes, and guessing bans (attacks 39, 40). */
export class TotpSignIn {
  readonly #options: TotpSignInOptions;

  constructor(options: TotpSignInOptions) {
    this.#options = options;
  }

  async verify(username: string, typed: string, origin: Origin): Promise<TotpVerdict> {
    const { db, devices, people, disabled, skew, now } = this.#options;
    const tried: Try = { ...origin, factor: 'TOTP', username, remoteIp: origin.ip };
    const device = disabled || people.byName(username) === null ? null : await devices.find(db, username);
    const code = device === null ? null : normalizeCode(typed, device.digits);
    if (device === null || code === null) {
      const verdict = { outcome: 'refused', reason: device === null ? 'no_device' : 'wrong' } as const;
      tellOf(this.#options, 'totp', tried, { verdict, refusal: null, bans: [] });
      return verdict;
    }
    const nowMs = now();
    const step = matchStep(device, code, skew, nowMs);
    const judged = await inTransaction(db, (trx) => this.#judge(trx, tried, device.secret, step, nowMs));
    tellOf(this.#options, 'totp', tried, judged);
    return judged.verdict;
  }

  async #judge(trx: Database, tried: Try, secret: string, step: number | null, nowMs: number): Promise<Judged<TotpVerdict>> {
    const { devices, regulation, reuseAllowed } = this.#options;
    const refusal = await regulation.refusal(trx, tried, nowMs);
    const fresh = refusal === null && step !== null && ((await devices.useStep(trx, tried.username, secret, step, nowMs)) || reuseAllowed);
    // A right code a second time is no guess: it is refused and counts for nothing.
    if (refusal === null && step !== null && !fresh) return { verdict: { outcome: 'refused', reason: 'used' }, refusal, bans: [] };
    const bans = await regulation.record(trx, tried, fresh, refusal, nowMs);
    if (fresh) await devices.touch(trx, tried.username, nowMs);
    if (refusal !== null) return { verdict: { outcome: 'banned', untilMs: refusal.untilMs }, refusal, bans };
    return { verdict: fresh ? { outcome: 'verified' } : { outcome: 'refused', reason: 'wrong' }, refusal, bans };
  }
}
