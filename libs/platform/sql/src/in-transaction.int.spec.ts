import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { sql, type Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inTransaction } from './in-transaction.js';
import type { Migration } from './migrate.js';
import { openSqlite } from './open-sqlite.js';

interface Schema {
  readonly counter: { name: string; value: number };
}

const COUNTERS: Migration = {
  name: '0001-counters',
  up: async (db) => {
    await sql`create table counter (name text primary key, value integer not null)`.execute(db);
  },
};

let directory: string;
let path: string;
let db: Kysely<Schema>;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'sql-'));
  path = join(directory, 'store.sqlite3');
  db = await openSqlite<Schema>(path, { migrations: [COUNTERS] });
  await db.insertInto('counter').values({ name: 'a', value: 0 }).execute();
});
afterEach(async () => {
  await db.destroy();
  rmSync(directory, { recursive: true });
});

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

describe('a transaction', () => {
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

  it('waits for the one of another process instead of failing', async () => {
    // The other process holds the lock from its first line on and adds one to `a` when it is told to go on.
    const script = `
      const { DatabaseSync } = require('node:sqlite');
      const db = new DatabaseSync(process.argv[1]);
      db.exec('begin immediate');
      process.stdout.write('locked');
      setTimeout(() => { db.exec("update counter set value = value + 1 where name = 'a'; commit"); db.close(); }, 200);`;
    const other = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(other, 'exit');
    await once(other.stdout, 'data');
    await readThenWrite(db);
    expect(await exited).toEqual([0, null]);
    expect(await valueOf(db, 'a')).toBe(2);
  });
});
