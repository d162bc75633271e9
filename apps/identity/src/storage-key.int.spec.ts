import { createKeyRing } from '@portcullis/platform-seal';
import { sql } from 'kysely';
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminStorage, describeSchema, type AdminStorageOptions } from './admin-storage.js';
import { openDatabase } from './database.js';
import { checkEncryptionKey } from './encryption-check.js';
import { NoticeOutbox } from './notices.js';
import { readRecoveryCode, RecoveryCodes } from './recovery-codes.js';
import { NOTICE_PAYLOAD, SEALED_COLUMNS, TOTP_REGISTRATION_SECRET } from './sealed-columns.js';
import { TotpDevices } from './totp-devices.js';
import { UserPublisher } from './user-publisher.js';
import { openWorld, SECRET, type World } from './world.fixture.js';

const NEW = 'another key of the operator, long enough';
const KEY = { algorithm: 'SHA1', digits: 6, periodS: 30, secret: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP' } as const;
const NOTICE = { kind: 'event', to: { name: 'Bob', address: 'bob@example.com' }, event: 'totp_added', remoteIp: '192.0.2.1', atMs: 0 } as const;

let world: World;
let path: string;
const fileAt = (path: string) => ({ kind: 'sqlite', path }) as const;
beforeEach(async () => {
  world = await openWorld(async (digestOf) => `users: { bob: { displayname: Bob, email: bob@example.com, password: "${await digestOf('bob')}" } }\n`);
  path = join(world.directory, 'store.sqlite3');
  await checkEncryptionKey(world.db, SECRET, path);
});
afterEach(() => world.close());

const storage = (change: Partial<AdminStorageOptions> = {}): AdminStorage =>
  new AdminStorage({
    ...{ db: world.db, location: world.location, secret: SECRET, keyFile: null, users: () => world.file.directory, isServing: false, now: world.now },
    ...change,
  });

/** Something sealed in every column, and something hashed under the key. */
async function fill(): Promise<{ readonly code: string; readonly notice: string }> {
  const { db, devices, codes, random, now } = world;
  await devices.store(db, 'bob', 'Example', KEY, now());
  await devices.useStep(db, 'bob', KEY.secret, 7, now());
  const [code = ''] = await codes.make(db, 'bob', now());
  const notice = await new NoticeOutbox({ db, secret: SECRET, now, random }).write(db, NOTICE, 'bob');
  const place = { username: 'bob', handle: 'h' };
  const secret = createKeyRing([SECRET], TOTP_REGISTRATION_SECRET.purpose).seal(Buffer.from(KEY.secret), TOTP_REGISTRATION_SECRET.aad(place));
  const { algorithm, digits, periodS } = KEY;
  await db
    .insertInto('totp_registrations')
    .values({ ...place, issuer: 'x', algorithm, digits, period_s: periodS, secret, expires_at_ms: 0 })
    .execute();
  await publisherOf(SECRET).claimEnding(db, 'bob', world.file.directory.byName('bob')?.digest ?? '');
  return { code, notice };
}
const publisherOf = (secret: string): UserPublisher => new UserPublisher({ ...world, secret });

it('every column of bytes is one of the sealed ones, so that no change of the key forgets it', () => {
  const database = new DatabaseSync(path, { readOnly: true });
  const columns = database
    .prepare(
      `select m.name as "table", c.name as "column" from sqlite_schema m, pragma_table_info(m.name) c where m.type = 'table' and c.type = 'BLOB'`,
    )
    .all()
    .map(({ table, column }) => `${String(table)}.${String(column)}`);
  database.close();
  expect(columns.sort()).toEqual(SEALED_COLUMNS.map(({ table, column }) => `${table}.${column}`).sort());
});

describe('a check of the key', () => {
  it('says success where it is the one of the store, and opens all that is sealed where that is asked', async () => {
    await fill();
    expect(await storage().check(false)).toEqual({ result: 'success', columns: [] });
    const { result, columns } = await storage().check(true);
    expect([result, columns.every(({ invalid }) => invalid === 0)]).toEqual(['success', true]);
    expect(Object.fromEntries(columns.map(({ table, total }) => [table, total]))).toEqual({
      ...{ encryption_check: 1, totp_devices: 1, totp_registrations: 1, notices: 1, recovery_codes: 10 },
    });
  });

  it('says failure for another key or a value that was altered, and that nothing was sealed yet', async () => {
    await fill();
    expect(await storage({ secret: NEW }).check(false)).toEqual({ result: 'failure', columns: [] });
    await world.db
      .updateTable('totp_devices')
      .set({ secret: new Uint8Array(40) })
      .execute();
    const { result, columns } = await storage().check(true);
    expect([result, columns.find(({ table }) => table === 'totp_devices')?.invalid]).toEqual(['failure', 1]);
    await world.db.deleteFrom('encryption_check').execute();
    expect((await storage().check(false)).result).toBe('unknown');
  });
});

describe('a change of the key', () => {
  it('seals everything anew, keeps used codes used and told users told, and leaves a copy of the store as it was', async () => {
    const { code, notice } = await fill();
    const bob = world.file.directory.byName('bob')!;
    const changed = await storage().changeKey(NEW);
    expect(changed).toMatchObject({ outcome: 'changed', keyFile: null, backup: `${path}.2027-01-15T080000.backup` });
    await checkEncryptionKey(world.db, NEW, path);
    await expect(checkEncryptionKey(world.db, SECRET, path)).rejects.toMatchObject({ code: 'ENCRYPTION_KEY' });

    const devices = new TotpDevices(NEW);
    expect(await devices.find(world.db, 'bob')).toMatchObject({ ...KEY, issuer: 'Example' });
    expect([await devices.useStep(world.db, 'bob', KEY.secret, 7, 0), await devices.useStep(world.db, 'bob', KEY.secret, 8, 0)]).toEqual([
      false,
      true,
    ]);
    expect(await new RecoveryCodes(NEW, world.random).use(world.db, 'bob', readRecoveryCode(code)!, 0)).toBe('accepted');
    const row = await world.db.selectFrom('notices').selectAll().executeTakeFirstOrThrow();
    expect(new NoticeOutbox({ ...world, secret: NEW }).payloadOf(row)).toEqual(NOTICE);
    expect(() => createKeyRing([SECRET], NOTICE_PAYLOAD.purpose).open(row.payload!, notice)).toThrow();
    expect([await publisherOf(NEW).knows(bob), await publisherOf(SECRET).knows(bob)]).toEqual([true, false]);
    expect((await storage({ secret: NEW }).check(true)).result).toBe('success');

    const { backup } = changed as { backup: string };
    expect(statSync(backup).mode & 0o777).toBe(0o600);
    const copy = await openDatabase(fileAt(backup));
    await checkEncryptionKey(copy, SECRET, backup);
    expect(await new TotpDevices(SECRET).find(copy, 'bob')).toMatchObject(KEY);
    await copy.destroy();
  });

  it('is not made where one value does not open: everything is as it was', async () => {
    await fill();
    await world.db
      .updateTable('recovery_codes')
      .set({ code: new Uint8Array(40) })
      .where('position', '=', 9)
      .execute();
    expect(await storage().changeKey(NEW)).toEqual({ outcome: 'invalid', problem: expect.stringContaining('recovery_codes') });
    await checkEncryptionKey(world.db, SECRET, path);
  });

  it('is all or nothing: where it breaks on its way, the store and the key file are as they were', async () => {
    await fill();
    const keyFile = join(world.directory, 'portcullis.storage_key');
    writeFileSync(keyFile, `${SECRET}\n`);
    await sql`create trigger broken before update on recovery_codes when new.position = 9 begin select raise(abort, 'the disk is full'); end`.execute(
      world.db,
    );
    await expect(storage({ keyFile }).changeKey(NEW)).rejects.toThrow('the disk is full');
    expect((await storage().check(true)).result).toBe('success');
    expect([readFileSync(keyFile, 'utf8'), existsSync(`${keyFile}.new`)]).toEqual([`${SECRET}\n`, false]);
  });

  it('puts the new key where the old one was kept', async () => {
    const keyFile = join(world.directory, 'portcullis.storage_key');
    writeFileSync(keyFile, `${SECRET}\n`);
    expect(await storage({ keyFile }).changeKey(NEW)).toMatchObject({ outcome: 'changed', keyFile });
    expect(readFileSync(keyFile, 'utf8')).toBe(`${NEW}\n`);
    expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  });

  it('is refused while the service or any other process has the store open, and for keys that are none', async () => {
    expect(await storage({ isServing: true }).changeKey(NEW)).toEqual({ outcome: 'running' });
    const other = await openDatabase(fileAt(path));
    expect(await storage().changeKey(NEW)).toEqual({ outcome: 'running' });
    await other.destroy();
    expect(await storage().changeKey('short')).toMatchObject({ outcome: 'invalid' });
    expect(await storage().changeKey(SECRET)).toMatchObject({ outcome: 'invalid' });
    expect(await storage({ users: () => null }).changeKey(NEW)).toMatchObject({ outcome: 'invalid', problem: expect.stringContaining('users file') });
    await checkEncryptionKey(world.db, SECRET, path);
  });
});

it('a schema is described with all that was applied, or would be', async () => {
  const now = await describeSchema(world.location);
  expect([now.version, now.available]).toEqual([now.latest, []]);
  expect(now.history.map(({ version }) => version)).toEqual(Array.from({ length: now.latest }, (_, index) => index + 1));
  const none = await describeSchema(fileAt(join(world.directory, 'none.sqlite3')));
  expect([none.version, none.tables, none.available.length]).toEqual([0, [], now.latest]);
  expect(existsSync(join(world.directory, 'none.sqlite3'))).toBe(false);
});
