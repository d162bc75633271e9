import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from './in-transaction.js';
import type { Migration } from './migrate.js';
import { openStore, type StoreLocation } from './open-store.js';
import { newLocation, stopSharedServer, STORE_KINDS } from './testing.js';

interface Schema {
  readonly counter: { name: string; value: number };
}

const COUNTERS: Migration = {
  name: '0001-counters',
  expands: true,
  up: async (db, { text, integer }) => {
    await sql`create table counter (name ${text} primary key, value ${integer} not null)`.execute(db);
  },
};

const open = (at: StoreLocation): Promise<Kysely<Schema>> => openStore<Schema>(at, { migrations: [COUNTERS], application: 'test', size: 5 });

let directory: string;
let location: StoreLocation;
let db: Kysely<Schema>;

afterEach(async () => {
  await db.destroy();
  rmSync(directory, { recursive: true });
});
afterAll(stopSharedServer);

async function begin(kind: StoreLocation['kind']): Promise<void> {
  directory = mkdtempSync(join(tmpdir(), 'sql-'));
  location = await newLocation(kind, directory);
  db = await open(location);
  await db.insertInto('counter').values({ name: 'a', value: 0 }).execute();
}

const valueOf = async (trx: Kysely<Schema>, name: string): Promise<number | undefined> =>
  (await trx.selectFrom('counter').select('value').where('name', '=', name).executeTakeFirst())?.value;

const readThenWrite = (trx: Kysely<Schema>): Promise<void> =>
  inTransaction(trx, async (inner) => {
    const value = await valueOf(inner, 'a');
    await inner
      .updateTable('counter')
      .set({ value: value! + 1 })
      .where('name', '=', 'a')
      .execute();
  });

describe.each(STORE_KINDS)('a transaction of %s', (kind) => {
  beforeEach(() => begin(kind));

  it('is undone whole when the work throws', async () => {
    await expect(
      inTransaction(db, async (trx) => {
        await readThenWrite(trx);
        throw new Error('changed my mind');
      }),
    ).rejects.toThrow('changed my mind');
    expect(await valueOf(db, 'a')).toBe(0);
  });

  it('gives back what the work gives', async () => {
    expect(await inTransaction(db, () => Promise.resolve('done'))).toBe('done');
  });

  it('takes in work that would begin one of its own', async () => {
    await inTransaction(db, async (trx) => {
      await readThenWrite(trx);
      await readThenWrite(trx);
    });
    expect(await valueOf(db, 'a')).toBe(2);
  });

  it('loses no update when many read and then write', async () => {
    await Promise.all(Array.from({ length: 50 }, () => readThenWrite(db)));
    expect(await valueOf(db, 'a')).toBe(50);
  });

  it('is not seen from outside before it is kept', async () => {
    const seen: (number | undefined)[] = [];
    let outside: Promise<void> | undefined;
    await inTransaction(db, async (trx) => {
      await trx.insertInto('counter').values({ name: 'b', value: 1 }).execute();
      outside = valueOf(db, 'b').then((value) => void seen.push(value));
      await trx.updateTable('counter').set({ value: 2 }).where('name', '=', 'b').execute();
    });
    await outside;
    expect(seen).toEqual([2]);
  });
});

describe('a transaction of a file', () => {
  beforeEach(() => begin('sqlite'));

  it('waits for the one of another process instead of failing', async () => {
    // The other process holds the lock from its first line on and adds one to `a` when it is told to go on.
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const db = new DatabaseSync(process.argv[1]);
      db.exec('begin immediate');
      process.stdout.write('locked');
      setTimeout(() => { db.exec("update counter set value = value + 1 where name = 'a'; commit"); db.close(); }, 200);`;
    const other = spawn(process.execPath, ['-e', script, join(directory, 'store.sqlite3')], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(other, 'exit');
    await once(other.stdout, 'data');
    await readThenWrite(db);
    expect(await exited).toEqual([0, null]);
    expect(await valueOf(db, 'a')).toBe(2);
  });
});

describe.each(STORE_KINDS.filter((kind) => kind === 'postgres'))('a transaction of %s', (kind) => {
  beforeEach(() => begin(kind));

  it('loses no update when other processes read and write as well', async () => {
    const others = await Promise.all([open(location), open(location)]);
    await Promise.all([db, ...others].flatMap((each) => Array.from({ length: 30 }, () => readThenWrite(each))));
    expect(await valueOf(db, 'a')).toBe(90);
    await Promise.all(others.map((other) => other.destroy()));
  });

  it('waits for one whose process says no more no longer than a person would, and says so; then that one is gone', async () => {
    const other = await open(location);
    const [begun, letGo] = [Promise.withResolvers<undefined>(), Promise.withResolvers<undefined>()];
    const stuck = inTransaction(other, async (trx) => {
      await readThenWrite(trx);
      begun.resolve(undefined);
      await letGo.promise;
    });
    stuck.catch(() => undefined);
    await begun.promise;
    await expect(readThenWrite(db)).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE', message: expect.stringContaining('took too long') });
    const tryAgain = () =>
      readThenWrite(db).then(
        () => true,
        () => false,
      );
    await expect.poll(tryAgain, { timeout: 10_000 }).toBe(true);
    letGo.resolve(undefined);
    await expect(stuck).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
    expect(await valueOf(db, 'a')).toBe(1);
    await other.destroy();
  }, 30_000);
});
