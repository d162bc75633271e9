import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkEncryptionKey } from './encryption-check.js';
import { PreferredMethod } from './preferred-method.js';
import { openWorld, type World } from './world.fixture.js';

let world: World;

beforeEach(async () => {
  world = await openWorld(async (digestOf) => `users: { bob: { displayname: Bob, password: "${await digestOf('bob')}" } }\n`);
});
afterEach(() => world.close());

describe('the storage key', () => {
  it('that made the store opens it again', async () => {
    await checkEncryptionKey(world.db, 'the first key', 'store.sqlite3');
    await checkEncryptionKey(world.db, 'the first key', 'store.sqlite3');
    expect(await world.db.selectFrom('encryption_check').selectAll().execute()).toHaveLength(1);
  });

  it('of another store is refused in one sentence that says what to do', async () => {
    await checkEncryptionKey(world.db, 'the first key', 'store.sqlite3');
    await expect(checkEncryptionKey(world.db, 'another key', 'store.sqlite3')).rejects.toMatchObject({
      code: 'ENCRYPTION_KEY',
      message: expect.stringMatching(/^store\.sqlite3 was sealed with another storage\.encryption_key.*portcullis\.storage_key/su),
    });
    await checkEncryptionKey(world.db, 'the first key', 'store.sqlite3');
  });
});

describe('the preferred method', () => {
  it('is the first available one until a person chooses', async () => {
    const preferred = new PreferredMethod({ db: world.db, available: ['totp', 'webauthn'] });
    expect(await preferred.of('bob')).toBe('totp');
    expect(await preferred.set('bob', 'webauthn')).toBe(true);
    expect(await preferred.of('bob')).toBe('webauthn');
    expect(await preferred.of('eve')).toBe('totp');
  });

  it('is never one that is not available (any more)', async () => {
    const before = new PreferredMethod({ db: world.db, available: ['totp', 'webauthn'] });
    await before.set('bob', 'webauthn');
    const after = new PreferredMethod({ db: world.db, available: ['totp'] });
    expect(await after.of('bob')).toBe('totp');
    expect(await after.set('bob', 'webauthn')).toBe(false);
    expect(await new PreferredMethod({ db: world.db, available: [] }).of('bob')).toBe('');
  });
});
