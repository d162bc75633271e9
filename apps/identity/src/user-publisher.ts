import type { UserRecord } from '@portcullis/contracts-configuration';
import type { AuditRow } from '@portcullis/contracts-identity';
import type { sessionContract } from '@portcullis/contracts-session';
import type { Client } from '@portcullis/platform-rpc';
import { keyedHash } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import { writeAudit } from './audit.js';
import type { Database, PublishedUserTable } from './database.js';
import { personOf } from './people.js';
import type { Users } from './users.js';

/** What the identity service asks of the session service. */
export type Sessions = Pick<Client<typeof sessionContract>, 'endByHandle' | 'endUser' | 'refreshUser'>;

export interface UserPublisherOptions {
  readonly db: Database;
  readonly sessions: Sessions;
  readonly users: Pick<Users, 'directory' | 'read'>;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly log: Logger;
  readonly now: () => number;
}

interface Change {
  readonly username: string;
  /** null: disabled or gone. */
  readonly user: UserRecord | null;
  readonly told: PublishedUserTable | null;
  readonly hashes: Pick<PublishedUserTable, 'profile_hash' | 'password_hash'> | null;
  readonly newProfile: boolean;
  readonly newPassword: boolean;
  readonly endDue: boolean;
  readonly repeat: boolean;
}

const RETRY_MS = 500;
/** Rounds that fail before it is worth a line: services that start together wait for each other. */
const TOLD_AFTER = 4;
const AT_ONCE = 8;
/** A sign-in that was under way when the file changed may still make a session of the old profile: for as long as `session.v1.create` may take. */
const TELL_AGAIN_AFTER_MS = 4000;
/** How long the request that set a new password has to end the sessions itself before the publisher does. */
const OWN_ENDING_MS = 20_000;

/**
 * Tells the session service of every user who changed, is disabled or gone, until it has confirmed: what was told is in SQL, so a
 * change made while this process was down is found at the start. A password changed in the file by hand ends that user's sessions.
 */
export class UserPublisher {
  readonly #options: UserPublisherOptions;
  readonly #hash: (text: string) => string;
  readonly #again = new Map<string, number>();
  #wake: () => void = () => undefined;
  #closed = false;
  #running: Promise<void> | null = null;

  constructor(options: UserPublisherOptions) {
    this.#options = options;
    this.#hash = publishedHash(options.secret);
  }

  start(): void {
    this.#running = this.#run();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#wake();
    await this.#running;
  }

  /** The users are others now. */
  changed(): void {
    this.#wake();
  }

  /** In the transaction that writes a new password: every process knows it as told, and somebody ends the sessions even if this request cannot. */
  async claimEnding(trx: Database, username: string, digest: string): Promise<void> {
    const end_due_ms = this.#options.now() + OWN_ENDING_MS;
    const told = { password_hash: this.#hash(digest), end_due_ms };
    const user = this.#options.users.directory.byName(username);
    if (user === null) return;
    await trx
      .insertInto('published_users')
      .values({ username, profile_hash: this.#profileHash(user), ...told })
      .onConflict((conflict) => conflict.column('username').doUpdateSet(told))
      .execute();
  }

  /** The sessions of the claim are ended, or (false) must be ended by the publisher now. */
  async settleEnding(username: string, ended: boolean): Promise<void> {
    await this.#setEndDue(username, ended ? null : this.#options.now());
    if (!ended) this.#wake();
  }

  /** Whether this user, with this digest, is what was last told: if not, another process may have read a newer file than this one. */
  async knows(user: UserRecord): Promise<boolean> {
    const told = await this.#options.db
      .selectFrom('published_users')
      .select('password_hash')
      .where('username', '=', user.username)
      .executeTakeFirst();
    return told?.password_hash === this.#hash(user.digest);
  }

  async #run(): Promise<void> {
    let failures = 0;
    while (!this.#closed) {
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      try {
        await this.#round();
        if (failures >= TOLD_AFTER) this.#options.log.info('Sessions follow the users file again');
        failures = 0;
      } catch (error) {
        failures += 1;
        if (failures === TOLD_AFTER) this.#options.log.warn('Sessions do not follow the users file yet: trying again', { error: String(error) });
      }
      await this.#pause(woken, failures > 0);
    }
  }

  async #pause(woken: Promise<void>, failing: boolean): Promise<void> {
    const dueMs = Math.min(...this.#again.values()) - this.#options.now();
    const waitMs = failing ? RETRY_MS : Math.max(0, Math.min(dueMs, OWN_ENDING_MS));
    let timer: NodeJS.Timeout | undefined;
    const elapsed = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([woken, elapsed]);
    clearTimeout(timer);
  }

  async #round(): Promise<void> {
    const changes = await inTransaction(this.#options.db, (trx) => this.#changes(trx));
    const failures: string[] = [];
    for (let at = 0; at < changes.length && !this.#closed; at += AT_ONCE) {
      const results = await Promise.allSettled(changes.slice(at, at + AT_ONCE).map((change) => this.#tell(change)));
      const failed = results.filter((result) => result.status === 'rejected');
      failures.push(...failed.map(({ reason }) => String(reason)));
      // One odd user holds up nobody else; a session service that is away answers nobody.
      if (failed.length === results.length) break;
    }
    if (failures[0] !== undefined) throw new Error(failures[0]);
  }

  // Users and rows are read in one transaction, as a new password changes both in one.
  async #changes(trx: Database): Promise<readonly Change[]> {
    const nowMs = this.#options.now();
    const told = new Map((await trx.selectFrom('published_users').selectAll().execute()).map((row) => [row.username, row]));
    const directory = await this.#options.users.read(trx);
    const users = new Map(directory.users.filter((user) => !user.disabled).map((user) => [user.username, user]));
    const again = new Set([...this.#again].filter(([, dueMs]) => dueMs <= nowMs).map(([username]) => username));
    return [...new Set([...told.keys(), ...users.keys(), ...again])]
      .map((username) => this.#change(username, users.get(username) ?? null, told.get(username) ?? null, again.has(username), nowMs))
      .filter((change) => change.newProfile || change.newPassword || change.endDue || change.repeat);
  }

  #change(username: string, user: UserRecord | null, told: PublishedUserTable | null, repeat: boolean, nowMs: number): Change {
    const hashes = user === null ? null : { profile_hash: this.#profileHash(user), password_hash: this.#hash(user.digest) };
    return {
      username,
      user,
      told,
      hashes,
      newProfile: hashes?.profile_hash !== told?.profile_hash,
      newPassword: told !== null && hashes !== null && hashes.password_hash !== told.password_hash,
      endDue: told !== null && told.end_due_ms !== null && told.end_due_ms <= nowMs,
      repeat,
    };
  }

  async #tell(change: Change): Promise<void> {
    const { username, user, told, newPassword, endDue, repeat } = change;
    const { sessions, log, now } = this.#options;
    if (newPassword || endDue) await sessions.endUser({ username, exceptId: null, reason: 'password_changed' });
    await sessions.refreshUser({ username, profile: user === null ? null : personOf(user) });
    await this.#remember(change);
    if (repeat) this.#again.delete(username);
    else if (told !== null) this.#again.set(username, now() + TELL_AGAIN_AFTER_MS);
    if (user === null && told !== null) log.info(`The user '${username}' is disabled or gone: their sessions are ended`);
  }

  // Only what was told, and only in the place of what was known then: a password set meanwhile has written its own row.
  async #remember({ username, hashes, told, newProfile, newPassword, endDue }: Change): Promise<void> {
    const { db, now } = this.#options;
    if (hashes === null) {
      await inTransaction(db, async (trx) => {
        const { numDeletedRows } = await trx.deleteFrom('published_users').where('username', '=', username).executeTakeFirst();
        if (numDeletedRows === 1n) await writeTaken(trx, username, { gone: true }, now());
      });
      return;
    }
    if (told === null) {
      const row = { username, ...hashes, end_due_ms: null };
      await db
        .insertInto('published_users')
        .values(row)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
      return;
    }
    const row = {
      ...(newProfile && { profile_hash: hashes.profile_hash }),
      ...(newPassword && { password_hash: hashes.password_hash }),
      ...(endDue && { end_due_ms: null }),
    };
    if (Object.keys(row).length === 0) return;
    await inTransaction(db, async (trx) => {
      const { numUpdatedRows } = await trx
        .updateTable('published_users')
        .set(row)
        .where('username', '=', username)
        .where('password_hash', '=', told.password_hash)
        .where('profile_hash', '=', told.profile_hash)
        .executeTakeFirst();
      // Of several processes that tell the same, the first writes it down.
      if (numUpdatedRows === 1n && (newProfile || newPassword))
        await writeTaken(trx, username, { profile: newProfile, password: newPassword }, now());
    });
  }

  async #setEndDue(username: string, end_due_ms: number | null): Promise<void> {
    await this.#options.db.updateTable('published_users').set({ end_due_ms }).where('username', '=', username).execute();
  }

  #profileHash(user: UserRecord): string {
    return this.#hash(profileText(user));
  }
}

/** However somebody was changed, by hand in the file too: from here on their sessions go by it. */
const writeTaken = (trx: Database, username: string, detail: AuditRow['detail'], atMs: number): Promise<void> =>
  writeAudit(trx, { kind: 'user_taken', username, actor: 'system', detail }, atMs);

/** What is kept of what was told: neither names nor digests, but whether they are the same. */
export const publishedHash = (secret: string): ((text: string) => string) => keyedHash(secret, 'published-user');
export const profileText = (user: UserRecord): string => JSON.stringify(personOf(user));
