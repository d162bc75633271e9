import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.js';
import { AUTHELIA_TABLES } from './look.js';

/** The schema beside ours in which Authelia keeps its tables; null: there is none. A file is one or the other, and was looked at when it was opened. */
export async function findAuthelia<Schema>(db: Kysely<Schema>): Promise<string | null> {
  if (!isPostgres(db)) return null;
  const { rows } = await sql<{ name: string }>`select schemaname::text as name from pg_tables
    where tablename in (${sql.join([...AUTHELIA_TABLES])}) and schemaname <> current_schema()
    group by schemaname having count(*) = ${AUTHELIA_TABLES.length} limit 1`.execute(db);
  return rows[0]?.name ?? null;
}
