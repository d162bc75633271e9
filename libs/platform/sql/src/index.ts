/** SQLite under Kysely, with migrations. */
export { openSqlite } from './open-sqlite.js';
export { type Migration } from './migrate.js';
export { readSchema, type SchemaReading } from './read-schema.js';
export { copyTo, takeAlone } from './take-alone.js';
export { inTransaction } from './in-transaction.js';
export { SqlError, type SqlErrorCode } from './sql-error.js';
