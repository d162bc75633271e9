import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminBans } from './admin-bans.js';
import { AdminTotp } from './admin-totp.js';
import { openWorld, type World } from './world.fixture.js';

const TOTP = { issuer: 'Example', algorithm: 'SHA1', digits: 6, periodSeconds: 30, secretSizeBytes: 32 } as const;
const ANY = { force: false, secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };
const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/' };

let world: World;
let totp: AdminTotp;
let bans: AdminBans;

beforeEach(async () => {
  world = await openWorld(
    async (digestOf) => `users:
  bob: { displayname: Bob, email: bob@example.com, password: "${await digestOf('bob')}" }
`,
    { search: { email: true } },
  );
  totp = new AdminTotp({ ...world, totp: TOTP });
  bans = new AdminBans(world);
});
afterEach(() => world.close());

describe('a device the operator makes', () => {
  it('has the configured settings, and belongs to the user meant by an alias', async () => {
    const made = await totp.generate({ ...ANY, username: 'bob@example.com' });
    expect(made).toMatchObject({
      outcome: 'generated',
      userKnown: true,
      url: expect.stringMatching(/^otpauth:\/\/totp\/Example:bob\?algorithm=SHA1&digits=6&/u),
    });
    expect(await world.devices.find(world.db, 'bob')).toMatchObject({ issuer: 'Example', digits: 6, periodS: 30, lastUsedAtMs: null });
  });

  it('may have a secret of the operator and other settings', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const request = { ...ANY, username: 'bob', secret: secret.toLowerCase(), algorithm: 'SHA512', digits: 8, periodS: 60, issuer: 'Other' } as const;
    expect(await totp.generate(request)).toMatchObject({ outcome: 'generated', secret });
    const device = (await totp.export('bob')).devices[0]!;
    expect(device).toMatchObject({ username: 'bob', issuer: 'Other', algorithm: 'SHA512', digits: 8, periodS: 60, secret });
    expect(device.url).toContain(`secret=${secret}`);
  });

  it('does not replace another unless it is told to', async () => {
    await totp.generate({ ...ANY, username: 'bob' });
    const first = await world.devices.find(world.db, 'bob');
    expect(await totp.generate({ ...ANY, username: 'bob' })).toEqual({ outcome: 'exists' });
    expect(await world.devices.find(world.db, 'bob')).toEqual(first);
    expect(await totp.generate({ ...ANY, username: 'bob', force: true })).toMatchObject({ outcome: 'generated' });
    expect((await world.devices.find(world.db, 'bob'))?.secret).not.toBe(first?.secret);
  });

  it('may be for somebody the file does not know, which is said', async () => {
    expect(await totp.generate({ ...ANY, username: 'soon' })).toMatchObject({ outcome: 'generated', userKnown: false });
    expect(await totp.delete('soon')).toEqual({ outcome: 'deleted' });
    expect(await totp.delete('soon')).toEqual({ outcome: 'none' });
  });

  it.each([
    ['digits', { digits: 7 }, '6 or 8 digits'],
    ['a period', { periodS: 5 }, 'at least|between 15 seconds'],
    ['a size', { secretSize: 10 }, 'between 20 and 1024'],
    ['a secret', { secret: 'not base32!' }, 'base32'],
    ['a short secret', { secret: 'JBSWY3DPEHPK3PXP' }, 'at least 16 bytes'],
    ['an issuer', { issuer: 'a:b' }, 'colon'],
  ])('with %s that does not do is refused with the reason', async (_, wrong, reason) => {
    expect(await totp.generate({ ...ANY, username: 'bob', ...wrong })).toEqual({ outcome: 'invalid', problem: expect.stringMatching(reason) });
    expect((await totp.export(null)).devices).toEqual([]);
  });
});

describe('bans', () => {
  it('of a user hold until they are lifted', async () => {
    expect(await bans.add({ kind: 'user', subject: 'bob@example.com', forMs: null, reason: 'left' })).toMatchObject({
      outcome: 'banned',
      ban: { subject: 'bob', expiresAtMs: null, source: 'cli', reason: 'left' },
    });
    expect(await world.passwords.check('bob', "bob's password", ORIGIN)).toBeNull();
    expect(await bans.revoke({ kind: 'user', subject: 'bob', id: null })).toBe(1);
    expect(await world.passwords.check('bob', "bob's password", ORIGIN)).not.toBeNull();
  });

  it('made by regulation are listed, and are over once lifted', async () => {
    for (let tries = 0; tries < 3; tries += 1) await world.passwords.check('bob', 'wrong', ORIGIN);
    const [ban] = await bans.list('user');
    expect(ban).toMatchObject({
      subject: 'bob',
      source: 'regulation',
      reason: 'Exceeding Maximum Retries',
      expiresAtMs: world.clock.nowMs + 300_000,
    });
    world.clock.nowMs += 1000;
    expect(await bans.revoke({ kind: 'user', subject: null, id: ban!.id })).toBe(1);
    // What was tried before counts no more: one slip does not ban again.
    world.clock.nowMs += 1000;
    await world.passwords.check('bob', 'wrong', ORIGIN);
    expect(await world.passwords.check('bob', "bob's password", ORIGIN)).not.toBeNull();
  });

  it('of an address are kept under its canonical form', async () => {
    expect(await bans.add({ kind: 'ip', subject: '2001:DB8::1', forMs: 60_000, reason: null })).toMatchObject({ ban: { subject: '2001:db8::/64' } });
    expect(await world.passwords.check('bob', "bob's password", { ...ORIGIN, ip: '2001:db8::2' })).toBeNull();
    expect(await bans.list('user')).toEqual([]);
    expect(await bans.revoke({ kind: 'ip', subject: '2001:db8::9', id: null })).toBe(1);
    expect(await bans.list('ip')).toEqual([]);
  });

  it('that are over are not listed', async () => {
    await bans.add({ kind: 'user', subject: 'bob', forMs: 1000, reason: null });
    world.clock.nowMs += 1000;
    expect(await bans.list('user')).toEqual([]);
    expect(await bans.revoke({ kind: 'user', subject: 'bob', id: null })).toBe(0);
  });

  it.each([
    ['ip', 'not an address', 1000],
    ['ip', '10.0.0.0/8', 1000],
    ['user', '', 1000],
    ['user', 'bob', 0],
    ['user', 'bob', Number.NaN],
  ] as const)('of %s %j for %d ms are refused', async (kind, subject, forMs) => {
    expect(await bans.add({ kind, subject, forMs, reason: null })).toMatchObject({ outcome: 'invalid' });
  });

  it('are not all lifted by a request that names none', async () => {
    await bans.add({ kind: 'user', subject: 'bob', forMs: null, reason: null });
    expect(await bans.revoke({ kind: 'user', subject: null, id: null })).toBe(0);
    expect(await bans.revoke({ kind: 'ip', subject: null, id: 1 })).toBe(0);
    expect(await bans.list('user')).toHaveLength(1);
  });
});
