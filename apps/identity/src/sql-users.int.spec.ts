import { inTransaction } from '@portcullis/platform-sql';
import { eventually } from '@portcullis/platform-redis/testing';
import type { UserEdit } from '@portcullis/contracts-identity';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminUsers } from './admin-users.js';
import { openDatabase } from './database.js';
import { forgetOldParts } from './edit-parts.js';
import { SqlUsers, SqlUsersError } from './sql-users.js';
import { UserPublisher } from './user-publisher.js';
import { CHEAP, openWorld, SECRET, type World } from './world.fixture.js';
import { PasswordCheck } from './password-check.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/' };
const PLAIN = { email: false, caseInsensitive: false };

let world: World;
let users: SqlUsers;
let admin: AdminUsers;
beforeEach(async () => {
  world = await openWorld(async (digestOf) => `users:\n  elsewhere: { displayname: Elsewhere, password: "${await digestOf('x')}" }\n`);
  users = await open();
  admin = new AdminUsers({ ...world, users });
});
afterEach(() => world.close());

const open = (search = PLAIN, db = world.db): Promise<SqlUsers> => SqlUsers.open({ ...world, db, place: 'the store', search });
const person = async (username: string, over: Partial<Extract<UserEdit, { kind: 'add' }>['user']> = {}) => ({
  ...{ username, displayName: username, email: `${username}@example.com`, groups: ['dev'], disabled: false },
  digest: await world.digests.make(CHEAP, `${username}'s password`),
  ...over,
});
const edit = (...edits: UserEdit[]) => admin.edit({ edits, dryRun: false });
const rows = () => world.db.selectFrom('users').selectAll().execute();
const versions = () => world.db.selectFrom('users_version').select('version').executeTakeFirstOrThrow();

/** The check of passwords on these users. */
const passwordsOf = (of: SqlUsers): PasswordCheck =>
  new PasswordCheck({
    ...world,
    users: () => of.directory,
    refresh: () => of.refresh(),
    digest: CHEAP,
    nameHash: (name) => Buffer.from(name.padEnd(4)).toString('base64url'),
  });

describe('users in the store', () => {
  it('sign in by what the operator made', async () => {
    expect(await edit({ kind: 'add', user: await person('bob') })).toEqual({
      outcome: 'done',
      changes: [{ username: 'bob', kind: 'added', fields: ['displayName', 'email', 'groups', 'disabled', 'digest'] }],
    });
    expect(await passwordsOf(users).check('bob', "bob's password", ORIGIN)).toMatchObject({
      username: 'bob',
      groups: ['dev'],
      email: 'bob@example.com',
    });
    expect(await passwordsOf(users).check('bob', 'wrong', ORIGIN)).toBeNull();
  });

  it('may be none: then a name costs a hash and is refused', async () => {
    expect(users.directory.users).toEqual([]);
    expect(await passwordsOf(users).check('bob', "bob's password", ORIGIN)).toBeNull();
  });

  it('have digests of every kind a users file may have', async () => {
    const kinds = [
      { algorithm: 'bcrypt', variant: 'standard', cost: 4 },
      { algorithm: 'pbkdf2', variant: 'sha512', iterations: 1000, saltLength: 16 },
      { algorithm: 'scrypt', variant: 'scrypt', iterations: 5, blockSize: 8, parallelism: 1, keyLength: 32, saltLength: 16 },
      { algorithm: 'sha2crypt', variant: 'sha512', iterations: 1000, saltLength: 16 },
    ] as const;
    for (const kind of kinds) {
      const digest = await world.digests.make(kind, 'their own');
      expect(await edit({ kind: 'put', user: await person('bob', { digest }) })).toMatchObject({ outcome: 'done' });
      expect(await passwordsOf(users).check('bob', 'their own', ORIGIN), kind.algorithm).not.toBeNull();
    }
  });

  it('are found by address and in any case where that is configured', async () => {
    const both = await open({ email: true, caseInsensitive: true });
    const admin = new AdminUsers({ ...world, users: both });
    const upper = await admin.edit({ edits: [{ kind: 'add', user: await person('Bob') }], dryRun: false });
    expect(upper).toEqual({ outcome: 'invalid', problems: [expect.stringContaining('names must be in lower case')] });
    await admin.edit({ edits: [{ kind: 'add', user: await person('bob') }], dryRun: false });
    expect(['BOB', 'Bob@Example.com', 'bob'].map((typed) => both.directory.lookup(typed)?.username)).toEqual(['bob', 'bob', 'bob']);
    const twin = await admin.edit({ edits: [{ kind: 'add', user: await person('rob', { email: 'BOB@example.com' }) }], dryRun: false });
    expect(twin).toEqual({ outcome: 'invalid', problems: [expect.stringContaining('belongs to bob too')] });
  });

  it('that do not fit the configuration are refused at the start, with every problem', async () => {
    await edit({ kind: 'add', user: await person('bob') }, { kind: 'add', user: await person('rob', { email: 'bob@example.com' }) });
    await expect(open({ email: true, caseInsensitive: false })).rejects.toThrow(SqlUsersError);
    await expect(open({ email: true, caseInsensitive: false })).rejects.toThrow(/belongs to bob too/u);
  });

  it('are changed by all edits or by none', async () => {
    await edit({ kind: 'add', user: await person('bob') });
    const before = [await rows(), await versions()];
    expect(await edit({ kind: 'set', username: 'bob', displayName: 'Robert' }, { kind: 'delete', username: 'kim' })).toEqual({
      outcome: 'invalid',
      problems: ['there is no user kim'],
    });
    expect(await admin.edit({ edits: [{ kind: 'delete', username: 'bob' }], dryRun: true })).toMatchObject({ changes: [{ kind: 'deleted' }] });
    expect(await edit({ kind: 'set', username: 'bob', displayName: 'bob' })).toEqual({ outcome: 'done', changes: [] });
    expect([await rows(), await versions()]).toEqual(before);
  });

  it('know when they were made and when their password was set', async () => {
    await edit({ kind: 'add', user: await person('bob') });
    const made = world.clock.nowMs;
    world.clock.nowMs += 1000;
    await edit({ kind: 'set', username: 'bob', groups: [] });
    expect(await rows()).toMatchObject([{ created_at_ms: made, updated_at_ms: made + 1000, password_changed_at_ms: made, groups: '[]' }]);
    await edit({ kind: 'set', username: 'bob', digest: await world.digests.make(CHEAP, 'new') });
    expect(await rows()).toMatchObject([{ created_at_ms: made, password_changed_at_ms: made + 1000 }]);
  });
});

describe('edits in parts', () => {
  const of = '7c0a1c5e-6f3c-4a3e-9d53-2f1f8d2a5b10';
  const put = async (username: string, over: Parameters<typeof person>[1] = {}): Promise<UserEdit> => ({
    kind: 'put',
    user: await person(username, over),
  });
  const send = (edits: UserEdit[], position: number, isLast = false, dryRun = false) => admin.edit({ edits, dryRun, part: { of, position, isLast } });
  const names = async () => (await rows()).map(({ username }) => username);

  it('are made with the last of them, all or none', async () => {
    await edit(await put('bob'));
    const digest = (await rows())[0]?.digest ?? '';
    expect(await send([await put('ann'), await put('bob', { digest, groups: [] })], 0)).toEqual({ outcome: 'done', changes: [], kept: true });
    expect(await send([await put('ben')], 1)).toEqual({ outcome: 'done', changes: [], kept: true });
    expect(await names()).toEqual(['bob']);
    expect(await send([await put('eve', { digest: 'plain' })], 2, true)).toMatchObject({
      outcome: 'invalid',
      problems: [expect.stringContaining('eve')],
    });
    expect(await names()).toEqual(['bob']);
  });

  it('are made once, by whichever process is asked last, and told one by one', async () => {
    await edit(await put('bob'));
    const { digest = '', created_at_ms: made } = (await rows())[0] ?? {};
    world.clock.nowMs += 1000;
    const db = await openDatabase(world.location);
    const other = new AdminUsers({ ...world, users: await open(PLAIN, db), db });
    const parts = [[await put('ann'), await put('bob', { digest, groups: [] })], [{ kind: 'delete', username: 'ann' } as const]];
    await other.edit({ edits: parts[0]!, dryRun: false, part: { of, position: 0, isLast: false } });
    await db.destroy();
    expect(await send(parts[1]!, 1, true)).toEqual({ outcome: 'done', changes: [{ username: 'bob', kind: 'changed', fields: ['groups'] }] });
    expect(await rows()).toMatchObject([
      { username: 'bob', groups: '[]', created_at_ms: made, password_changed_at_ms: made, updated_at_ms: world.clock.nowMs },
    ]);
    expect(await world.db.selectFrom('edit_parts').selectAll().execute()).toEqual([]);
    expect(await send(parts[1]!, 1, true)).toEqual({ outcome: 'invalid', problems: [expect.stringContaining('did not arrive')] });
  });

  it('whose last one never comes are forgotten within the hour', async () => {
    await send([await put('ann')], 0);
    await forgetOldParts(world.db, world.clock.nowMs + 3_600_000);
    expect(await send([await put('ben')], 1, true, true)).toMatchObject({ outcome: 'done', changes: [{ username: 'ann' }, { username: 'ben' }] });
    await send([await put('ann')], 0);
    await forgetOldParts(world.db, world.clock.nowMs + 3_600_001);
    expect(await send([await put('ben')], 1, true)).toMatchObject({ outcome: 'invalid' });
    expect(await names()).toEqual([]);
  });

  it('may be of thousands, which count as one change', async () => {
    const { user } = (await put('ann')) as Extract<UserEdit, { kind: 'put' }>;
    const many = Array.from({ length: 3000 }, (_, each): UserEdit => ({ kind: 'put', user: { ...user, username: `user${each}`, email: null } }));
    for (let position = 0; position < 2; position += 1) await send(many.slice(position * 1000, (position + 1) * 1000), position);
    const done = await send(many.slice(2000), 2, true);
    expect(done.outcome === 'done' && done.changes.length).toBe(3000);
    expect(await names()).toHaveLength(3000);
    expect(await versions()).toEqual({ version: 2 });
  });
});

describe('two processes on one store', () => {
  it('see what the other changed, also a password, within two seconds', async () => {
    const db = await openDatabase(world.location);
    const stop = new AbortController();
    try {
      const other = await open(PLAIN, db);
      let changes = 0;
      other.onChange(() => (changes += 1));
      await other.watch(stop.signal);
      await edit({ kind: 'add', user: await person('bob') });
      await eventually('the new user is seen', () => other.directory.byName('bob') !== null);
      const digest = await world.digests.make(CHEAP, 'new');
      expect(await inTransaction(world.db, (trx) => users.setDigest(trx, 'bob', digest, null))).toBe('written');
      await eventually('the new digest is seen', () => other.directory.byName('bob')?.digest === digest);
      expect(changes).toBe(2);
    } finally {
      stop.abort();
      await db.destroy();
    }
  });

  it('that set a password in the place of the same one: one of them does', async () => {
    await edit({ kind: 'add', user: await person('bob') });
    const old = users.directory.byName('bob')?.digest ?? '';
    const set = (digest: string) => inTransaction(world.db, (trx) => users.setDigest(trx, 'bob', digest, old));
    const [one, two] = [await world.digests.make(CHEAP, 'one'), await world.digests.make(CHEAP, 'two')];
    expect([await set(one), await set(two)]).toEqual(['written', 'stale']);
  });
});

describe('sessions', () => {
  it('follow the store: a new password ends them, somebody disabled loses them, and what is told is told once', async () => {
    const publisher = new UserPublisher({ ...world, users, secret: SECRET });
    users.onChange(() => {
      publisher.changed();
    });
    publisher.start();
    try {
      await edit({ kind: 'add', user: await person('bob') });
      await eventually('bob is told', () => world.sessions.calls.includes('refresh bob: bob dev'));
      await edit({ kind: 'set', username: 'bob', digest: await world.digests.make(CHEAP, 'new') });
      await eventually('his sessions end', () => world.sessions.calls.includes('end bob but none: password_changed'));
      await edit({ kind: 'set', username: 'bob', disabled: true });
      await eventually('he is gone', () => world.sessions.calls.includes('refresh bob: gone'));
      expect(world.sessions.calls.filter((call) => call.startsWith('end'))).toHaveLength(1);
    } finally {
      await publisher.close();
    }
  });

  it('of a password that is being set are left to whoever sets it, though this process has not seen the new one yet', async () => {
    await edit({ kind: 'add', user: await person('bob') });
    const publisher = new UserPublisher({ ...world, users, secret: SECRET });
    publisher.start();
    try {
      await eventually('bob is told', () => world.sessions.calls.includes('refresh bob: bob dev'));
      const digest = await world.digests.make(CHEAP, 'new');
      await inTransaction(world.db, async (trx) => {
        await publisher.claimEnding(trx, 'bob', digest);
        expect(await users.setDigest(trx, 'bob', digest, null)).toBe('written');
      });
      // Woken before this process looked: the row says what was told, and the users are read beside it.
      world.sessions.calls.length = 0;
      publisher.changed();
      await edit({ kind: 'add', user: await person('eve') });
      publisher.changed();
      await eventually('the round is over', () => world.sessions.calls.includes('refresh eve: eve dev'));
      expect(world.sessions.calls.filter((call) => call.startsWith('end'))).toEqual([]);
    } finally {
      await publisher.close();
    }
  });
});
