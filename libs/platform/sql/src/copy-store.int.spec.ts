import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Generated, type Kysely, sql } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { copyStore } from './copy-store.js';
import type { Migration } from './migrate.js';
import { openStore, type StoreLocation } from './open-store.js';
import { newLocation, stopSharedServer, STORE_KINDS } from './testing.js';

interface Schema {
  readonly ban: { id: Generated<number>; name: string | null };
  readonly code: { name: string; step: number; sealed: Uint8Array | null };
  readonly version: { id: number; value: number };
}

const TABLES: Migration = {
  name: '0001-tables',
  expands: true,
  up: async (db, { growingId, integer, text, bytes }) => {
    await sql`create table ban (id ${growingId}, name ${text})`.execute(db);
    await sql`create table code (name ${text}, step ${integer}, sealed ${bytes}, primary key (name, step))`.execute(db);
    await sql`create table version (id ${integer} primary key, value ${integer} not null)`.execute(db);
    await sql`insert into version (id, value) values (1, 1)`.execute(db);
  },
};

const options = { migrations: [TABLES], application: 'test' };
const opened: Kysely<Schema>[] = [];
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sql-copy-'));
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.destroy()));
  rmSync(directory, { recursive: true });
});
afterAll(stopSharedServer, 30_000);

async function open(location: StoreLocation): Promise<Kysely<Schema>> {
  const db = await openStore<Schema>(location, { ...options, size: 2 });
  opened.push(db);
  return db;
}

/** What is done with a store in between is over when the copy begins. */
async function within<Result>(location: StoreLocation, work: (db: Kysely<Schema>) => Promise<Result>): Promise<Result> {
  const db = await open(location);
  const result = await work(db);
  opened.splice(opened.indexOf(db), 1);
  await db.destroy();
  return result;
}

let made = 0;
function place(kind: StoreLocation['kind']): Promise<StoreLocation> {
  const own = join(directory, String((made += 1)));
  mkdirSync(own);
  return newLocation(kind, own);
}

const copy = (from: StoreLocation, to: StoreLocation, dryRun = false) => copyStore({ from, to, ...options, seeded: ['version'], dryRun });
const everything = async (db: Kysely<Schema>) => ({
  ban: await db.selectFrom('ban').selectAll().orderBy('id').execute(),
  code: await db.selectFrom('code').selectAll().orderBy('name').orderBy('step').execute(),
  version: await db.selectFrom('version').selectAll().execute(),
});

/** Two pages of the one table, and of the other rows that went. */
async function fill(db: Kysely<Schema>): Promise<void> {
  const codes = Array.from({ length: 1203 }, (_, step) => ({
    ...{ name: step % 2 === 0 ? 'Émile' : "o'neill", step: 2 ** 40 + step },
    sealed: step % 3 === 0 ? null : new Uint8Array([0, step % 256]),
  }));
  await db.insertInto('code').values(codes).execute();
  for (const name of ['a', null, 'c']) await db.insertInto('ban').values({ name }).execute();
  await db.deleteFrom('ban').where('id', '>', 1).execute();
  await db.updateTable('version').set({ value: 7 }).execute();
}

const ways = STORE_KINDS.flatMap((from) => STORE_KINDS.map((to) => [from, to] as const));

describe.each(ways)('a store copied from %s to %s', (kind, other) => {
  it('is there as it was, and goes on with ids that nobody ever had', async () => {
    const [from, to] = [await place(kind), await place(other)];
    const before = await within(from, async (db) => {
      await fill(db);
      return everything(db);
    });
    const tables = [
      { table: 'ban', rows: 1 },
      { table: 'code', rows: 1203 },
      { table: 'version', rows: 1 },
    ];
    expect(await copy(from, to, true)).toMatchObject({ tables });
    expect(await within(to, everything)).toEqual({ ban: [], code: [], version: [{ id: 1, value: 1 }] });
    expect(await copy(from, to)).toMatchObject({ tables });
    expect(await within(to, everything)).toEqual(before);
    await within(to, (db) => db.insertInto('ban').values({ name: 'd' }).execute());
    expect((await within(to, everything)).ban.map(({ id }) => id)).toEqual([1, 4]);
    expect(await within(from, everything)).toEqual(before);
  });
});

describe.each(STORE_KINDS)('a copy to %s is refused, and nothing is changed,', (kind) => {
  let from: StoreLocation;
  let to: StoreLocation;
  beforeEach(async () => {
    [from, to] = [await place(kind), await place(kind)];
    await within(from, fill);
  });
  const refusal = (message: RegExp): unknown => expect.objectContaining({ code: 'SQL_COPY_REFUSED', message: expect.stringMatching(message) });

  it('where it is in use', async () => {
    const before = await within(to, async (db) => {
      await db.insertInto('ban').values({ name: 'theirs' }).execute();
      return everything(db);
    });
    await expect(copy(from, to)).rejects.toEqual(refusal(/in use \(ban 1\).*To give up what is in it: (?:remove the file|drop schema)/u));
    expect(await within(to, everything)).toEqual(before);
  });

  it('while a service has the one or the other open', async () => {
    for (const taken of [from, to]) {
      const db = await open(taken);
      await db.selectFrom('ban').selectAll().execute();
      await expect(copy(from, to)).rejects.toEqual(refusal(/is open in a service: stop the services/u));
      opened.splice(opened.indexOf(db), 1);
      await db.destroy();
    }
    expect((await within(to, everything)).code).toEqual([]);
  });

  it('where there is nothing, and where both are one', async () => {
    await expect(copy(await place(kind), to)).rejects.toEqual(refusal(/holds nothing/u));
    await expect(copy(from, from)).rejects.toEqual(refusal(/is the store in both/u));
  });
});
