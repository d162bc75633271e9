import { generateSync } from 'otplib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdminRecoveryCodes } from './admin-recovery-codes.js';
import { AdminTotp } from './admin-totp.js';
import { listAttempts } from './attempt-history.js';
import { Recovery } from './recovery.js';
import { RecoveryCodes } from './recovery-codes.js';
import { encodeTotpSecret, type TotpKey } from './totp-code.js';
import { TotpRegistration } from './totp-registration.js';
import { TotpSignIn } from './totp-sign-in.js';
import { openWorld, SECRET, type World } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/secondfactor/recovery-code', targetUrl: null, targetMethod: null };
const KEY: TotpKey = { algorithm: 'SHA1', digits: 6, periodS: 30, secret: encodeTotpSecret(Buffer.alloc(32, 7)) };
const TOTP = {
  disabled: false,
  issuer: 'Example',
  skew: 1,
  secretSizeBytes: 32,
  reuseAllowed: false,
  allowedAlgorithms: ['SHA1'],
  allowedDigits: [6],
  allowedPeriods: [30],
};
const WRONG = 'AAAA-AAAA-AAAA';

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

const recovery = (disabled = false): Recovery => new Recovery({ ...world, disabled });
const registration = (): TotpRegistration => new TotpRegistration({ ...world, secret: SECRET, totp: TOTP });
const totp = (): TotpSignIn => new TotpSignIn({ ...world, ...TOTP });
const admin = (): AdminTotp =>
  new AdminTotp({ ...world, totp: { issuer: 'Example', algorithm: 'SHA1', digits: 6, periodSeconds: 30, secretSizeBytes: 32 } });
const give = (username = 'bob'): Promise<void> => world.devices.store(world.db, username, 'Example', KEY, world.clock.nowMs);
const verify = (code: string, username = 'bob', ip = ORIGIN.ip) => recovery().verify({ username, code, origin: { ...ORIGIN, ip } });
const left = (username = 'bob') => recovery().describe({ username });
const events = (): readonly unknown[] => world.written.map((notice) => (notice.kind === 'event' ? notice.event : notice.kind));

async function renewed(username = 'bob'): Promise<string[]> {
  const reply = await recovery().renew({ username, ip: ORIGIN.ip });
  return reply.outcome === 'made' ? reply.codes : [];
}

async function enrol(): Promise<Awaited<ReturnType<TotpRegistration['finish']>>> {
  world.clock.nowMs += 60_000;
  const begun = await registration().begin('bob', 'sign-in 1', { algorithm: 'SHA1', digits: 6, periodS: 30 });
  const code = generateSync({ secret: begun?.secret ?? '', epoch: Math.floor(world.clock.nowMs / 1000) });
  return registration().finish('bob', 'sign-in 1', code, ORIGIN.ip);
}

describe('recovery codes', () => {
  it('are ten, made with the first device, and shown in three groups of four', async () => {
    const finished = await enrol();
    const codes = finished.outcome === 'registered' ? (finished.recoveryCodes ?? []) : [];
    expect(new Set(codes).size).toBe(10);
    for (const code of codes) expect(code).toMatch(/^[ABCDEFGHJKLMNPQRTUVWYXZ2346789]{4}(?:-[ABCDEFGHJKLMNPQRTUVWYXZ2346789]{4}){2}$/u);
    expect(await left()).toEqual({ remaining: 10, createdAtMs: world.clock.nowMs });
    expect(events()).toEqual(['totp_added']);
  });

  it('stay when the person replaces the device, as long as there are any', async () => {
    await enrol();
    const codes = await renewed();
    expect(await enrol()).toEqual({ outcome: 'registered' });
    for (const code of codes) expect(await verify(code)).toMatchObject({ outcome: 'verified' });
    expect(await left()).toMatchObject({ remaining: 0, createdAtMs: expect.any(Number) });
    expect(await enrol()).toMatchObject({ outcome: 'registered', recoveryCodes: { length: 10 } });
    expect(events().slice(-2)).toEqual(['totp_added', 'recovery_codes_made']);
  });

  it('that are made anew end the older ones, and the person is told', async () => {
    await give();
    const [old = ''] = await renewed();
    const [code = ''] = await renewed();
    expect(await verify(old)).toEqual({ outcome: 'refused', reason: 'wrong' });
    expect(await verify(code)).toEqual({ outcome: 'verified', remaining: 9 });
    expect(world.written.slice(0, 2)).toEqual(
      Array.from({ length: 2 }, () => ({
        kind: 'event',
        to: { name: 'Bob', address: 'bob@example.com' },
        event: 'recovery_codes_made',
        remoteIp: ORIGIN.ip,
        atMs: world.clock.nowMs,
      })),
    );
  });

  it('are not made for who has no device, or is gone, or where one-time passwords are switched off', async () => {
    await world.devices.store(world.db, 'former', 'Example', KEY, world.clock.nowMs);
    for (const username of ['bob', 'former', 'nobody']) expect(await recovery().renew({ username, ip: '' })).toEqual({ outcome: 'no_device' });
    await give();
    expect(await recovery(true).renew({ username: 'bob', ip: '' })).toEqual({ outcome: 'no_device' });
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    expect(world.written).toEqual([]);
  });

  it('go with the device they stand for, whoever removes it', async () => {
    await give();
    await renewed();
    await registration().remove('bob', ORIGIN.ip);
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    await give();
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    const [code = ''] = await renewed();
    await admin().delete('bob');
    await give();
    expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'none' });
  });

  it('go with a device that the operator replaces, and come with none that the operator gives', async () => {
    const request = { username: 'bob', secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };
    expect(await admin().generate({ ...request, force: false })).toMatchObject({ outcome: 'generated' });
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    await renewed();
    expect(await admin().generate({ ...request, force: false })).toEqual({ outcome: 'exists' });
    expect(await left()).toMatchObject({ remaining: 10 });
    expect(await admin().generate({ ...request, force: true })).toMatchObject({ outcome: 'generated' });
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
  });

  it('that an older service left behind open nothing, are made anew with the next device, and are tidied away', async () => {
    await give();
    const [code = ''] = await renewed();
    await world.devices.delete(world.db, 'bob');
    expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'none' });
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    expect(await enrol()).toMatchObject({ recoveryCodes: { length: 10 } });
    expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'wrong' });
    await world.codes.forgetOrphans(world.db);
    expect(await left()).toMatchObject({ remaining: 10 });
    await world.devices.delete(world.db, 'bob');
    await world.codes.forgetOrphans(world.db);
    expect(await world.db.selectFrom('recovery_codes').selectAll().execute()).toEqual([]);
  });

  it('are nowhere readable, and open neither with another key nor in another place', async () => {
    await give();
    await give('eve');
    const codes = await renewed();
    const rows = await world.db.selectFrom('recovery_codes').selectAll().execute();
    const kept = rows.map((row) => Buffer.from(row.code).toString('latin1')).join();
    for (const code of codes) expect(kept).not.toContain(code.replaceAll('-', ''));
    expect(await world.logged()).not.toContain(codes[0]);
    const stranger = new RecoveryCodes('another storage key', world.random);
    await expect(stranger.use(world.db, 'bob', 'ABCDEFGHJKLM', 0)).rejects.toMatchObject({ code: 'SEAL_UNKNOWN_KEY' });
    await world.db.updateTable('recovery_codes').set({ username: 'eve' }).execute();
    await expect(verify(codes[0] ?? '', 'eve')).rejects.toMatchObject({ code: 'SEAL_CORRUPT' });
  });
});

describe('codes the operator makes', () => {
  const codes = (): AdminRecoveryCodes => new AdminRecoveryCodes(world);

  it('are as good as those a person makes, and replace none that are left unless they are to', async () => {
    expect(await codes().generate({ username: 'bob', force: true })).toEqual({ outcome: 'no_device' });
    await give();
    const [own = ''] = await renewed();
    expect(await codes().generate({ username: 'bob', force: false })).toEqual({ outcome: 'exists', remaining: 10 });
    const made = await codes().generate({ username: 'bob', force: true });
    const [code = ''] = made.outcome === 'made' ? made.codes : [];
    expect(await verify(own)).toEqual({ outcome: 'refused', reason: 'wrong' });
    expect(await verify(code)).toEqual({ outcome: 'verified', remaining: 9 });
  });

  it('can be taken away, and the device stays', async () => {
    await give();
    expect(await codes().delete('bob')).toEqual({ outcome: 'none' });
    await renewed();
    expect(await codes().delete('bob')).toEqual({ outcome: 'deleted' });
    expect(await left()).toEqual({ remaining: 0, createdAtMs: null });
    expect(await world.devices.has(world.db, 'bob')).toBe(true);
  });
});

describe('a recovery code', () => {
  it('lets its user through once, says so when it comes again, and the person is told once', async () => {
    await give();
    const [code = ''] = await renewed();
    expect(await verify(code)).toEqual({ outcome: 'verified', remaining: 9 });
    expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'used' });
    expect(events()).toEqual(['recovery_codes_made', 'recovery_code_used']);
    expect(world.written.at(-1)).toMatchObject({ remoteIp: ORIGIN.ip, to: { address: 'bob@example.com' } });
  });

  it('works once, also when it comes fifty times at once', async () => {
    await give();
    const [code = ''] = await renewed();
    const verdicts = await Promise.all(Array.from({ length: 50 }, () => verify(code)));
    expect(verdicts.filter(({ outcome }) => outcome === 'verified')).toHaveLength(1);
    expect(verdicts.filter((verdict) => verdict.outcome === 'refused' && verdict.reason === 'used')).toHaveLength(49);
    expect(events().filter((event) => event === 'recovery_code_used')).toHaveLength(1);
  });

  it.each<[says: string, type: (code: string) => string]>([
    ['in small letters', (code) => code.toLowerCase()],
    ['without dashes', (code) => code.replaceAll('-', '')],
    ['with spaces and long dashes', (code) => ` ${code.replaceAll('-', ' – ')}\t`],
    ['in full width', (code) => code.replace(/\d/gu, (digit) => String.fromCodePoint(0xff10 + Number(digit)))],
  ])('is read %s', async (_, type) => {
    await give();
    const [code = ''] = await renewed();
    expect(await verify(type(code))).toMatchObject({ outcome: 'verified' });
  });

  it('of somebody else is wrong', async () => {
    await give();
    await give('eve');
    const [code = ''] = await renewed('eve');
    await renewed();
    expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'wrong' });
    expect(await verify(code, 'eve')).toMatchObject({ outcome: 'verified' });
  });

  it('of a user without codes, and of one who is not there, is answered alike and counts for nothing', async () => {
    await give();
    await world.devices.store(world.db, 'former', 'Example', KEY, world.clock.nowMs);
    await world.codes.make(world.db, 'former', world.clock.nowMs);
    for (const username of ['bob', 'eve', 'former', 'nobody']) {
      for (const code of [WRONG, 'abc']) expect(await verify(code, username)).toEqual({ outcome: 'refused', reason: 'none' });
    }
    expect(await world.attempts()).toEqual([]);
  });
});

describe('guessing', () => {
  const wrongTotp = () => totp().verify('bob', generateSync({ secret: KEY.secret, epoch: 0 }), ORIGIN);

  it('bans at the tenth wrong code, of both kinds together, and then no right one of either kind helps', async () => {
    await give();
    const [code = ''] = await renewed();
    for (let tries = 0; tries < 5; tries += 1) {
      expect(await verify(WRONG, 'bob', `10.0.0.${tries}`)).toEqual({ outcome: 'refused', reason: 'wrong' });
      expect(await wrongTotp()).toEqual({ outcome: 'refused', reason: 'wrong' });
    }
    const banned = { outcome: 'banned', untilMs: world.clock.nowMs + 600_000 };
    const rightTotp = generateSync({ secret: KEY.secret, epoch: Math.floor(world.clock.nowMs / 1000) });
    expect(await verify(code)).toEqual(banned);
    expect(await totp().verify('bob', rightTotp, ORIGIN)).toEqual(banned);
    expect(await left()).toMatchObject({ remaining: 10 });
    world.clock.nowMs += 600_000;
    expect(await verify(code)).toEqual({ outcome: 'verified', remaining: 9 });
  });

  it('in parallel gets no more tries than one after another', async () => {
    await give();
    await renewed();
    const verdicts = await Promise.all(Array.from({ length: 30 }, () => verify(WRONG)));
    expect(verdicts.filter(({ outcome }) => outcome === 'refused')).toHaveLength(10);
  });

  it('is not what a code of the wrong shape or a used one is', async () => {
    await give();
    const [code = '', other = ''] = await renewed();
    expect(await verify(code)).toMatchObject({ outcome: 'verified' });
    for (let tries = 0; tries < 12; tries += 1) {
      expect(await verify('AAAA-AAAA')).toEqual({ outcome: 'refused', reason: 'wrong' });
      expect(await verify(code)).toEqual({ outcome: 'refused', reason: 'used' });
    }
    expect(await verify(other)).toMatchObject({ outcome: 'verified' });
  });

  it('is logged as the filters expect, and stands in the history beside other tries', async () => {
    await give();
    const [code = ''] = await renewed();
    await verify(WRONG);
    world.clock.nowMs += 1000;
    await verify(code);
    expect(await world.logged()).toContain(
      `level=error msg="Unsuccessful Recovery authentication attempt by user 'bob'" error="authentication failed" ` +
        'method=POST path=/api/secondfactor/recovery-code remote_ip=192.0.2.1 service=identity',
    );
    await wrongTotp();
    await world.passwords.check('bob', "bob's password", { ...ORIGIN, path: '/api/firstfactor' });
    const { attempts } = await listAttempts(world.db, { username: 'bob', limit: 3 });
    expect(attempts).toEqual([
      { atMs: world.clock.nowMs, factor: 'password', successful: true, banned: false, ip: ORIGIN.ip },
      { atMs: world.clock.nowMs, factor: 'totp', successful: false, banned: false, ip: ORIGIN.ip },
      { atMs: world.clock.nowMs, factor: 'recovery_code', successful: true, banned: false, ip: ORIGIN.ip },
    ]);
    expect((await listAttempts(world.db, { username: 'eve', limit: 3 })).attempts).toEqual([]);
  });
});
