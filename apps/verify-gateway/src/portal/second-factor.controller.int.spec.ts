import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CODE } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const TOTP = '/api/secondfactor/totp';
const give = (json: unknown, session?: string): Promise<Answer> => gateway.ask('POST', TOTP, { json, session });
const levelOf = async (session: string | undefined): Promise<unknown> =>
  (await gateway.ask('GET', '/api/state', { session })).json.data.authentication_level;

describe('POST /api/secondfactor/totp', () => {
  it('with a right code raises the level, under a new id', async () => {
    const session = await gateway.session.signedIn('alice');
    const answer = await give({ token: CODE }, session);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK', data: { redirect: 'https://www.example.com' } }]);
    expect([await levelOf(session), await levelOf(cookieOf(answer))]).toEqual([0, 2]);
    expect(gateway.identity.asked('verifyTotp').at(-1)).toMatchObject({ username: 'alice', code: CODE, origin: { ip: '203.0.113.7', path: TOTP } });
  });

  it.each<[string, unknown]>([
    ['https://two.example.com/x?y=z', { redirect: 'https://two.example.com/x?y=z' }],
    ['https://evil.test/', undefined],
    ['nonsense', undefined],
    ['https://deny.example.com/', { forbidden: true }],
    ['https://x.other.test/', { portal: 'https://auth.other.test/' }],
  ])('goes on to %s', async (targetURL, data) => {
    const answer = await give({ token: CODE, targetURL }, await gateway.session.signedIn('alice'));
    expect(answer.json).toEqual(data === undefined ? { status: 'OK' } : { status: 'OK', data });
  });

  it.each<[string, string, number, string]>([
    ['alice', '654321', 403, 'Authentication failed, please retry later.'],
    ['alice', '12345678', 403, 'Authentication failed, please retry later.'],
    ['alice', 'abcdef', 403, 'Authentication failed, please retry later.'],
    ['bob', CODE, 403, 'There is no one-time password device yet.'],
    ['alice', '12345', 400, 'Authentication failed, please retry later.'],
    ['alice', '', 400, 'Authentication failed, please retry later.'],
  ])('of %s with %j is %i, and nothing changes', async (username, token, status, message) => {
    const session = await gateway.session.signedIn(username);
    const answer = await give({ token }, session);
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([status, { status: 'KO', message }, undefined]);
    expect(await levelOf(session)).toBe(1);
  });

  it.each(['123 456', ' 123456', '１２３４５６'])('hands %j to identity, which knows what it means', async (token) => {
    await give({ token }, await gateway.session.signedIn('alice'));
    expect(gateway.identity.asked('verifyTotp').at(-1)).toMatchObject({ code: token });
  });

  it.each<[Awaited<ReturnType<Gateway['identity']['verifyTotp']>>, string]>([
    [{ outcome: 'refused', reason: 'used' }, 'This code was used already. Wait for the next one.'],
    [{ outcome: 'banned', untilMs: null }, 'Too many wrong codes. Please try again later.'],
  ])('tells the person about %j', async (reply, message) => {
    const { verifyTotp } = gateway.identity;
    onTestFinished(() => void (gateway.identity.verifyTotp = verifyTotp));
    gateway.identity.verifyTotp = () => Promise.resolve(reply);
    const answer = await give({ token: CODE }, await gateway.session.signedIn('alice'));
    expect([answer.status, answer.json.message]).toEqual([403, message]);
  });

  it.each([
    [1_700_000_000_000, '2023-11-14T22:13:20.000Z'],
    [null, null],
  ])('says until when a ban lasts (%s)', async (untilMs, banned_until) => {
    const { verifyTotp } = gateway.identity;
    onTestFinished(() => void (gateway.identity.verifyTotp = verifyTotp));
    gateway.identity.verifyTotp = () => Promise.resolve({ outcome: 'banned', untilMs });
    const answer = await give({ token: CODE }, await gateway.session.signedIn('alice'));
    expect(answer.json).toEqual({ status: 'KO', message: 'Too many wrong codes. Please try again later.', data: { banned_until } });
  });

  it('without a session, or with one that ends meanwhile, raises nothing', async () => {
    const answer = await give({ token: CODE });
    expect([answer.status, answer.body]).toEqual([403, '403 Forbidden']);
    const session = await gateway.session.signedIn('alice');
    const { raise } = gateway.session;
    onTestFinished(() => void (gateway.session.raise = raise));
    gateway.session.raise = () => Promise.resolve({ outcome: 'gone' });
    const late = await give({ token: CODE }, session);
    expect([late.status, cookieOf(late)]).toEqual([403, undefined]);
  });

  it.each<[string, unknown, number]>([
    ['a number', { token: 123456 }, 400],
    ['nothing', {}, 400],
  ])('with %s is malformed', async (_, json, status) => {
    expect((await give(json, await gateway.session.signedIn('alice'))).status).toBe(status);
  });

  it('is limited by address, malformed or not', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('second_factor_totp', 30_000);
    const answer = await give({}, await gateway.session.signedIn('alice'));
    expect([answer.status, answer.json]).toEqual([429, { status: 'KO', message: 'Too Many Requests' }]);
    expect(Date.parse(String(answer.headers['retry-after'])) - Date.now()).toBeGreaterThan(25_000);
    expect(gateway.limited.at(-1)).toBe('second_factor_totp 203.0.113.7');
  });

  it('while identity is away is 503, and the session as it was', async () => {
    const { verifyTotp } = gateway.identity;
    onTestFinished(() => void (gateway.identity.verifyTotp = verifyTotp));
    gateway.identity.verifyTotp = () => Promise.reject(new RpcFault('RPC_TIMEOUT', 'identity.v1.verifyTotp', 'late'));
    const session = await gateway.session.signedIn('alice');
    expect((await give({ token: CODE }, session)).status).toBe(503);
    expect(await levelOf(session)).toBe(1);
  });
});

describe('GET /api/secondfactor/totp', () => {
  it('describes the device', async () => {
    const answer = await gateway.ask('GET', TOTP, { session: await gateway.session.signedIn('alice') });
    expect(answer.json.data).toEqual({
      created_at: '2023-11-14T22:13:20.000Z',
      last_used_at: null,
      issuer: 'example.com',
      algorithm: 'SHA1',
      digits: 6,
      period: 30,
    });
  });

  it('of who has none is 404, of nobody 403', async () => {
    expect((await gateway.ask('GET', TOTP, { session: await gateway.session.signedIn('bob') })).status).toBe(404);
    expect((await gateway.ask('GET', TOTP)).body).toBe('403 Forbidden');
  });
});

describe('DELETE /api/secondfactor/totp', () => {
  const lacking = (data: object): unknown => ({ status: 'KO', data: { elevation: false, first_factor: false, second_factor: false, ...data } });
  const remove = (session?: string): Promise<Answer> => gateway.ask('DELETE', TOTP, { session });
  const elevation = { ip: '203.0.113.7', untilMs: Date.now() + 600_000 };

  it('asks for the factor itself and the mailed code (attack 70)', async () => {
    expect((await remove()).json).toEqual(lacking({ first_factor: true }));
    expect((await remove(await gateway.session.signedIn('alice'))).json).toEqual(lacking({ elevation: true, second_factor: true }));
    expect((await remove(await gateway.session.signedIn('alice', 1, { elevation }))).json).toEqual(lacking({ second_factor: true }));
    expect((await remove(await gateway.session.signedIn('alice', 2))).json).toEqual(lacking({ elevation: true }));
    expect(gateway.identity.devices.has('alice')).toBe(true);
  });

  it('with both takes it away, once', async () => {
    onTestFinished(() => void gateway.identity.devices.add('alice'));
    const session = await gateway.session.signedIn('alice', 2, { elevation });
    expect((await remove(session)).json).toEqual({ status: 'OK' });
    expect((await remove(session)).json).toEqual({ status: 'KO', message: 'Operation failed.' });
    expect(gateway.identity.asked('deleteTotp')).toContainEqual({ username: 'alice', ip: '203.0.113.7' });
  });
});

describe('security keys', () => {
  it.each(['GET', 'POST'])('%s are guarded as they will be, and not there', async (method) => {
    expect((await gateway.ask(method, '/api/secondfactor/webauthn')).status).toBe(403);
    expect((await gateway.ask(method, '/api/secondfactor/webauthn', { session: await gateway.session.signedIn('bob') })).status).toBe(404);
    expect((await gateway.ask('GET', '/api/secondfactor/webauthn/credentials')).status).toBe(403);
  });

  it('to register needs the mailed code', async () => {
    const answer = await gateway.ask('PUT', '/api/secondfactor/webauthn/credential/register', { json: { description: 'x' } });
    expect([answer.status, answer.json.data]).toEqual([403, { elevation: false, first_factor: true, second_factor: false }]);
    const session = await gateway.session.signedIn('bob');
    expect((await gateway.ask('DELETE', '/api/secondfactor/webauthn/credential/1', { session })).json.data).toMatchObject({ elevation: true });
  });
});
