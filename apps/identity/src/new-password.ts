import type { identityContract } from '@portcullis/contracts-identity';
import { checkPassword, maxPasswordBytes, type DigestOptions, type PasswordPolicy } from '@portcullis/domain-passwords';
import type { Digests } from '@portcullis/platform-digests';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { z } from 'zod';
import type { Database } from './database.js';
import type { EventNotices } from './event-notices.js';
import type { Metrics } from './metrics.js';
import type { Origin, PasswordCheck } from './password-check.js';
import type { People } from './people.js';
import type { Regulation } from './regulation.js';
import type { Sessions, UserPublisher } from './user-publisher.js';
import type { Users, Writing } from './users.js';

type ChangeReply = z.input<typeof identityContract.operations.changePassword.reply>;
type ResetReply = z.input<typeof identityContract.operations.resetPassword.reply>;
type Reason = 'password_changed' | 'password_reset';

export interface NewPasswordOptions {
  readonly db: Database;
  readonly users: Users;
  readonly people: People;
  readonly passwords: PasswordCheck;
  readonly digests: Digests;
  readonly digest: DigestOptions;
  readonly policy: PasswordPolicy;
  readonly changeDisabled: boolean;
  readonly resetDisabled: boolean;
  readonly regulation: Regulation;
  /** The right to set a password, from a mailed link: whose it is, and using it up (null: it is not valid any more). */
  readonly grants: {
    readonly holder: (grant: string) => Promise<string | null>;
    readonly redeem: (trx: Database, grant: string) => Promise<string | null>;
  };
  readonly publisher: Pick<UserPublisher, 'claimEnding' | 'settleEnding'>;
  readonly sessions: Pick<Sessions, 'endUser'>;
  readonly notices: EventNotices;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

interface Store {
  readonly username: string;
  readonly newDigest: string;
  readonly reason: Reason;
  readonly ip: string;
  /** Only in the place of this digest. */
  readonly expected: string | null;
  /** What else happens in the transaction; false undoes it all. */
  readonly also: (trx: Database, nowMs: number) => Promise<boolean>;
}

/** Undoes the transaction of a password that could not be written. */
class NotStored extends Error {
  constructor(readonly why: Exclude<Writing, 'written'>) {
    super(why);
  }
}

/** A new password: by the old one, or by the grant of a mailed link. It is kept, told by mail, and no older session outlives it (attack 49). */
export class NewPassword {
  readonly #options: NewPasswordOptions;

  constructor(options: NewPasswordOptions) {
    this.#options = options;
  }

  async change(request: { username: string; oldPassword: string; newPassword: string; keepSessionId: string; origin: Origin }): Promise<ChangeReply> {
    const { users, passwords, changeDisabled, policy, digest } = this.#options;
    const { username, oldPassword, newPassword, keepSessionId, origin } = request;
    if (changeDisabled || users.readOnly !== null) return { outcome: 'disabled' };
    // The try is counted before the policy is asked: a score costs more than most, and is nobody's who does not know the old password.
    const user = await passwords.checkUser(username, oldPassword, origin);
    if (user === null) return { outcome: 'refused' };
    const verdict = checkPassword(policy, newPassword, maxPasswordBytes(digest));
    const failed = [...(verdict.ok ? [] : verdict.failed), ...(newPassword === oldPassword ? (['unchanged'] as const) : [])];
    if (failed.length > 0) return { outcome: 'policy', failed };

    const newDigest = await this.#make(newPassword);
    const also = (): Promise<boolean> => Promise.resolve(true);
    const writing = await this.#store({ username, newDigest, reason: 'password_changed', ip: origin.ip, expected: user.digest, also });
    if (writing !== 'written') return { outcome: writing === 'stale' ? 'refused' : 'disabled' };
    await this.#endSessions(username, keepSessionId, 'password_changed');
    return { outcome: 'changed' };
  }

  async reset({ grant, password, ip }: { grant: string; password: string; ip: string }): Promise<ResetReply> {
    const { users, people, resetDisabled, policy, digest, grants, regulation } = this.#options;
    if (resetDisabled || users.readOnly !== null) return { outcome: 'disabled' };
    const username = await grants.holder(grant);
    if (username === null || people.byName(username) === null) return { outcome: 'refused' };
    const verdict = checkPassword(policy, password, maxPasswordBytes(digest));
    if (!verdict.ok) return { outcome: 'policy', failed: [...verdict.failed] };

    const newDigest = await this.#make(password);
    const also = async (trx: Database, nowMs: number): Promise<boolean> => {
      if ((await grants.redeem(trx, grant)) !== username) return false;
      await regulation.lift(trx, username, ip, nowMs);
      return true;
    };
    const writing = await this.#store({ username, newDigest, reason: 'password_reset', ip, expected: null, also });
    if (writing !== 'written') return { outcome: writing === 'stale' ? 'refused' : 'disabled' };
    await this.#endSessions(username, null, 'password_reset');
    return { outcome: 'reset', username };
  }

  #make(password: string): Promise<string> {
    const { metrics, digests, digest } = this.#options;
    return metrics.timeHash(() => digests.make(digest, password));
  }

  // The users come last: where they are a file, what fails before it undoes the rest.
  async #store({ username, newDigest, reason, ip, expected, also }: Store): Promise<Writing> {
    const { db, users, publisher, notices, log, now } = this.#options;
    const nowMs = now();
    try {
      await inTransaction(db, async (trx) => {
        if (!(await also(trx, nowMs))) throw new NotStored('stale');
        await notices.tell(trx, username, reason, ip, nowMs);
        await publisher.claimEnding(trx, username, newDigest);
        const writing = await users.setDigest(trx, username, newDigest, expected);
        if (writing !== 'written') throw new NotStored(writing);
      });
    } catch (error) {
      if (!(error instanceof NotStored)) throw error;
      if (error.why === 'read_only') log.error(`The new password of '${username}' cannot be kept: ${users.place} cannot be written`);
      return error.why;
    }
    await users.refresh();
    log.info(`The password of '${username}' was ${reason === 'password_reset' ? 'reset' : 'changed'}`, { remote_ip: ip });
    return 'written';
  }

  async #endSessions(username: string, exceptId: string | null, reason: Reason): Promise<void> {
    const { sessions, publisher } = this.#options;
    try {
      await sessions.endUser({ username, exceptId, reason });
    } catch (error) {
      await publisher.settleEnding(username, false);
      throw error;
    }
    await publisher.settleEnding(username, true);
  }
}
