import { type Kysely, sql } from 'kysely';
import { isPostgres } from './dialect.js';
import { giveIdsBehind, readLastIds } from './last-ids.js';
import { MIGRATIONS_TABLE } from './look.js';
import type { Migration } from './migrate.js';
import { describeLocation, openStore, type StoreLocation } from './open-store.js';
import { describeStore } from './read-schema.js';
import { SqlError } from './sql-error.js';
import { takeAlone } from './take-alone.js';

export interface CopyStoreOptions {
  readonly from: StoreLocation;
  /** Made where it is absent. */
  readonly to: StoreLocation;
  readonly migrations: readonly Migration[];
  /** As `pg_stat_activity` shows it. */
  readonly application: string;
  /** Tables that hold rows in a store nobody has used: what is copied takes the place of those. */
  readonly seeded: readonly string[];
  /** Only count and refuse. The tables of the new store are made. */
  readonly dryRun: boolean;
}

export interface StoreCopy {
  readonly from: string;
  readonly to: string;
  readonly tables: readonly { readonly table: string; readonly rows: number }[];
}

type Rows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/**
 * Copies every row of a store into another that nobody has used, be it a file or a server's: all of it or nothing, counted again behind it.
 * Refuses with a SqlError what is open elsewhere, what is empty, and a target that is not.
 */
export async function copyStore(options: CopyStoreOptions): Promise<StoreCopy> {
  const { from, to, migrations, application } = options;
  const places = { from: describeLocation(from), to: describeLocation(to) };
  if (places.from === places.to) throw refused(`${places.from} is the store in both configurations: name another one to copy to`);
  if ((await describeStore(from)).applied.length === 0) throw refused(`${places.from} holds nothing that could be copied`);
  const one = { migrations, application, size: 1 };
  return withStore(await openStore<Rows>(from, one), async (source) => {
    const tables = (await describeStore(from)).tables.filter((table) => table !== MIGRATIONS_TABLE);
    await requireAlone(source, places.from);
    return withStore(await openStore<Rows>(to, one), async (target) => {
      await requireAlone(target, places.to);
      await requireEmpty(target, tables, options);
      return { ...places, tables: options.dryRun ? await countAll(source, tables) : await copyAll(source, target, tables, options) };
    });
  });
}

async function withStore<Result>(db: Kysely<Rows>, work: (db: Kysely<Rows>) => Promise<Result>): Promise<Result> {
  try {
    return await work(db);
  } finally {
    await db.destroy();
  }
}

async function requireAlone(db: Kysely<Rows>, place: string): Promise<void> {
  if (!(await takeAlone(db))) throw refused(`${place} is open in a service: stop the services, then copy`);
}

async function requireEmpty(target: Kysely<Rows>, tables: readonly string[], { to, seeded }: CopyStoreOptions): Promise<void> {
  const counted = await countAll(target, tables);
  const full = counted.filter(({ table, rows }) => rows > 0 && !seeded.includes(table));
  if (full.length === 0) return;
  const found = full.map(({ table, rows }) => `${table} ${rows}`).join(', ');
  const emptied = to.kind === 'sqlite' ? 'remove the file' : `drop schema "${to.schema}" cascade`;
  throw refused(`${describeLocation(to)} is in use (${found}): copy into a store that nobody has used. To give up what is in it: ${emptied}`);
}

function copyAll(source: Kysely<Rows>, target: Kysely<Rows>, tables: readonly string[], { seeded, to }: CopyStoreOptions) {
  return target.transaction().execute(async (trx) => {
    const lastIds = await readLastIds(source);
    for (const table of seeded) await trx.deleteFrom(table).execute();
    for (const table of tables) {
      for await (const rows of pagesOf(source, table))
        await trx
          .insertInto(table)
          .values([...rows])
          .execute();
    }
    await giveIdsBehind(trx, lastIds);
    const [counted, wanted] = [await countAll(trx, tables), await countAll(source, tables)];
    const short = wanted.find(({ rows }, index) => counted[index]?.rows !== rows);
    if (short === undefined) return counted;
    throw new SqlError('SQL_COPY_REFUSED', `not every row of ${short.table} arrived in ${describeLocation(to)}: nothing was kept there`);
  });
}

async function countAll(db: Kysely<Rows>, tables: readonly string[]): Promise<StoreCopy['tables']> {
  const counted: { readonly table: string; readonly rows: number }[] = [];
  for (const table of tables) {
    const { rows } = await sql<{ rows: number }>`select count(*) as rows from ${sql.table(table)}`.execute(db);
    counted.push({ table, rows: rows[0]?.rows ?? 0 });
  }
  return counted;
}

const PAGE = 1000;

/** In the order of the primary key, each page behind the last row of the one before. */
async function* pagesOf(db: Kysely<Rows>, table: string): AsyncGenerator<readonly Rows[string][]> {
  const names = await keyOf(db, table);
  const key = sql.join(names.map((name) => sql.ref(name)));
  let last: Rows[string] | undefined;
  for (;;) {
    const behind = last === undefined ? sql`` : sql`where (${key}) > (${sql.join(names.map((name) => last?.[name]))})`;
    const { rows } = await sql<Rows[string]>`select * from ${sql.table(table)} ${behind} order by ${key} limit ${PAGE}`.execute(db);
    if (rows.length > 0) yield rows;
    if (rows.length < PAGE) return;
    last = rows.at(-1);
  }
}

async function keyOf(db: Kysely<Rows>, table: string): Promise<readonly string[]> {
  const { rows } = await (
    isPostgres(db)
      ? sql<{ name: string }>`select attname::text as name from pg_index, unnest(indkey) with ordinality as keys (attribute, position), pg_attribute
          where indisprimary and indrelid = format('%I.%I', current_schema(), ${table}::text)::regclass and attrelid = indrelid and attnum = attribute
          order by position`
      : sql<{ name: string }>`select name from pragma_table_info(${table}) where pk > 0 order by pk`
  ).execute(db);
  return rows.map(({ name }) => name);
}

const refused = (message: string): SqlError => new SqlError('SQL_COPY_REFUSED', message);
