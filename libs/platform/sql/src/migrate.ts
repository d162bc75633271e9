import { type Kysely, sql } from 'kysely';
import { MIGRATIONS_TABLE } from './look.js';
import { SqlError } from './sql-error.js';

export interface Migration {
  /** Never changed once released, nor is the order. */
  readonly name: string;
  readonly up: (db: Kysely<unknown>) => Promise<void>;
}

/** Applies what is missing, in order, all of it or nothing; a second process waits and finds it done. */
export async function migrate(db: Kysely<unknown>, path: string, migrations: readonly Migration[]): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await sql`create table if not exists ${sql.table(MIGRATIONS_TABLE)} (
      position integer primary key,
      name text not null unique,
      applied_at_ms integer not null default (unixepoch() * 1000)
    )`.execute(trx);
    const applied = await sql<{ name: string }>`select name from ${sql.table(MIGRATIONS_TABLE)} order by position`.execute(trx);
    refuseUnknown(
      applied.rows.map(({ name }) => name),
      migrations,
      path,
    );
    for (const migration of migrations.slice(applied.rows.length)) await apply(trx, migration, path);
  });
}

function refuseUnknown(applied: readonly string[], migrations: readonly Migration[], path: string): void {
  const unknown = applied.find((name, index) => migrations[index]?.name !== name);
  if (unknown === undefined) return;
  const message = `${path} holds the migration '${unknown}', which this version does not know: it belongs to a newer version or to another service`;
  throw new SqlError('SQL_NEWER_SCHEMA', message);
}

async function apply(db: Kysely<unknown>, { name, up }: Migration, path: string): Promise<void> {
  try {
    await up(db);
    await sql`insert into ${sql.table(MIGRATIONS_TABLE)} (name) values (${name})`.execute(db);
  } catch (cause) {
    throw new SqlError('SQL_MIGRATION_FAILED', `the migration '${name}' of ${path} failed; the file is as it was`, { cause });
  }
}
