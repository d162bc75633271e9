import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from './migrate.js';
import { openStore, type StoreLocation } from './open-store.js';
import { describeStore } from './read-schema.js';
import { newLocation, stopSharedServer, STORE_KINDS } from './testing.js';

const tableOf = (name: string, expands: boolean, table: string): Migration => ({
  name,
  expands,
  up: async (db, { id, text, strict }) => {
    await sql`create table ${sql.table(table)} (id ${id}, said ${text}) ${strict}`.execute(db);
  },
});
const FIRST = tableOf('0001-first', true, 'first');
const EXPANDING = tableOf('0002-expanding', true, 'second');
const CHANGING = tableOf('0002-changing', false, 'second');

let directory: string;
let location: StoreLocation;
const opened: Kysely<unknown>[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.destroy()));
  rmSync(directory, { recursive: true });
});
afterAll(stopSharedServer);

async function open(...migrations: readonly Migration[]): Promise<Kysely<unknown>> {
  const db = await openStore<unknown>(location, { migrations, application: 'test', size: 2 });
  opened.push(db);
  return db;
}
const close = async (db: Kysely<unknown>): Promise<void> => {
  opened.splice(opened.indexOf(db), 1);
  await db.destroy();
};
const there = async () => {
  const { applied, tables } = await describeStore(location);
  return { applied: applied.map(({ name }) => name), tables };
};

describe.each(STORE_KINDS)('the tables of %s', (kind) => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sql-'));
    location = await newLocation(kind, directory);
  });

  it('are none before anybody opened it, which looking does not change', async () => {
    expect(await there()).toEqual({ applied: [], tables: [] });
    expect(await there()).toEqual({ applied: [], tables: [] });
  });

  it('are made once, in order, and go on where they ended', async () => {
    await close(await open(FIRST));
    await open(FIRST, EXPANDING);
    expect(await there()).toEqual({ applied: ['0001-first', '0002-expanding'], tables: ['applied_migrations', 'first', 'second'] });
  });

  it('that a newer version only added do not keep the version before from working', async () => {
    await close(await open(FIRST, EXPANDING));
    const older = await open(FIRST);
    await sql`insert into first (said) values ('hello')`.execute(older);
    await close(older);
    await open(FIRST, EXPANDING);
    expect((await there()).applied).toEqual(['0001-first', '0002-expanding']);
  });

  it('that a newer version changed keep the version before out, by name', async () => {
    await close(await open(FIRST, CHANGING));
    await expect(open(FIRST)).rejects.toMatchObject({ code: 'SQL_NEWER_SCHEMA', message: expect.stringContaining("'0002-changing'") });
    await expect(open(CHANGING)).rejects.toMatchObject({ code: 'SQL_NEWER_SCHEMA', message: expect.stringContaining("'0001-first'") });
  });

  it('of this start are all gone when one of them fails', async () => {
    await close(await open(FIRST));
    const failing: Migration = { name: '0003-fails', expands: true, up: () => Promise.reject(new Error('no such thing')) };
    await expect(open(FIRST, EXPANDING, failing)).rejects.toMatchObject({
      code: 'SQL_MIGRATION_FAILED',
      message: expect.stringContaining("'0003-fails'"),
    });
    expect(await there()).toEqual({ applied: ['0001-first'], tables: ['applied_migrations', 'first'] });
  });
});

describe.each(STORE_KINDS.filter((kind) => kind === 'postgres'))('the tables of %s', (kind) => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sql-'));
    location = await newLocation(kind, directory);
  });

  it('are made once by several processes that start together', async () => {
    await Promise.all([open(FIRST, EXPANDING), open(FIRST, EXPANDING), open(FIRST, EXPANDING)]);
    expect((await there()).applied).toEqual(['0001-first', '0002-expanding']);
  });
});

describe('a file whose tables are about to change', () => {
  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'sql-'));
    location = await newLocation('sqlite', directory);
  });

  it('is kept as it was beside it, once', async () => {
    const db = await open(FIRST);
    await sql`insert into first (said) values ('hello')`.execute(db);
    await close(db);
    expect(readdirSync(directory)).toEqual(['store.sqlite3']);
    await close(await open(FIRST, EXPANDING));
    await close(await open(FIRST, EXPANDING));
    expect(readdirSync(directory).sort()).toEqual(['store.sqlite3', 'store.sqlite3.before-0002-expanding.backup']);
    location = { kind: 'sqlite', path: join(directory, 'store.sqlite3.before-0002-expanding.backup') };
    expect((await there()).applied).toEqual(['0001-first']);
    const { rows } = await sql<{ said: string }>`select said from first`.execute(await open(FIRST));
    expect(rows.map(({ said }) => said)).toEqual(['hello']);
  });

  it('of the first version, which did not write down what only adds, is taken over', async () => {
    const db = await open(FIRST);
    await sql`alter table applied_migrations drop column expands`.execute(db);
    await close(db);
    await close(await open(FIRST, EXPANDING));
    expect((await there()).applied).toEqual(['0001-first', '0002-expanding']);
    await open(FIRST);
  });
});
