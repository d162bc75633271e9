import { sql, type Generated, type Kysely } from 'kysely';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { findAuthelia } from './find-authelia.js';
import type { Migration } from './migrate.js';
import { openPostgres } from './open-postgres.js';
import type { PostgresSettings } from './postgres-settings.js';
import { freePort, postgresPrograms, type PostgresServer, startPostgresServer, STORE_KINDS } from './testing.js';
import { takeAlone } from './take-alone.js';

interface Schema {
  readonly code: { id: Generated<number>; user: string; step: number; blob: Uint8Array | null };
}

const CODES: Migration = {
  name: '0001-codes',
  expands: true,
  up: async (db, { id, integer, text, bytes }) => {
    await sql`create table code (id ${id}, "user" ${text} not null, step ${integer} not null, blob ${bytes}, unique ("user", step))`.execute(db);
  },
};

describe.each(STORE_KINDS.filter((kind) => kind === 'postgres'))('a store on %s', () => {
  let server: PostgresServer;
  const opened: Kysely<Schema>[] = [];
  const heard: unknown[] = [];
  beforeAll(async () => {
    expect(postgresPrograms()).toBeDefined();
    server = await startPostgresServer();
    await server.query(`create role gate login password 'right'; create role other login password 'right'`);
    await server.query('create database gate owner gate');
    await server.query('create database cramped');
  }, 30_000);
  afterAll(() => server.stop());
  afterEach(async () => {
    server.thaw();
    heard.length = 0;
    await Promise.all(opened.splice(0).map((db) => db.destroy()));
    await server.query('drop schema if exists portcullis cascade; drop schema if exists "Other one" cascade', 'gate');
  });

  /** Over the port, as a service on another machine. */
  const settings = (changes: Partial<PostgresSettings> = {}): PostgresSettings => ({
    ...{ host: '127.0.0.1', port: server.port, database: 'gate', schema: 'portcullis', username: 'gate', password: 'right', timeoutMs: 2000 },
    ...changes,
  });
  async function open(changes: Partial<PostgresSettings> = {}, size = 3): Promise<Kysely<Schema>> {
    const db = await openPostgres<Schema>(settings(changes), {
      ...{ migrations: [CODES], application: 'a test', size },
      onAvailability: (fault) => heard.push(fault),
    });
    opened.push(db);
    return db;
  }
  const insert = (db: Kysely<Schema>, step = 7) =>
    db
      .insertInto('code')
      .values({ user: 'john', step, blob: null })
      .onConflict((conflict) => conflict.doNothing())
      .executeTakeFirst();

  it('keeps numbers, texts, bytes and null as a file does', async () => {
    const db = await open();
    await db
      .insertInto('code')
      .values([
        { user: "日本'; --", step: 2 ** 48, blob: Buffer.from([0, 255]) },
        { user: 'john', step: -1, blob: null },
      ])
      .execute();
    const rows = await db.selectFrom('code').select(['user', 'step', 'blob']).orderBy('id').execute();
    expect(rows).toEqual([
      { user: "日本'; --", step: 2 ** 48, blob: new Uint8Array([0, 255]) },
      { user: 'john', step: -1, blob: null },
    ]);
    const counted = await db
      .selectFrom('code')
      .select(({ fn }) => [fn.countAll<number>().as('count'), fn.max('step').as('most')])
      .executeTakeFirst();
    expect(counted).toEqual({ count: 2, most: 2 ** 48 });
  });

  it('takes a text with a NUL, and finds it by the same', async () => {
    const db = await open();
    await db.insertInto('code').values({ user: 'a\0b', step: 1, blob: null }).execute();
    expect(await db.selectFrom('code').select('user').where('user', '=', 'a\0b').execute()).toEqual([{ user: 'a\uFFFDb' }]);
  });

  it('sorts texts by their bytes, whatever language the server speaks', async () => {
    const db = await open();
    for (const user of ['b', 'a', 'B', 'é', '-']) await db.insertInto('code').values({ user, step: 1, blob: null }).execute();
    const rows = await db.selectFrom('code').select('user').orderBy('user').execute();
    expect(rows.map(({ user }) => user)).toEqual(['-', 'B', 'a', 'b', 'é']);
  });

  it('tells how many rows a statement changed, so that a unique row decides which process was first', async () => {
    const [one, other] = [await open(), await open()];
    const results = await Promise.all([insert(one), insert(other), insert(one), insert(other)]);
    const changed = results.map(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows);
    expect(changed.toSorted()).toEqual([0n, 0n, 0n, 1n]);
  });

  it('lies in a schema of any name, beside what else is in the database, and says who it is', async () => {
    await server.query('create table if not exists mine (id integer)', 'gate');
    const db = await open({ schema: 'Other one' });
    await insert(db);
    expect(await server.query('select count(*)::int as count from "Other one".code', 'gate')).toEqual([{ count: 1 }]);
    const found = await server.query(`select distinct application_name as name from pg_stat_activity where datname = 'gate' and usename = 'gate'`);
    expect(found).toEqual([{ name: 'a test' }]);
  });

  it("leaves Authelia's tables alone, also where the schema is the one they lie in", async () => {
    const tables = ['encryption', 'migrations', 'totp_configurations'].map((table) => `create table public.${table} (id integer)`);
    await server.query(tables.join(';'), 'gate');
    await expect(open({ schema: 'public' })).rejects.toMatchObject({
      code: 'SQL_FOREIGN_DATABASE',
      message: expect.stringMatching(/Authelia's own database.*name another schema in storage\.postgres\.schema/u),
    });
    const beside = await open();
    await insert(beside);
    expect(await findAuthelia(beside)).toBe('public');
    await server.query('drop table public.encryption, public.migrations, public.totp_configurations', 'gate');
    expect(await findAuthelia(beside)).toBeNull();
  });

  it.each<[string, Partial<PostgresSettings>, string, RegExp]>([
    [
      'a wrong password',
      { password: 'wrong' },
      'SQL_ACCESS_DENIED',
      /does not let 'gate' in: password authentication failed.*storage\.postgres\.username/u,
    ],
    ['a name that nobody has', { username: 'nobody' }, 'SQL_ACCESS_DENIED', /does not let 'nobody' in/u],
    ['a database that is not there', { database: 'gone' }, 'SQL_NO_DATABASE', /has no database 'gone': make it with {2}createdb --owner=gate gone/u],
    [
      'a database where no schema may be made',
      { database: 'cramped' },
      'SQL_NO_RIGHT',
      /create schema if not exists "portcullis" authorization "gate"/u,
    ],
    ['TLS, where the server has none', { tls: { skipVerify: false, minVersion: 'TLSv1.2' } }, 'SQL_UNAVAILABLE', /does not support SSL/u],
  ])('says of %s what is to be done', async (_, changes, code, message) => {
    await expect(open(changes)).rejects.toMatchObject({ name: 'SqlError', code, message: expect.stringMatching(message) });
  });

  it('says of a server that is not there where it was looked for', async () => {
    const port = await freePort();
    await expect(open({ port })).rejects.toMatchObject({
      code: 'SQL_UNAVAILABLE',
      message: expect.stringContaining(`PostgreSQL at 127.0.0.1:${port} does not answer`),
    });
  });

  it('needs no right to make a schema where its administrator made one', async () => {
    await server.query('create schema portcullis authorization gate', 'cramped');
    await insert(await open({ database: 'cramped' }));
    await server.query('revoke usage on schema portcullis from gate; alter schema portcullis owner to keeper', 'cramped');
    await expect(open({ database: 'cramped' })).rejects.toMatchObject({ code: 'SQL_NO_RIGHT' });
  });

  it('is taken where nobody else has it open, and not where somebody has', async () => {
    const db = await open({}, 1);
    await insert(db);
    const other = await open();
    await insert(other, 8);
    expect(await takeAlone(db)).toBe(false);
    opened.splice(opened.indexOf(other), 1);
    await other.destroy();
    await expect.poll(() => takeAlone(db)).toBe(true);
  });

  it('whose server crashes fails each statement at once, says so once, and is there again with the server', async () => {
    const db = await open();
    await insert(db);
    await server.crash();
    for (let tries = 0; tries < 5; tries += 1) await expect(insert(db)).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
    expect(heard).toEqual([expect.objectContaining({ code: 'SQL_UNAVAILABLE', message: expect.stringContaining('does not answer') })]);
    await server.restart();
    await expect.poll(() => insert(db, 8).then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows)).toBe(1n);
    expect(heard.slice(1)).toEqual([null]);
  });

  it('whose server crashes within a transaction undoes it and is there again with the server', async () => {
    const db = await open();
    const undone = db.transaction().execute(async (trx) => {
      await insert(trx, 1);
      await server.crash();
      await insert(trx, 2);
    });
    await expect(undone).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
    await server.restart();
    expect(await db.selectFrom('code').selectAll().execute()).toEqual([]);
  });

  it('whose server says nothing any more fails within seconds, and is there again when it does', async () => {
    const db = await open({}, 1);
    await insert(db);
    server.freeze();
    await expect(insert(db, 8)).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
    // Its connection was thrown away; a new one is not made within `timeoutMs`.
    await expect(insert(db, 9)).rejects.toMatchObject({ code: 'SQL_UNAVAILABLE' });
    server.thaw();
    await expect.poll(() => insert(db, 10).then(({ numInsertedOrUpdatedRows }) => numInsertedOrUpdatedRows), { timeout: 10_000 }).toBe(1n);
  }, 30_000);
});
