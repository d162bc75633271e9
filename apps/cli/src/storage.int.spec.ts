import type { Ban } from '@portcullis/contracts-identity';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Ended } from './command.fixture.js';
import { Installation } from './installation.fixture.js';

// Some processes each.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

describe.each([
  ['while the identity service runs', true],
  ['while nobody runs', false],
])('%s', (_, isRunning) => {
  let installation: Installation;
  beforeAll(async () => {
    installation = await Installation.make();
    if (isRunning) await installation.start('identity');
  });
  afterAll(() => installation.close());
  const type = (line: string): Promise<Ended> => installation.type(line);

  it('storage user totp: a device is given, shown as a QR code, not replaced by accident, exported, taken away', async () => {
    const made = await type(`storage user totp generate john --secret ${SECRET} --algorithm sha256 --digits 8 --period 60 --issuer Gate`);
    const uri = `otpauth://totp/Gate:john?algorithm=SHA256&digits=8&issuer=Gate&period=60&secret=${SECRET}`;
    expect([made.code, made.out.split('\n')[0]]).toEqual([0, `Successfully generated TOTP configuration for user 'john' with URI '${uri}'`]);
    expect(made.out).toMatch(/\n\n(?: {4}[ ▀▄█]{40,}\n){20,}/);

    const again = await type('storage user totp generate john');
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toContain('Add --force to replace it');

    expect((await type('storage user totp export uri')).out).toBe(`${uri}\n`);
    const row = `Gate,john,SHA256,8,60,${SECRET}`;
    expect((await type('storage user totp export csv')).out).toBe(`issuer,username,algorithm,digits,period,secret\n${row}\n`);
    expect(await installation.json('storage user totp export')).toMatchObject([{ username: 'john', secret: SECRET, periodS: 60, url: uri }]);
    expect(await type('storage user totp export xml')).toMatchObject({ code: 2, out: '' });

    const forced = await installation.json<{ secret: string }>('storage user totp generate john --force --secret-size 40');
    expect(forced.secret).toMatch(/^[A-Z2-7]{64}$/);
    expect(await type('storage user totp delete john')).toEqual({
      code: 0,
      out: "Successfully deleted TOTP configuration for user 'john'\n",
      err: '',
    });
    expect(await type('storage user totp delete john')).toEqual({ code: 1, out: '', err: "There is no TOTP configuration for user 'john'.\n" });
  });

  it('storage user recovery-codes: made for somebody who has a device, not replaced by accident, gone with the device', async () => {
    const none = await type('storage user recovery-codes generate john');
    expect([none.code, none.out]).toEqual([1, '']);
    expect(none.err).toMatch(/^User 'john' has no device that recovery codes could stand for\./);

    await type('storage user totp generate john --no-qr');
    const made = await type('storage user recovery-codes generate john');
    expect(made.code).toBe(0);
    expect(made.out).toMatch(
      /^Successfully generated recovery codes for user 'john', each for one use:\n\n(?:[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}\n){10}$/,
    );
    const again = await type('storage user recovery-codes generate john');
    expect([again.code, again.out]).toEqual([1, '']);
    expect(again.err).toMatch(/has 10 recovery codes left\. Add --force/);
    const forced = await installation.json<{ codes: string[] }>('storage user recovery-codes generate john --force');
    expect(forced.codes.filter((code) => !made.out.includes(code))).toHaveLength(10);

    const gone = { code: 1, out: '', err: "There are no recovery codes for user 'john'.\n" };
    expect(await type('storage user recovery-codes delete john')).toEqual({
      code: 0,
      out: "Successfully deleted the recovery codes of user 'john'\n",
      err: '',
    });
    expect(await type('storage user recovery-codes delete john')).toEqual(gone);
    await type('storage user recovery-codes generate john');
    await type('storage user totp delete john');
    expect(await type('storage user recovery-codes delete john')).toEqual(gone);
  });

  it('storage user totp: settings that no app knows are refused', async () => {
    expect((await type('storage user totp generate mary --algorithm md5')).code).toBe(2);
    expect((await type('storage user totp generate mary --digits six')).code).toBe(2);
    const invalid = await type('storage user totp generate mary --digits 9');
    expect([invalid.code, invalid.out]).toEqual([1, '']);
    expect(invalid.err).toMatch(/digits/);
    expect(await installation.json('storage user totp export')).toEqual([]);
  });

  it.each([
    ['user', 'mary', 'Username'],
    ['ip', '198.51.100.7', 'IP'],
  ])('storage bans %s: made, listed, revoked by name and by id', async (kind, who, head) => {
    expect((await type(`storage bans ${kind} list`)).out).toBe('No results.\n');
    expect((await type(`storage bans ${kind} add ${who} -d 2h -r devices`)).out).toMatch(
      new RegExp(`^Banned ${who} until \\d{4}-.* \\(ban \\d+\\)\\.\n$`),
    );
    const listed = (await type(`storage bans ${kind} list`)).out.split('\n');
    expect(listed[0]).toMatch(new RegExp(`^ID +${head} +Expires +Source +Reason$`));
    expect(listed[1]).toMatch(new RegExp(`^\\d+ +${who} +\\d{4}-\\d\\d-\\d\\d [\\d:]{8} +cli +devices$`));
    expect((await type(`storage bans ${kind} revoke ${who}`)).out).toBe('Revoked 1 ban.\n');
    expect(await type(`storage bans ${kind} revoke ${who}`)).toEqual({ code: 1, out: '', err: 'There is no such ban in force.\n' });

    const permanent = await installation.json<Ban>(`storage bans ${kind} add ${who} --permanent`);
    expect(permanent.expiresAtMs).toBeNull();
    expect((await type(`storage bans ${kind} revoke --id ${permanent.id}`)).code).toBe(0);
    expect(await installation.json(`storage bans ${kind} list`)).toEqual([]);
  });

  it('storage bans: what is no time and no address is refused', async () => {
    expect(await type('storage bans user add mary -d soon')).toMatchObject({ code: 2, out: '' });
    expect(await type('storage bans ip add somewhere')).toMatchObject({ code: 1, out: '' });
    expect(await type('storage bans ip revoke --id first')).toMatchObject({ code: 2, out: '' });
  });

  it('sessions cannot be reached without their service, which is said', async () => {
    const { code, out, err } = await type('sessions list');
    expect([code, out]).toEqual([1, '']);
    expect(err).toMatch(/did not answer|do not run/);
  });
});
