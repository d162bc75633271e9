export type SqlErrorCode =
  /** A directory lies where the file should. */
  | 'SQL_IS_DIRECTORY'
  /** A database of someone else: it was looked at and left as it was. */
  | 'SQL_FOREIGN_DATABASE'
  /** Not a database, or a damaged one. */
  | 'SQL_NOT_A_DATABASE'
  /** It holds migrations that this version does not know. */
  | 'SQL_NEWER_SCHEMA'
  /** A migration failed; none of this start's was kept. */
  | 'SQL_MIGRATION_FAILED'
  /** A server that does not let that name with that password in. */
  | 'SQL_ACCESS_DENIED'
  /** A server that has no database of that name. */
  | 'SQL_NO_DATABASE'
  /** A server where that name may not do what a store needs. */
  | 'SQL_NO_RIGHT'
  /** A store that is not to be copied, or not there. */
  | 'SQL_COPY_REFUSED'
  /** Permissions, a full or failing disk, a server that is away, a lock held for too long. */
  | 'SQL_UNAVAILABLE';

export class SqlError extends Error {
  override readonly name = 'SqlError';

  constructor(
    readonly code: SqlErrorCode,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}
