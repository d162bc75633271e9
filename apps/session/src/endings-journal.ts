import type { EndReason, SessionRecord } from '@portcullis/contracts-session';
import { inTransaction, openStore, type StoreLocation } from '@portcullis/platform-sql';
import type { Kysely } from 'kysely';
import { migrations, type JournalTables } from './journal-tables.js';

/** One session, known by its hash. */
export interface EndedSession {
  readonly hash: string;
  /** The sign-in it belonged to, where that was known. */
  readonly username: string | null;
  readonly handle: string | null;
  readonly reason: EndReason;
  /** No copy of it can be alive after. */
  readonly keepUntilMs: number;
}

/** Every session of a user (null: of everybody) begun until then. */
export interface EndedBefore {
  readonly username: string | null;
  readonly notBeforeMs: number;
  /** The sign-in that went on. */
  readonly exceptHandle: string | null;
  readonly reason: EndReason;
  readonly keepUntilMs: number;
}

/** What a user's sessions begun until then must carry. */
export interface ProfileInForce {
  readonly username: string;
  readonly profileHash: string;
  readonly atMs: number;
  readonly keepUntilMs: number;
}

const CONNECTIONS = 8;

/** As `pg_stat_activity` shows it. */
export const APPLICATION = 'portcullis-session';

/** The endings, in a store of our own that no restart, restore or flush of Redis undoes. */
export class EndingsJournal {
  private constructor(
    private readonly db: Kysely<JournalTables>,
    private readonly now: () => number,
  ) {}

  /** Throws SqlError. */
  static async open(location: StoreLocation, now: () => number, onAvailability?: (fault: Error | null) => void): Promise<EndingsJournal> {
    const options = { migrations, application: APPLICATION, size: CONNECTIONS, onAvailability };
    return new EndingsJournal(await openStore<JournalTables>(location, options), now);
  }

  close(): Promise<void> {
    return this.db.destroy();
  }

  /** That session is dead from now on. */
  async add(session: EndedSession): Promise<void> {
    const { hash, ...values } = this.#rowOf(session, 1);
    await this.db
      .insertInto('ended_sessions')
      .values({ hash, ...values })
      .onConflict((conflict) => conflict.column('hash').doUpdateSet(values))
      .execute();
  }

  /** That session is about to end: find() knows it, and no replay ends it until it is added. */
  async announce(session: EndedSession): Promise<void> {
    await this.db
      .insertInto('ended_sessions')
      .values(this.#rowOf(session, 0))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }

  /** One without exception takes the place of the user's earlier ones. */
  async addBefore({ username, notBeforeMs, exceptHandle, reason, keepUntilMs }: EndedBefore): Promise<void> {
    await inTransaction(this.db, async (trx) => {
      if (exceptHandle === null) {
        await trx
          .deleteFrom('ended_before')
          .where('username', username === null ? 'is' : '=', username)
          .where('not_before_ms', '<=', notBeforeMs)
          .execute();
      }
      const row = { username, not_before_ms: notBeforeMs, except_handle: exceptHandle, reason, keep_until_ms: keepUntilMs };
      await trx.insertInto('ended_before').values(row).execute();
    });
  }

  async putProfile({ username, profileHash, atMs, keepUntilMs }: ProfileInForce): Promise<void> {
    const values = { profile_hash: profileHash, at_ms: atMs, keep_until_ms: keepUntilMs };
    await this.db
      .insertInto('profiles')
      .values({ username, ...values })
      .onConflict((conflict) => conflict.column('username').doUpdateSet(values))
      .execute();
  }

  async dropProfile(username: string): Promise<void> {
    await this.db.deleteFrom('profiles').where('username', '=', username).execute();
  }

  async find(hash: string): Promise<(EndedSession & { readonly atMs: number }) | null> {
    const row = await this.db.selectFrom('ended_sessions').selectAll().where('hash', '=', hash).executeTakeFirst();
    if (row === undefined) return null;
    const { username, handle, reason, at_ms, keep_until_ms } = row;
    return { hash, username, handle, reason, atMs: at_ms, keepUntilMs: keep_until_ms };
  }

  /** For endedSince(): rows written from now on come after it, whatever the clock says, for those who write them do so one by one. */
  async mark(): Promise<number> {
    const row = await this.db
      .selectFrom('ended_before')
      .select((select) => select.fn.max('id').as('last'))
      .executeTakeFirst();
    return row?.last ?? 0;
  }

  /** Whether this sign-in is among those that were ended together since then. */
  async endedSince(mark: number, { profile, handle }: Pick<SessionRecord, 'profile' | 'handle'>): Promise<boolean> {
    const row = await this.db
      .selectFrom('ended_before')
      .select('id')
      .where('id', '>', mark)
      .where((where) => where.or([where('username', '=', profile.username), where('username', 'is', null)]))
      .where((where) => where.or([where('except_handle', 'is', null), where('except_handle', '!=', handle)]))
      .executeTakeFirst();
    return row !== undefined;
  }

  /** The hashes in force, in pages. */
  async *sessionsInForce(pageSize = 1000): AsyncGenerator<readonly string[]> {
    for (let last = ''; ;) {
      const rows = await this.db
        .selectFrom('ended_sessions')
        .select('hash')
        .where('hash', '>', last)
        .where('in_force', '=', 1)
        .where('keep_until_ms', '>', this.now())
        .orderBy('hash')
        .limit(pageSize)
        .execute();
      const end = rows.at(-1);
      if (end === undefined) return;
      last = end.hash;
      yield rows.map(({ hash }) => hash);
    }
  }

  async beforeInForce(): Promise<readonly EndedBefore[]> {
    const rows = await this.db.selectFrom('ended_before').selectAll().where('keep_until_ms', '>', this.now()).execute();
    return rows.map((row) => ({
      username: row.username,
      notBeforeMs: row.not_before_ms,
      exceptHandle: row.except_handle,
      reason: row.reason,
      keepUntilMs: row.keep_until_ms,
    }));
  }

  async profilesInForce(): Promise<readonly ProfileInForce[]> {
    const rows = await this.db.selectFrom('profiles').selectAll().where('keep_until_ms', '>', this.now()).execute();
    return rows.map((row) => ({ username: row.username, profileHash: row.profile_hash, atMs: row.at_ms, keepUntilMs: row.keep_until_ms }));
  }

  /** Removes what can matter to no session any more. */
  async purge(): Promise<void> {
    const nowMs = this.now();
    for (const table of ['ended_sessions', 'ended_before', 'profiles'] as const)
      await this.db.deleteFrom(table).where('keep_until_ms', '<=', nowMs).execute();
  }

  /** Rows there are, for a metric. */
  async size(): Promise<number> {
    const row = await this.db
      .selectFrom('ended_sessions')
      .select((select) => select.fn.countAll<number>().as('rows'))
      .executeTakeFirstOrThrow();
    return row.rows;
  }

  #rowOf({ hash, username, handle, reason, keepUntilMs }: EndedSession, in_force: 0 | 1) {
    return { hash, username, handle, reason, at_ms: this.now(), keep_until_ms: keepUntilMs, in_force };
  }
}
