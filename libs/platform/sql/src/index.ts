/** SQLite or PostgreSQL under Kysely, with migrations. */
export { describeLocation, openStore, type StoreLocation } from './open-store.js';
export { openSqlite } from './open-sqlite.js';
export { openPostgres, type OpenPostgresOptions } from './open-postgres.js';
export { type PostgresSettings, type PostgresTls } from './postgres-settings.js';
export { type ColumnWords } from './column-words.js';
export { type Migration } from './migrate.js';
export { describeStore, readSchema, type SchemaReading } from './read-schema.js';
export { copyStore, type CopyStoreOptions, type StoreCopy } from './copy-store.js';
export { copyTo, isTaken, takeAlone } from './take-alone.js';
export { findAuthelia } from './find-authelia.js';
export { isPostgres } from './dialect.js';
export { inTransaction } from './in-transaction.js';
export { SqlError, type SqlErrorCode } from './sql-error.js';
