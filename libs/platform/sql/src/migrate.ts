import { type Kysely, sql } from 'kysely';
import { type ColumnWords, POSTGRES_WORDS, SQLITE_WORDS } from './column-words.js';
import { isPostgres } from './dialect.js';
import { MIGRATIONS_TABLE } from './look.js';
import { SqlError } from './sql-error.js';

export interface Migration {
  /** Never changed once released, nor is the order. */
  readonly name: string;
  /** Only adds what an older version does not miss: that version still works on the store. */
  readonly expands: boolean;
  readonly up: (db: Kysely<unknown>, words: ColumnWords) => Promise<void>;
}

export interface MigrateOptions {
  /** The store, as a message calls it. */
  readonly place: string;
  readonly migrations: readonly Migration[];
  /** In the transaction, before anything is looked at. */
  readonly prepare?: (trx: Kysely<unknown>) => Promise<void>;
}

/** Applies what is missing, in order, all of it or nothing; a second process waits and finds it done. */
export async function migrate(db: Kysely<unknown>, { place, migrations, prepare }: MigrateOptions): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await prepare?.(trx);
    await makeTable(trx, migrations);
    const applied = await readApplied(trx);
    refuseUnknown(applied, migrations, place);
    for (const [index, migration] of migrations.entries()) if (index >= applied.length) await apply(trx, migration, index + 1, place);
  });
}

interface Applied {
  readonly name: string;
  readonly expands: number;
}

/** What is there, in its order. */
export async function readApplied(db: Kysely<unknown>): Promise<readonly Applied[]> {
  const { rows } = await sql<Applied>`select name, expands from ${sql.table(MIGRATIONS_TABLE)} order by position`.execute(db);
  return rows;
}

async function makeTable(trx: Kysely<unknown>, migrations: readonly Migration[]): Promise<void> {
  const { integer, text } = wordsOf(trx);
  await sql`create table if not exists ${sql.table(MIGRATIONS_TABLE)} (
    position ${integer} primary key, name ${text} not null unique, applied_at_ms ${integer} not null, expands ${integer} not null
  )`.execute(trx);
  if (isPostgres(trx)) return;
  // Stores of the first version know neither the column nor what it says of their migrations.
  const { rows } = await sql`select 1 from pragma_table_info(${MIGRATIONS_TABLE}) where name = 'expands'`.execute(trx);
  if (rows.length > 0) return;
  await sql`alter table ${sql.table(MIGRATIONS_TABLE)} add column expands integer not null default 0`.execute(trx);
  for (const { name, expands } of migrations) {
    if (expands) await sql`update ${sql.table(MIGRATIONS_TABLE)} set expands = 1 where name = ${name}`.execute(trx);
  }
}

const wordsOf = (db: Kysely<unknown>): ColumnWords => (isPostgres(db) ? POSTGRES_WORDS : SQLITE_WORDS);

function refuseUnknown(applied: readonly Applied[], migrations: readonly Migration[], place: string): void {
  const unknown = applied.find(({ name, expands }, index) => (index < migrations.length ? migrations[index]?.name !== name : expands !== 1));
  if (unknown === undefined) return;
  const message = `${place} holds the migration '${unknown.name}', which this version does not know: it belongs to a newer version or to another service`;
  throw new SqlError('SQL_NEWER_SCHEMA', message);
}

async function apply(db: Kysely<unknown>, { name, expands, up }: Migration, position: number, place: string): Promise<void> {
  try {
    await up(db, wordsOf(db));
    await sql`insert into ${sql.table(MIGRATIONS_TABLE)} (position, name, applied_at_ms, expands)
      values (${position}, ${name}, ${Date.now()}, ${expands ? 1 : 0})`.execute(db);
  } catch (cause) {
    if (isRefusedRight(cause)) throw cause;
    throw new SqlError('SQL_MIGRATION_FAILED', `the migration '${name}' of ${place} failed; the store is as it was`, { cause });
  }
}

/** insufficient_privilege of PostgreSQL. @see https://www.postgresql.org/docs/current/errcodes-appendix.html */
const isRefusedRight = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '42501';
