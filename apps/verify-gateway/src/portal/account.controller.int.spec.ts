import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Gateway } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

describe('GET /api/configuration', () => {
  const configuration = async (at: Gateway): Promise<unknown> =>
    (await at.ask('GET', '/api/configuration', { session: await at.session.signedIn('bob') })).json.data;

  it('names the methods that are built, where some rule asks for one', async () => {
    expect(await configuration(gateway)).toEqual({ available_methods: ['totp'], password_change_disabled: false, password_reset_disabled: false });
  });

  it.each([
    [{ rules: [] }, { available_methods: [] }],
    [{ settings: { totp: null } }, { available_methods: [] }],
    [{ settings: { resetDisabled: true, changeDisabled: true } }, { password_change_disabled: true, password_reset_disabled: true }],
  ])('under %j', async (options, expected) => {
    const other = await Gateway.start(options);
    onTestFinished(() => other.stop());
    expect(await configuration(other)).toMatchObject(expected);
  });

  it('is for people who are signed in', async () => {
    expect((await gateway.ask('GET', '/api/configuration')).body).toBe('403 Forbidden');
  });
});

it('GET /api/configuration/password-policy says what a password must be, to anybody', async () => {
  const answer = await gateway.ask('GET', '/api/configuration/password-policy', { headers: { Host: 'x' } });
  expect(answer.json).toEqual({
    status: 'OK',
    data: {
      ...{ mode: 'standard', min_length: 8, max_length: 64, min_score: 0 },
      ...{ require_uppercase: true, require_lowercase: false, require_number: true, require_special: false },
    },
  });
});

describe('/api/user/info', () => {
  it('says who one is, with addresses masked', async () => {
    const answer = await gateway.ask('GET', '/api/user/info', { session: await gateway.session.signedIn('alice') });
    expect(answer.json).toEqual({
      status: 'OK',
      data: { display_name: 'The alice', emails: ['a***e@example.com'], method: 'totp', has_totp: true, has_webauthn: false, has_duo: false },
    });
  });

  it('by POST says it without addresses, whatever the body holds', async () => {
    const answer = await gateway.ask('POST', '/api/user/info', {
      session: await gateway.session.signedIn('bob'),
      json: { method: 'webauthn', display_name: 'x' },
    });
    expect(answer.json.data).toEqual({ display_name: 'The bob', emails: null, method: 'totp', has_totp: false, has_webauthn: false, has_duo: false });
    expect(gateway.identity.asked('setPreferredMethod')).toEqual([]);
  });

  it('of who has gone from the users file says what the session holds', async () => {
    const answer = await gateway.ask('GET', '/api/user/info', { session: await gateway.session.signedIn('gone') });
    expect(answer.json.data).toMatchObject({ display_name: 'The gone', method: '', has_totp: false });
  });

  it.each(['GET', 'POST'])('by %s is for people who are signed in', async (method) => {
    expect((await gateway.ask(method, '/api/user/info')).body).toBe('403 Forbidden');
  });
});

describe('POST /api/user/info/2fa_method', () => {
  it.each([
    ['totp', { status: 'OK' }],
    ['webauthn', { status: 'KO', message: 'Operation failed.' }],
    ['', { status: 'KO', message: 'Operation failed.' }],
  ])('with %j', async (method, expected) => {
    const answer = await gateway.ask('POST', '/api/user/info/2fa_method', { json: { method }, session: await gateway.session.signedIn('bob') });
    expect([answer.status, answer.json]).toEqual([200, expected]);
  });

  it('is for people who are signed in, and takes a word', async () => {
    expect((await gateway.ask('POST', '/api/user/info/2fa_method', { json: { method: 'totp' } })).body).toBe('403 Forbidden');
    expect(
      (await gateway.ask('POST', '/api/user/info/2fa_method', { json: { method: 1 }, session: await gateway.session.signedIn('bob') })).status,
    ).toBe(400);
  });
});
