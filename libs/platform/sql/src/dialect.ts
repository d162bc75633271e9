import { type Kysely, PostgresAdapter } from 'kysely';

/** Whether the store is a PostgreSQL server; else it is a file. */
export const isPostgres = <Schema>(db: Kysely<Schema>): boolean => db.getExecutor().adapter instanceof PostgresAdapter;
