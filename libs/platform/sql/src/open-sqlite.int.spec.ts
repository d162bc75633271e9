import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { sql, type Generated, type Kysely } from 'kysely';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Migration } from './migrate.js';
import { openSqlite } from './open-sqlite.js';

interface Schema {
  readonly code: { id: Generated<number>; user: string; step: number; blob: Uint8Array | null };
}

const CODES: Migration = {
  name: '0001-codes',
  expands: false,
  up: async (db) => {
    await sql`create table code (id integer primary key, user text not null, step integer not null, blob blob, unique (user, step))`.execute(db);
  },
};
const NOTES: Migration = {
  name: '0002-notes',
  expands: false,
  up: async (db) => {
    await sql`create table note (code integer not null references code (id))`.execute(db);
  },
};

const NOTES_ALONE: Migration = { ...NOTES, name: '0001-notes' };

let directory: string;
let path: string;
const opened: Kysely<Schema>[] = [];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'sql-'));
  path = join(directory, 'store.sqlite3');
});
afterEach(async () => {
  await Promise.all(opened.splice(0).map((db) => db.destroy()));
  rmSync(directory, { recursive: true });
});

async function open(migrations: readonly Migration[] = [CODES], at = path): Promise<Kysely<Schema>> {
  const db = await openSqlite<Schema>(at, { migrations });
  opened.push(db);
  return db;
}

const pragma = async (db: Kysely<Schema>, name: string): Promise<unknown> =>
  Object.values((await sql<Record<string, unknown>>`pragma ${sql.raw(name)}`.execute(db)).rows[0]!)[0];
const tables = async (db: Kysely<Schema>): Promise<readonly string[]> => (await db.introspection.getTables()).map(({ name }) => name);
const modeOf = (file: string): string => (statSync(file).mode & 0o777).toString(8);

describe('a new store', () => {
  it('is made with its directory, readable by its owner alone, journal included', async () => {
    const deep = join(directory, 'a', 'b', 'store.sqlite3');
    const db = await open([CODES], deep);
    await db.insertInto('code').values({ user: 'john', step: 1, blob: null }).execute();
    expect(readdirSync(join(directory, 'a', 'b')).map((name) => [name, modeOf(join(directory, 'a', 'b', name))])).toEqual([
      ['store.sqlite3', '600'],
      ['store.sqlite3-shm', '600'],
      ['store.sqlite3-wal', '600'],
    ]);
    expect(modeOf(join(directory, 'a', 'b'))).toBe('700');
  });

  it('writes ahead, syncs every commit, waits for locks and holds references', async () => {
    const db = await open([CODES, NOTES]);
    expect(await pragma(db, 'journal_mode')).toBe('wal');
    expect(await pragma(db, 'synchronous')).toBe(2);
    expect(await pragma(db, 'busy_timeout')).toBe(5000);
    await expect(sql`insert into note values (99)`.execute(db)).rejects.toThrow('FOREIGN KEY constraint failed');
  });

  it('may be an empty file that is there already', async () => {
    writeFileSync(path, '');
    expect(await tables(await open())).toContain('code');
  });

  it('may lie behind a link', async () => {
    symlinkSync(join(directory, 'real.sqlite3'), path);
    writeFileSync(join(directory, 'real.sqlite3'), '');
    expect(await tables(await open())).toContain('code');
  });

  it('keeps numbers, texts, bytes and null', async () => {
    const db = await open();
    await db
      .insertInto('code')
      .values([
        { user: "日本'; --", step: 2 ** 48, blob: Buffer.from([0, 255]) },
        { user: 'john', step: -1, blob: null },
      ])
      .execute();
    const rows = await db.selectFrom('code').select(['user', 'step', 'blob']).orderBy('id').execute();
    expect(rows.map((row) => ({ ...row }))).toEqual([
      { user: "日本'; --", step: 2 ** 48, blob: new Uint8Array([0, 255]) },
      { user: 'john', step: -1, blob: null },
    ]);
  });

  it('tells how many rows a statement changed, so that a unique row decides who was first', async () => {
    const db = await open();
    const insert = () =>
      db
        .insertInto('code')
        .values({ user: 'john', step: 7, blob: null })
        .onConflict((conflict) => conflict.doNothing())
        .executeTakeFirst();
    const results = await Promise.all([insert(), insert(), insert()]);
    expect(results.map(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows)).toEqual([1n, 0n, 0n]);
  });

  it('streams rows', async () => {
    const db = await open();
    await db
      .insertInto('code')
      .values([1, 2, 3].map((step) => ({ user: 'john', step, blob: null })))
      .execute();
    const steps: number[] = [];
    for await (const { step } of db.selectFrom('code').select('step').orderBy('step').stream()) steps.push(step);
    expect(steps).toEqual([1, 2, 3]);
  });
});

describe('migrations', () => {
  it('are applied once, in order, and go on where they ended', async () => {
    await (await open([CODES])).destroy();
    const db = await open([CODES, NOTES]);
    expect(await tables(db)).toEqual(expect.arrayContaining(['code', 'note']));
    const { rows } = await sql<{ name: string }>`select name from applied_migrations order by position`.execute(db);
    expect(rows.map(({ name }) => name)).toEqual(['0001-codes', '0002-notes']);
  });

  it('of a newer version are refused by name, and nothing is changed', async () => {
    await (await open([CODES, NOTES])).destroy();
    const before = fingerprint();
    await expect(open([CODES])).rejects.toMatchObject({ code: 'SQL_NEWER_SCHEMA', message: expect.stringContaining("'0002-notes'") });
    expect(fingerprint()).toBe(before);
  });

  it('of another service are refused by name', async () => {
    await (await open([NOTES_ALONE])).destroy();
    await expect(open([CODES])).rejects.toMatchObject({ code: 'SQL_NEWER_SCHEMA', message: expect.stringContaining("'0001-notes'") });
  });

  it('that fail leave nothing of this start behind', async () => {
    await (await open([CODES])).destroy();
    const failing: Migration = { name: '0003-fails', expands: false, up: () => Promise.reject(new Error('no such thing')) };
    await expect(open([CODES, NOTES, failing])).rejects.toMatchObject({
      code: 'SQL_MIGRATION_FAILED',
      message: expect.stringContaining("'0003-fails'"),
    });
    expect(await tables(await open([CODES]))).not.toContain('note');
  });

  it('run once when another process is at them already', async () => {
    // It holds the lock while this process, which cannot be told anything as long as it waits, begins.
    const script = `
      const db = new (require('node:sqlite').DatabaseSync)(process.argv[1]);
      db.exec(\`pragma journal_mode = wal; begin immediate;
        create table applied_migrations (position integer primary key, name text); create table code (id integer);
        insert into applied_migrations (name) values ('0001-codes')\`);
      process.stdout.write('locked');
      setTimeout(() => { db.exec('commit'); db.close(); }, 200);`;
    const other = spawn(process.execPath, ['-e', script, path], { stdio: ['ignore', 'pipe', 'inherit'] });
    const exited = once(other, 'exit');
    await once(other.stdout, 'data');
    await open([{ ...CODES, up: () => Promise.reject(new Error('ran again')) }]);
    expect(await exited).toEqual([0, null]);
  });
});

function fingerprint(): string {
  return createHash('sha256').update(readFileSync(path)).digest('hex');
}

describe('what is no store of ours', () => {
  async function refuses(code: string, words: string): Promise<void> {
    await expect(open()).rejects.toMatchObject({ name: 'SqlError', code, message: expect.stringContaining(words) });
  }

  it('a directory in place of the file is named as one', async () => {
    mkdirSync(path);
    await refuses('SQL_IS_DIRECTORY', 'is a directory');
    expect(readdirSync(path)).toEqual([]);
  });

  it.each(['delete', 'wal'])('a database of Authelia (journal %s) is named as one and left untouched', async (journal) => {
    const foreign = new DatabaseSync(path);
    foreign.exec(
      `pragma journal_mode = ${journal}; create table totp_configurations (id integer); create table encryption (id integer); create table migrations (id integer)`,
    );
    foreign.close();
    const before = fingerprint();
    await refuses('SQL_FOREIGN_DATABASE', 'Authelia');
    expect(fingerprint()).toBe(before);
    expect(readdirSync(directory)).toEqual(['store.sqlite3']);
  });

  it('a database of Authelia that is in use, its tables still in the journal, is refused too', async () => {
    const foreign = new DatabaseSync(path);
    foreign.exec(
      'pragma journal_mode = wal; create table totp_configurations (id integer); create table encryption (id integer); create table migrations (id integer)',
    );
    await refuses('SQL_FOREIGN_DATABASE', 'Authelia');
    foreign.close();
  });

  it('a database of any other program is refused with the names of its tables', async () => {
    const foreign = new DatabaseSync(path);
    foreign.exec('create table wp_posts (id integer); create table wp_users (id integer)');
    foreign.close();
    const before = fingerprint();
    await refuses('SQL_FOREIGN_DATABASE', 'wp_posts, wp_users');
    expect(fingerprint()).toBe(before);
  });

  it('a file that is no database is named as one and left untouched', async () => {
    writeFileSync(path, 'users:\n  john:\n    password: secret\n'.repeat(50));
    const before = fingerprint();
    await refuses('SQL_NOT_A_DATABASE', 'is not a database');
    expect(fingerprint()).toBe(before);
  });

  it('a place where nothing can be made is named', async () => {
    writeFileSync(join(directory, 'file'), '');
    path = join(directory, 'file', 'store.sqlite3');
    await refuses('SQL_UNAVAILABLE', 'cannot be opened');
  });

  it('an existing store keeps the mode its operator gave it', async () => {
    await (await open()).destroy();
    chmodSync(path, 0o640);
    await open();
    expect(modeOf(path)).toBe('640');
  });
});
