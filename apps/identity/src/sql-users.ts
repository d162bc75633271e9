import type { UserRecord } from '@portcullis/contracts-configuration';
import type { UserEdit } from '@portcullis/contracts-identity';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { ExpressionBuilder, OnConflictDatabase, OnConflictTables } from 'kysely';
import { setTimeout as delay } from 'node:timers/promises';
import { z } from 'zod';
import type { Database, Tables } from './database.js';
import type { UserTable } from './migrations-users.js';
import { createDirectory, type SearchOptions, type UserDirectory } from './user-directory.js';
import { planEdits, problemsOf, type UserChange } from './user-edits.js';
import type { Editing, Users, Writing } from './users.js';

export interface SqlUsersOptions {
  readonly db: Database;
  /** The store, as messages name it. */
  readonly place: string;
  readonly search: SearchOptions;
  readonly log: Pick<Logger, 'error' | 'warn'>;
  readonly now: () => number;
}

interface Seen {
  readonly version: number;
  readonly directory: UserDirectory;
  readonly problems: readonly string[];
}

/** The users of the store are not what the configuration wants of them; the message is the whole report. */
export class SqlUsersError extends Error {
  override readonly name = 'SqlUsersError';
  readonly code = 'SQL_USERS';
}

const LOOK_EVERY_MS = 500;
const texts = z.array(z.string());

/** The users as rows of the store, for identities on several machines. Each change counts `users_version` up, which all of them look at. */
export class SqlUsers implements Users {
  readonly backend = 'sql';
  readonly readOnly = null;
  readonly #options: SqlUsersOptions;
  #seen: Seen;
  #version: number;
  #onChange: () => void = () => undefined;

  static async open(options: SqlUsersOptions): Promise<SqlUsers> {
    const seen = await inTransaction(options.db, (trx) => readAll(trx, options.search));
    if (seen.problems.length > 0) {
      throw new SqlUsersError(`the users in ${options.place} cannot be used\n${seen.problems.map((problem) => `  ${problem}`).join('\n')}`);
    }
    return new SqlUsers(options, seen);
  }

  private constructor(options: SqlUsersOptions, seen: Seen) {
    this.#options = options;
    this.#seen = seen;
    this.#version = seen.version;
  }

  get place(): string {
    return this.#options.place;
  }

  get directory(): UserDirectory {
    return this.#seen.directory;
  }

  get valid(): boolean {
    return this.#version === this.#seen.version;
  }

  onChange(listener: () => void): void {
    this.#onChange = listener;
  }

  async read(trx: Database): Promise<UserDirectory> {
    if ((await versionOf(trx)) === this.#version) return this.#seen.directory;
    const read = await readAll(trx, this.#options.search);
    return read.problems.length > 0 ? this.#seen.directory : read.directory;
  }

  async refresh(): Promise<void> {
    const { db, search, log, place } = this.#options;
    if ((await versionOf(db)) === this.#version) return;
    const read = await inTransaction(db, (trx) => readAll(trx, search));
    // Another look of this process was quicker.
    if (read.version <= this.#version) return;
    this.#version = read.version;
    if (read.problems.length > 0) {
      log.error(`The users in ${place} were changed and cannot be used: the users stay as they were\n${read.problems.join('\n')}`);
      return;
    }
    this.#seen = read;
    this.#onChange();
  }

  watch(signal: AbortSignal): Promise<void> {
    void this.#look(signal);
    return Promise.resolve();
  }

  async setDigest(trx: Database, username: string, digest: string, expected: string | null): Promise<Writing> {
    const nowMs = this.#options.now();
    const { numUpdatedRows } = await trx
      .updateTable('users')
      .set({ digest, updated_at_ms: nowMs, password_changed_at_ms: nowMs })
      .where('username', '=', username)
      .where('disabled', '=', 0)
      .$if(expected !== null, (query) => query.where('digest', '=', expected ?? ''))
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return 'stale';
    await countUp(trx);
    return 'written';
  }

  async edit(trx: Database, edits: readonly UserEdit[], dryRun: boolean): Promise<Editing> {
    const { search, now } = this.#options;
    const { directory } = await readAll(trx, search);
    const plan = planEdits(directory.users, edits, search);
    if (!plan.ok) return { outcome: 'invalid', problems: plan.problems };
    if (dryRun || plan.changes.length === 0) return { outcome: 'done', changes: plan.changes };
    await write(trx, plan.changes, now());
    await countUp(trx);
    return { outcome: 'done', changes: plan.changes };
  }

  async #look(signal: AbortSignal): Promise<void> {
    let isTold = false;
    for (;;) {
      if (signal.aborted) return;
      try {
        await this.refresh();
        isTold = false;
      } catch (error) {
        if (!isTold) this.#options.log.warn('Whether the users changed cannot be seen now', { error: String(error) });
        isTold = true;
      }
      await delay(LOOK_EVERY_MS, undefined, { signal, ref: false }).catch(() => undefined);
    }
  }
}

async function readAll(db: Database, search: SearchOptions): Promise<Seen> {
  const version = await versionOf(db);
  const rows = await db.selectFrom('users').selectAll().orderBy('username').execute();
  const users = rows.map(asRecord);
  return { version, directory: createDirectory(users, search), problems: problemsOf(users, search) };
}

async function versionOf(db: Database): Promise<number> {
  const { version } = await db.selectFrom('users_version').select('version').where('id', '=', 1).executeTakeFirstOrThrow();
  return version;
}

async function countUp(trx: Database): Promise<void> {
  await trx
    .updateTable('users_version')
    .set((eb) => ({ version: eb('version', '+', 1) }))
    .where('id', '=', 1)
    .execute();
}

/** A store takes so many values in a statement. */
const AT_ONCE = 1000;

async function write(trx: Database, changes: readonly UserChange[], nowMs: number): Promise<void> {
  for (let at = 0; at < changes.length; at += AT_ONCE) await writeSome(trx, changes.slice(at, at + AT_ONCE), nowMs);
}

async function writeSome(trx: Database, changes: readonly UserChange[], nowMs: number): Promise<void> {
  const gone = changes.filter(({ after }) => after === null).map(({ username }) => username);
  const there = changes.flatMap(({ username, after }) => (after === null ? [] : [{ username, ...asRow(after), ...timesOf(nowMs) }]));
  if (gone.length > 0) await trx.deleteFrom('users').where('username', 'in', gone).execute();
  if (there.length > 0) {
    await trx
      .insertInto('users')
      .values(there)
      .onConflict((conflict) => conflict.column('username').doUpdateSet(asItWas))
      .execute();
  }
}

const timesOf = (nowMs: number) => ({ created_at_ms: nowMs, updated_at_ms: nowMs, password_changed_at_ms: nowMs });

/** Of somebody who was there already: when they were made stays, and when their password was set, unless it is another. */
const asItWas = (eb: ExpressionBuilder<OnConflictDatabase<Tables, 'users'>, OnConflictTables<'users'>>) => ({
  ...{ display_name: eb.ref('excluded.display_name'), emails: eb.ref('excluded.emails'), groups: eb.ref('excluded.groups') },
  ...{ digest: eb.ref('excluded.digest'), disabled: eb.ref('excluded.disabled'), updated_at_ms: eb.ref('excluded.updated_at_ms') },
  password_changed_at_ms: eb
    .case()
    .when('users.digest', '=', eb.ref('excluded.digest'))
    .then(eb.ref('users.password_changed_at_ms'))
    .else(eb.ref('excluded.password_changed_at_ms'))
    .end(),
});

const asRow = ({ displayName, email, groups, digest, disabled }: UserRecord) =>
  ({
    display_name: displayName,
    emails: JSON.stringify(email === null ? [] : [email]),
    groups: JSON.stringify(groups),
    digest,
    disabled: disabled ? 1 : 0,
  }) as const;

function asRecord({ username, display_name, emails, groups, digest, disabled }: UserTable): UserRecord {
  const [email = null] = texts.parse(JSON.parse(emails));
  return { username, displayName: display_name, email, groups: texts.parse(JSON.parse(groups)), digest, disabled: disabled === 1 };
}
