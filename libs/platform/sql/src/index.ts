/** SQLite under Kysely, with migrations. */
import type { Kysely } from 'kysely';

export interface Migration {
  /** Never changed once released, nor is the order. */
  readonly name: string;
  up(db: Kysely<never>): Promise<void>;
}

export type SqlErrorCode = 'SQL_IS_DIRECTORY' | 'SQL_FOREIGN_DATABASE' | 'SQL_NOT_A_DATABASE' | 'SQL_NEWER_SCHEMA' | 'SQL_UNAVAILABLE';

export declare class SqlError extends Error {
  readonly code: SqlErrorCode;
}

/**
 * The database file at `path`, made (0600, with its directory) and migrated where needed. Values are numbers, strings, null, bytes and bigints:
 * no booleans, no dates. `destroy()` closes it. Refuses with a SqlError and leaves the file as it was.
 */
export declare function openSqlite<Schema>(path: string, options: { readonly migrations: readonly Migration[] }): Promise<Kysely<Schema>>;

/** Runs `work` in one write transaction; inside one already, in that one. */
export declare function inTransaction<Schema, Result>(db: Kysely<Schema>, work: (trx: Kysely<Schema>) => Promise<Result>): Promise<Result>;
