import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Generated, type Kysely, sql } from 'kysely';
import { afterAll, expect, it } from 'vitest';
import { openSqlite } from './open-sqlite.js';
import { readSchema } from './read-schema.js';
import { copyTo, takeAlone } from './take-alone.js';

interface Schema {
  readonly things: { readonly id: Generated<number>; readonly name: string };
}

const directory = mkdtempSync(join(tmpdir(), 'sql-alone-'));
afterAll(() => {
  rmSync(directory, { recursive: true });
});
const migrations = [
  {
    name: 'first',
    expands: false,
    up: async (db: Kysely<unknown>) => {
      await sql`create table things (id integer primary key, name text not null) strict`.execute(db);
    },
  },
];
const open = (name: string) => openSqlite<Schema>(join(directory, name), { migrations });

it('a database is taken where nobody else has it open, and nobody gets in until it is let go', async () => {
  const db = await open('free');
  expect(await takeAlone(db)).toBe(true);
  await db.insertInto('things').values({ name: 'a' }).execute();
  const other = new DatabaseSync(join(directory, 'free'));
  expect(() => other.prepare('select * from things').all()).toThrow('database is locked');
  other.close();
  await db.destroy();
  const again = await open('free');
  expect(await again.selectFrom('things').select('name').execute()).toEqual([{ name: 'a' }]);
  await again.destroy();
});

it('one that somebody else has open, at work or not, is not taken, and both go on', async () => {
  const [db, other] = [await open('shared'), await open('shared')];
  await other.insertInto('things').values({ name: 'a' }).execute();
  expect(await takeAlone(db)).toBe(false);
  await other.insertInto('things').values({ name: 'b' }).execute();
  expect(await db.selectFrom('things').select('name').execute()).toHaveLength(2);
  await other.destroy();
  await db.destroy();
});

it('a copy is whole, for its owner alone, and never written over a file', async () => {
  const db = await open('original');
  await db.insertInto('things').values({ name: 'a' }).execute();
  const path = join(directory, 'copy');
  await copyTo(db, path);
  await db.insertInto('things').values({ name: 'b' }).execute();
  expect(statSync(path).mode & 0o777).toBe(0o600);
  await expect(copyTo(db, path)).rejects.toMatchObject({ code: 'EEXIST' });
  await db.destroy();
  const copy = await open('copy');
  expect(await copy.selectFrom('things').select('name').execute()).toEqual([{ name: 'a' }]);
  await copy.destroy();
});

it('a schema is read without touching the file: what was applied, and when; a file that is not there holds nothing', async () => {
  const db = await open('schema');
  const reading = readSchema(join(directory, 'schema'));
  expect(reading).toEqual({ applied: [{ name: 'first', atMs: expect.any(Number) }], tables: ['applied_migrations', 'things'] });
  await db.destroy();
  expect(readSchema(join(directory, 'none'))).toEqual({ applied: [], tables: [] });
});
