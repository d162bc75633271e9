import { existsSync, rmSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, describe, expect, it } from 'vitest';
import { Installation } from './process.fixture.js';

const CONFIGURATION = `session:
  secret: the session secret of the tests, long enough
  cookies: [{ domain: example.com, authelia_url: https://auth.example.com }]
  redis: { host: DIRECTORY/nobody.sock }
authentication_backend: { file: { path: DIRECTORY/users.yml } }
access_control: { default_policy: two_factor }
notifier: { filesystem: { filename: DIRECTORY/notice.txt } }
`;
const GENERATE = { username: 'bob', force: false, secret: null, secretSize: null, algorithm: null, digits: null, periodS: null, issuer: null };

const made: Installation[] = [];
async function install(configuration = CONFIGURATION): Promise<Installation> {
  const installation = await Installation.make(configuration, ['bob']);
  made.push(installation);
  return installation;
}
afterEach(async () => {
  await Promise.all(made.splice(0).map((each) => each.close()));
});

describe('the start is refused, once and in words', { timeout: 60_000 }, () => {
  it('without Redis', async () => {
    const installation = await install(CONFIGURATION.replace(/ {2}redis.*\n/u, ''));
    const { code, err } = await (await installation.run()).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/^session\.redis is not configured.*\n$/u) });
  });

  it('for a configuration with mistakes, all of them named', async () => {
    const installation = await install(
      CONFIGURATION.replace('two_factor', 'two_factors').concat('totp: { digits: 7 }\nregulation: { modes: [everybody] }\n'),
    );
    const { code, err } = await (await installation.run()).ended;
    expect(code).toBe(1);
    expect(err).toContain('totp.digits');
    expect(err).toContain('regulation.modes');
    expect(err.match(/totp\.digits\n/gu)).toHaveLength(1);
  });

  it('for a users file with mistakes', async () => {
    const installation = await install();
    installation.write('users.yml', 'users:\n  bob: { displayname: Bob, password: plain }\n  eve: {}\n');
    const { code, err } = await (await installation.run()).ended;
    expect(code).toBe(1);
    expect(err).toContain('user bob: the password is no digest');
    expect(err).toContain('user eve: displayname is required');
    expect(err).toContain(installation.path('users.yml'));
  });

  it('without a users file', async () => {
    const installation = await install();
    rmSync(installation.path('users.yml'));
    const { code, err } = await (await installation.run()).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringContaining('users.yml') });
  });

  it("on Authelia's own database", async () => {
    const installation = await install();
    const foreign = new DatabaseSync(installation.path('portcullis.sqlite3'));
    foreign.exec('create table totp_configurations (id integer); create table encryption (id integer); create table migrations (id integer)');
    foreign.close();
    const { code, err } = await (await installation.run()).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/is Authelia's own database: people's second factors are in it/u) });
  });

  it('with another storage key', async () => {
    const installation = await install();
    expect((await installation.once({ operation: 'generateTotp', request: GENERATE })).code).toBe(0);
    installation.write('portcullis.storage_key', 'another key that is long enough');
    const { code, err } = await (await installation.run()).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/was sealed with another storage\.encryption_key/u) });
  });

  it('without the storage key, and leaves no new one in its place', async () => {
    const installation = await install();
    expect((await installation.once({ operation: 'generateTotp', request: GENERATE })).code).toBe(0);
    rmSync(installation.path('portcullis.storage_key'));
    const { code, err } = await (await installation.run()).ended;
    expect({ code, err }).toEqual({ code: 1, err: expect.stringMatching(/its portcullis\.storage_key file/u) });
    expect(existsSync(installation.path('portcullis.storage_key'))).toBe(false);
  });
});

describe('one operation without a service', { timeout: 60_000 }, () => {
  it('answers on standard output alone, and keeps what it did', async () => {
    const installation = await install();
    const first = await installation.once({ operation: 'generateTotp', request: GENERATE });
    expect(JSON.parse(first.out)).toMatchObject({ outcome: 'generated', userKnown: true });
    expect(first.err).toBe(`A secret was made and kept in ${installation.path('portcullis.storage_key')}: back this up\n`);
    const second = await installation.once({ operation: 'exportTotp', request: { username: null } });
    expect(JSON.parse(second.out)).toMatchObject({ devices: [{ username: 'bob', secret: (JSON.parse(first.out) as { secret: string }).secret }] });
    expect(second.err).toBe('');
  });

  it('works with a broken users file, and says so', async () => {
    const installation = await install();
    installation.write('users.yml', 'users: {}\n');
    const { code, out, err } = await installation.once({ operation: 'generateTotp', request: GENERATE });
    expect({ code, reply: JSON.parse(out) as unknown }).toMatchObject({ code: 0, reply: { outcome: 'generated', userKnown: false } });
    expect(err).toContain('there are no users');
  });

  it.each([
    ['an operation nobody knows', { operation: 'deleteEverything', request: {} }],
    ['a request that is none', { operation: 'listBans', request: { kind: 'all' } }],
  ])('refuses %s', async (_, request) => {
    const { code, out, err } = await (await install()).once(request);
    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toContain('Invalid');
  });
});
