import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.js';

/** The last number each table has given as an `id`, where the store remembers it: rows that went since have it still. */
export async function readLastIds<Schema>(db: Kysely<Schema>): Promise<ReadonlyMap<string, number>> {
  if (!isPostgres(db) && (await givingTables(db)).length === 0) return new Map();
  const { rows } = await (
    isPostgres(db)
      ? sql<Given>`select left(sequencename, -length('_id_seq')) as name, last_value as last from pg_sequences
          where schemaname = current_schema() and last_value is not null`
      : sql<Given>`select name, seq as last from sqlite_sequence`
  ).execute(db);
  return new Map(rows.map(({ name, last }) => [name, last]));
}

interface Given {
  readonly name: string;
  readonly last: number;
}

/** Ids go on behind those, and behind the rows there are. */
export async function giveIdsBehind<Schema>(db: Kysely<Schema>, lastIds: ReadonlyMap<string, number>): Promise<void> {
  for (const table of await givingTables(db)) {
    const { rows } = await sql<{ id: number | null }>`select max(id) as id from ${sql.table(table)}`.execute(db);
    const last = Math.max(lastIds.get(table) ?? 0, rows[0]?.id ?? 0);
    if (last > 0) await giveBehind(db, table, last);
  }
}

async function giveBehind<Schema>(db: Kysely<Schema>, table: string, last: number): Promise<void> {
  if (isPostgres(db)) {
    await sql`select setval(format('%I.%I', current_schema(), ${`${table}_id_seq`}::text)::regclass, ${last}::bigint)`.execute(db);
    return;
  }
  await sql`delete from sqlite_sequence where name = ${table}`.execute(db);
  await sql`insert into sqlite_sequence (name, seq) values (${table}, ${last})`.execute(db);
}

async function givingTables<Schema>(db: Kysely<Schema>): Promise<readonly string[]> {
  const { rows } = await (
    isPostgres(db)
      ? sql<{ name: string }>`select left(sequencename, -length('_id_seq')) as name from pg_sequences where schemaname = current_schema()`
      : sql<{ name: string }>`select name from sqlite_schema where type = 'table' and sql like '%autoincrement%'`
  ).execute(db);
  return rows.map(({ name }) => name);
}
