import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type TotpKey, encodeTotpSecret } from './totp-code.js';
import { TotpDevices } from './totp-devices.js';
import { TotpRegistration } from './totp-registration.js';
import { TotpSignIn } from './totp-sign-in.js';
import { SECRET, openWorld, type World } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/secondfactor/totp' };
const KEY: TotpKey = { algorithm: 'SHA256', digits: 6, periodS: 60, secret: encodeTotpSecret(Buffer.alloc(32, 7)) };
const TOTP = {
  disabled: false,
  issuer: 'Example',
  skew: 1,
  secretSizeBytes: 32,
  reuseAllowed: false,
  allowedAlgorithms: ['SHA1', 'SHA256'],
  allowedDigits: [6],
  allowedPeriods: [30, 60],
};
const SETTINGS = { algorithm: 'SHA1', digits: 6, periodS: 30 } as const;

let world: World;

beforeEach(async () => {
  world = await openWorld(
    async (digestOf) => `users:
  bob: { displayname: Bob, email: bob@example.com, password: "${await digestOf('bob')}" }
  eve: { displayname: Eve, password: "${await digestOf('eve')}" }
`,
  );
});
afterEach(() => world.close());

const signIn = (options: Partial<typeof TOTP> = {}): TotpSignIn => new TotpSignIn({ ...world, ...TOTP, ...options });
const registration = (options: Partial<typeof TOTP> = {}): TotpRegistration =>
  new TotpRegistration({ ...world, secret: SECRET, totp: { ...TOTP, ...options } });
const enrol = (key: TotpKey = KEY): Promise<void> => world.devices.store(world.db, 'bob', 'Example', key, world.clock.nowMs);

const codeOf = (key: TotpKey = KEY, steps = 0): string =>
  generateSync({
    secret: key.secret,
    algorithm: key.algorithm === 'SHA256' ? 'sha256' : 'sha1',
    period: key.periodS,
    epoch: Math.floor(world.clock.nowMs / 1000) + steps * key.periodS,
  });
const wrongCode = (): string => String((Number(codeOf()) + 1) % 1_000_000).padStart(6, '0');

describe('a code', () => {
  it('lets its user through once, and says so when it comes again', async () => {
    await enrol();
    const totp = signIn();
    const code = codeOf();
    expect(await totp.verify('bob', code, ORIGIN)).toEqual({ outcome: 'verified' });
    expect(await totp.verify('bob', code, ORIGIN)).toEqual({ outcome: 'refused', reason: 'used' });
    expect((await world.devices.find(world.db, 'bob'))?.lastUsedAtMs).toBe(world.clock.nowMs);
  });

  it('works once, also when it comes many times at once', async () => {
    await enrol();
    const totp = signIn();
    const verdicts = await Promise.all(Array.from({ length: 10 }, () => totp.verify('bob', codeOf(), ORIGIN)));
    expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict.outcome === 'refused' && verdict.reason === 'used')).toHaveLength(9);
  });

  it('of the step before or after is accepted, each once', async () => {
    await enrol();
    const totp = signIn();
    for (const steps of [1, -1, 0]) expect(await totp.verify('bob', codeOf(KEY, steps), ORIGIN)).toEqual({ outcome: 'verified' });
    for (const steps of [1, -1, 0]) expect(await totp.verify('bob', codeOf(KEY, steps), ORIGIN)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(await totp.verify('bob', codeOf(KEY, 2), ORIGIN)).toEqual({ outcome: 'refused', reason: 'wrong' });
  });

  it('is accepted with a space and in full width', async () => {
    await enrol();
    const code = codeOf();
    expect(await signIn().verify('bob', `${code.slice(0, 3)} ${code.slice(3)}`, ORIGIN)).toEqual({ outcome: 'verified' });
    const next = codeOf(KEY, 1).replace(/\d/gu, (digit) => String.fromCodePoint(0xff10 + Number(digit)));
    expect(await signIn().verify('bob', next, ORIGIN)).toEqual({ outcome: 'verified' });
  });

  it('may come again where the reuse policy is switched off', async () => {
    await enrol();
    const totp = signIn({ reuseAllowed: true });
    expect(await totp.verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
    expect(await totp.verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
  });

  it('of a user without a device, or who is gone, says that there is none', async () => {
    expect(await signIn().verify('bob', '123456', ORIGIN)).toEqual({ outcome: 'refused', reason: 'no_device' });
    await enrol();
    await world.devices.store(world.db, 'former', 'Example', KEY, world.clock.nowMs);
    expect(await signIn().verify('former', codeOf(), ORIGIN)).toEqual({ outcome: 'refused', reason: 'no_device' });
    expect(await signIn({ disabled: true }).verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'refused', reason: 'no_device' });
  });

  it('of a new device is not mistaken for one of the old', async () => {
    await enrol();
    expect(await signIn().verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
    const next: TotpKey = { ...KEY, secret: encodeTotpSecret(Buffer.alloc(32, 8)) };
    await enrol(next);
    expect(await signIn().verify('bob', codeOf(next), ORIGIN)).toEqual({ outcome: 'verified' });
  });
});

describe('guessing', () => {
  it('bans at the tenth wrong code, and then a right one does not help', async () => {
    await enrol();
    const totp = signIn();
    for (let tries = 0; tries < 10; tries += 1) {
      expect(await totp.verify('bob', wrongCode(), { ...ORIGIN, ip: `10.0.0.${tries}` })).toEqual({ outcome: 'refused', reason: 'wrong' });
    }
    expect(await totp.verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'banned', untilMs: world.clock.nowMs + 600_000 });
    world.clock.nowMs += 600_000;
    expect(await totp.verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
  });

  it('in parallel gets no more tries than one after another', async () => {
    await enrol();
    const totp = signIn();
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => totp.verify('bob', wrongCode(), ORIGIN)));
    expect(verdicts.filter(({ outcome }) => outcome === 'refused')).toHaveLength(10);
  });

  it('is not what a code of the wrong shape or a used one is', async () => {
    await enrol();
    const totp = signIn();
    expect(await totp.verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
    for (let tries = 0; tries < 12; tries += 1) {
      await totp.verify('bob', 'abc', ORIGIN);
      await totp.verify('bob', codeOf(), ORIGIN);
    }
    expect(await totp.verify('bob', codeOf(KEY, 1), ORIGIN)).toEqual({ outcome: 'verified' });
  });

  it('is logged as the filters expect', async () => {
    await enrol();
    await signIn().verify('bob', wrongCode(), ORIGIN);
    expect(await world.logged()).toContain(
      `level=error msg="Unsuccessful TOTP authentication attempt by user 'bob'" error="authentication failed" ` +
        'method=POST path=/api/secondfactor/totp remote_ip=192.0.2.1 service=identity',
    );
  });
});

describe('a registration', () => {
  const begun = async (): Promise<TotpKey> => {
    const pending = await registration().begin('bob', 'sign-in 1', SETTINGS);
    return { ...SETTINGS, secret: pending!.secret };
  };

  it('is done when a code proves the new device, and that code is used up', async () => {
    const key = await begun();
    const code = codeOf(key);
    expect(await registration().finish('bob', 'sign-in 1', code, '192.0.2.1')).toMatchObject({ outcome: 'registered' });
    expect(await signIn().verify('bob', code, ORIGIN)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(await signIn().verify('bob', codeOf(key, 1), ORIGIN)).toEqual({ outcome: 'verified' });
    expect(world.written).toEqual([
      { kind: 'event', to: { name: 'Bob', address: 'bob@example.com' }, event: 'totp_added', remoteIp: '192.0.2.1', atMs: world.clock.nowMs },
    ]);
  });

  it('leaves the present device as it is until it is finished', async () => {
    await enrol();
    const key = await begun();
    expect(await registration().finish('bob', 'sign-in 1', 'abcdef', '192.0.2.1')).toEqual({ outcome: 'refused', reason: 'wrong' });
    expect(await signIn().verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'verified' });
    expect(await registration().finish('bob', 'sign-in 1', codeOf(key), '192.0.2.1')).toMatchObject({ outcome: 'registered' });
    expect(await signIn().verify('bob', codeOf(KEY, 1), ORIGIN)).toEqual({ outcome: 'refused', reason: 'wrong' });
  });

  it('gives a secret of the configured size and the text of its QR code', async () => {
    const pending = await registration().begin('bob', 'sign-in 1', SETTINGS);
    expect(pending?.secret).toMatch(/^[A-Z2-7]{52}$/u);
    expect(pending?.url).toBe(`otpauth://totp/Example:bob?algorithm=SHA1&digits=6&issuer=Example&period=30&secret=${pending?.secret}`);
  });

  it.each([
    ['another algorithm', { ...SETTINGS, algorithm: 'SHA512' as const }, 'bob', {}],
    ['other digits', { ...SETTINGS, digits: 8 }, 'bob', {}],
    ['another period', { ...SETTINGS, periodS: 15 }, 'bob', {}],
    ['a user who is not there', SETTINGS, 'nobody', {}],
    ['one-time passwords switched off', SETTINGS, 'bob', { disabled: true }],
  ])('is not begun with %s', async (_, settings, username, options) => {
    expect(await registration(options).begin(username, 'sign-in 1', settings)).toBeNull();
  });

  it('belongs to one user and one sign-in, and ends after ten minutes', async () => {
    const key = await begun();
    expect(await registration().finish('bob', 'sign-in 2', codeOf(key), '')).toEqual({ outcome: 'refused', reason: 'none_pending' });
    expect(await registration().finish('eve', 'sign-in 1', codeOf(key), '')).toEqual({ outcome: 'refused', reason: 'none_pending' });
    world.clock.nowMs += 600_000;
    expect(await registration().finish('bob', 'sign-in 1', codeOf(key), '')).toEqual({ outcome: 'refused', reason: 'none_pending' });
  });

  it('that is begun anew forgets the secret before', async () => {
    const first = await begun();
    const second = await begun();
    expect(await registration().finish('bob', 'sign-in 1', codeOf(first), '')).toEqual({ outcome: 'refused', reason: 'wrong' });
    expect(await registration().finish('bob', 'sign-in 1', codeOf(second), '')).toMatchObject({ outcome: 'registered' });
  });

  it('can be dropped', async () => {
    const key = await begun();
    expect(await registration().drop('bob', 'sign-in 1')).toBe(true);
    expect(await registration().drop('bob', 'sign-in 1')).toBe(false);
    expect(await registration().finish('bob', 'sign-in 1', codeOf(key), '')).toEqual({ outcome: 'refused', reason: 'none_pending' });
  });

  it('stores nothing readable', async () => {
    const key = await begun();
    await registration().finish('bob', 'sign-in 1', codeOf(key), '');
    const device = await world.db.selectFrom('totp_devices').selectAll().executeTakeFirstOrThrow();
    const steps = await world.db.selectFrom('totp_used_steps').selectAll().execute();
    expect(Buffer.from(device.secret).toString('latin1')).not.toContain(key.secret);
    expect(JSON.stringify(steps)).not.toContain(key.secret);
    await expect(new TotpDevices('another storage key').find(world.db, 'bob')).rejects.toMatchObject({ code: 'SEAL_UNKNOWN_KEY' });
  });

  it("does not open when a row is given another user's name", async () => {
    await enrol();
    await world.db.updateTable('totp_devices').set({ username: 'eve' }).execute();
    await expect(world.devices.find(world.db, 'eve')).rejects.toMatchObject({ code: 'SEAL_CORRUPT' });
  });
});

it('a removed device is gone, and its user is told', async () => {
  await enrol();
  expect(await registration().remove('bob', '192.0.2.1')).toBe(true);
  expect(await registration().remove('bob', '192.0.2.1')).toBe(false);
  expect(world.written).toMatchObject([{ event: 'totp_removed' }]);
  expect(await signIn().verify('bob', codeOf(), ORIGIN)).toEqual({ outcome: 'refused', reason: 'no_device' });
});

it('codes that no clock accepts any more are forgotten', async () => {
  await enrol();
  await signIn().verify('bob', codeOf(), ORIGIN);
  await world.devices.forgetOld(world.db, world.clock.nowMs + 86_400_000);
  expect(await world.db.selectFrom('totp_used_steps').selectAll().execute()).toHaveLength(1);
  await world.devices.forgetOld(world.db, world.clock.nowMs + 31 * 86_400_000);
  expect(await world.db.selectFrom('totp_used_steps').selectAll().execute()).toHaveLength(0);
});
