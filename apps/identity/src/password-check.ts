import type { UserRecord } from '@portcullis/contracts-configuration';
import { type DigestOptions, isHashable } from '@portcullis/domain-passwords';
import { decoyDigest, decoyLike, type Digests } from '@portcullis/platform-digests';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import { logBan, logRefusedTry, logSuccessfulTry, logUnknownUser } from './attempt-log.js';
import type { Database } from './database.js';
import type { Metrics } from './metrics.js';
import type { Refusal, Regulation, Try } from './regulation.js';
import type { UserDirectory } from './user-directory.js';

/** Where a try came from. */
export interface Origin {
  readonly ip: string;
  readonly method: string;
  readonly path: string;
  readonly targetUrl?: string | null;
  readonly targetMethod?: string | null;
}

export interface PasswordCheckOptions {
  readonly db: Database;
  readonly users: () => UserDirectory;
  /** How new passwords are hashed: what an unknown name costs while nobody is known. */
  readonly digest: DigestOptions;
  /** Takes in what another process wrote, if it is needed to judge this user. */
  readonly refresh: (user: UserRecord) => Promise<void>;
  readonly digests: Digests;
  /** Keyed, so that nobody can tell beforehand what an unknown name will cost. */
  readonly nameHash: (name: string) => string;
  readonly regulation: Regulation;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** A password that is none is hashed as this one, so that it costs what any other does. */
const STAND_IN = 'stand-in';

/** Is this the password of that account? Every refusal costs one hash, whatever its reason (attacks 27, 28, 31, 34). */
export class PasswordCheck {
  readonly #options: PasswordCheckOptions;
  readonly #decoys = new WeakMap<UserRecord, string>();

  constructor(options: PasswordCheckOptions) {
    this.#options = options;
  }

  /** The user who is meant by what was typed and whose password it is, or null. Counts and fails as `checkUser`. */
  async check(typed: string, password: string, origin: Origin): Promise<UserRecord | null> {
    return this.#options.metrics.timeTry(() => this.#check(typed, (users) => users.lookup(typed), password, origin));
  }

  /** The user of that canonical name if it is their password, or null; the try is written down, counted and logged. Throws DIGESTS_BUSY before it is. */
  async checkUser(username: string, password: string, origin: Origin): Promise<UserRecord | null> {
    return this.#options.metrics.timeTry(() => this.#check(username, (users) => users.byName(username), password, origin));
  }

  async #check(typed: string, find: (users: UserDirectory) => UserRecord | null, password: string, origin: Origin): Promise<UserRecord | null> {
    const { users, refresh, digests, metrics } = this.#options;
    const known = find(users());
    if (known !== null) await refresh(known);
    const found = find(users());
    const account = found?.disabled === false ? found : null;
    const digest = found?.digest ?? this.#decoyFor(typed);
    const hashable = isHashable(password);
    const matches = await metrics.timeHash(() => digests.verify(digest, hashable ? password : STAND_IN));
    // A password that was changed while this one was hashed is not this one's any more.
    const same = account !== null && users().byName(account.username)?.digest === digest;
    const user = matches && hashable && same ? account : null;

    const tried: Try = { ...origin, factor: '1FA', username: account?.username ?? '', remoteIp: origin.ip };
    if (account === null) logUnknownUser(this.#options.log, typed, tried);
    const refusal = await this.#judge(tried, user !== null);
    return refusal === null ? user : null;
  }

  // The ban is looked for after the hash and in the transaction that counts: tries side by side get no more chances than one by one.
  async #judge(tried: Try, successful: boolean): Promise<Refusal | null> {
    const { db, regulation, log, metrics, now } = this.#options;
    const nowMs = now();
    const { refusal, bans } = await inTransaction(db, async (trx) => {
      const refusal = await regulation.refusal(trx, tried, nowMs);
      const bans = await regulation.record(trx, tried, successful && refusal === null, refusal, nowMs);
      return { refusal, bans };
    });
    if (successful && refusal === null) logSuccessfulTry(log, tried);
    else logRefusedTry(log, tried, refusal);
    for (const ban of bans) {
      logBan(log, ban, tried);
      metrics.countBan(ban.kind, 'password');
    }
    metrics.countSignIn('password', refusal !== null ? 'banned' : successful ? 'success' : 'refused');
    return refusal;
  }

  // An unknown name costs what the same user's password costs each time, picked so that unknown names are spread as the known ones are.
  #decoyFor(typed: string): string {
    const { users, nameHash, digest } = this.#options;
    const all = users().users;
    const like = all[Buffer.from(nameHash(typed), 'base64url').readUInt32BE() % all.length];
    if (like === undefined) return decoyDigest(digest);
    const decoy = this.#decoys.get(like) ?? decoyLike(like.digest);
    this.#decoys.set(like, decoy);
    return decoy;
  }
}
