import { RpcFault } from '@portcullis/platform-rpc';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RECOVERY_CODES } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await Gateway.start();
  gateway.identity.recoveryCodes.set('alice', new Set(RECOVERY_CODES));
});
afterEach(async () => {
  await gateway.stop();
});

const CODES = '/api/secondfactor/recovery-codes';
const [RIGHT = ''] = RECOVERY_CODES;
const elevation = { ip: '203.0.113.7', untilMs: Date.now() + 600_000 };
const levelOf = (session: string | undefined): number | undefined => {
  const record = gateway.session.records.get(session ?? '');
  return record === undefined ? undefined : record.totpAtMs === null ? 1 : 2;
};
const tell = ({ status, json }: Answer): unknown => [status, json];

describe('GET /api/secondfactor/recovery-codes', () => {
  it('counts those that are left', async () => {
    const count = async (username: string): Promise<unknown> =>
      (await gateway.ask('GET', CODES, { session: await gateway.session.signedIn(username) })).json;
    expect(await count('alice')).toEqual({ status: 'OK', data: { remaining: 2, created_at: '2023-11-14T22:13:20.000Z' } });
    expect(await count('bob')).toEqual({ status: 'OK', data: { remaining: 0, created_at: null } });
    expect((await gateway.ask('GET', CODES)).body).toBe('403 Forbidden');
  });
});

describe('POST /api/secondfactor/recovery-codes', () => {
  const renew = (session?: string): Promise<Answer> => gateway.ask('POST', CODES, { session });
  const lacking = (data: object): unknown => [403, { status: 'KO', data: { elevation: false, first_factor: false, second_factor: false, ...data } }];

  it('asks for the factor itself and the mailed code', async () => {
    expect(tell(await renew())).toEqual(lacking({ first_factor: true }));
    expect(tell(await renew(await gateway.session.signedIn('alice')))).toEqual(lacking({ elevation: true, second_factor: true }));
    expect(tell(await renew(await gateway.session.signedIn('alice', 1, { elevation })))).toEqual(lacking({ second_factor: true }));
    expect(tell(await renew(await gateway.session.signedIn('alice', 2)))).toEqual(lacking({ elevation: true }));
    expect(gateway.identity.asked('renewRecoveryCodes')).toEqual([]);
  });

  it('makes new ones, under a new id of the session', async () => {
    const session = await gateway.session.signedIn('alice', 2, { elevation });
    const answer = await renew(session);
    expect(answer.json).toEqual({ status: 'OK', data: { codes: RECOVERY_CODES } });
    expect(gateway.identity.asked('renewRecoveryCodes')).toEqual([{ username: 'alice', ip: '203.0.113.7' }]);
    expect([levelOf(session), levelOf(cookieOf(answer))]).toEqual([undefined, 2]);
  });

  it('makes none for somebody without a device they could stand for', async () => {
    const session = await gateway.session.signedIn('bob', 1, { elevation });
    expect(tell(await renew(session))).toEqual([404, { status: 'KO', message: 'There is no one-time password device yet.' }]);
    expect(levelOf(session)).toBe(1);
  });

  it('leaves the person signed in, and the codes as they were, while identity is away', async () => {
    gateway.identity.renewRecoveryCodes = () => Promise.reject(new RpcFault('RPC_TIMEOUT', 'identity.v1.renewRecoveryCodes', 'late'));
    const answer = await renew(await gateway.session.signedIn('alice', 2, { elevation }));
    expect([answer.status, levelOf(cookieOf(answer))]).toEqual([503, 2]);
  });

  it('makes no codes that nobody is shown: a session that ends meanwhile leaves the older ones', async () => {
    gateway.session.renew = () => Promise.resolve({ outcome: 'gone' });
    expect((await renew(await gateway.session.signedIn('alice', 2, { elevation }))).status).toBe(403);
    expect(gateway.identity.asked('renewRecoveryCodes')).toEqual([]);
  });
});

describe('POST /api/secondfactor/recovery-code', () => {
  const use = (code: unknown, session?: string, more: object = {}): Promise<Answer> =>
    gateway.ask('POST', '/api/secondfactor/recovery-code', { session, json: { code, ...more } });

  it('stands in for a lost device: two factors under a new id, and on to where one was going', async () => {
    const session = await gateway.session.signedIn('alice');
    const answer = await use(RIGHT, session, { targetURL: 'https://two.example.com/a?b=c', requestMethod: 'GET' });
    expect(tell(answer)).toEqual([200, { status: 'OK', data: { redirect: 'https://two.example.com/a?b=c' } }]);
    expect([levelOf(session), levelOf(cookieOf(answer))]).toEqual([undefined, 2]);
    expect(gateway.identity.asked('verifyRecoveryCode')).toEqual([
      {
        username: 'alice',
        code: RIGHT,
        origin: {
          ...{ ip: '203.0.113.7', method: 'POST', path: '/api/secondfactor/recovery-code' },
          ...{ targetUrl: 'https://two.example.com/a?b=c', targetMethod: 'GET' },
        },
      },
    ]);
  });

  it('that is wrong, was used, or never was, raises nothing and says which', async () => {
    const wrong = [403, { status: 'KO', message: 'This recovery code is wrong.' }];
    const session = cookieOf(await use(RIGHT, await gateway.session.signedIn('alice')));
    expect(tell(await use(RIGHT, session))).toEqual([403, { status: 'KO', message: 'This recovery code was used already. Take another one.' }]);
    expect(tell(await use('xxxx-xxxx-xxxx', session))).toEqual(wrong);
    const bobs = await gateway.session.signedIn('bob');
    expect(tell(await use(RIGHT, bobs))).toEqual(wrong);
    expect(levelOf(bobs)).toBe(1);
  });

  it.each([
    [1_700_000_000_000, '2023-11-14T22:13:20.000Z'],
    [null, null],
  ])('after too many wrong ones says until when (%s)', async (untilMs, banned_until) => {
    gateway.identity.verifyRecoveryCode = () => Promise.resolve({ outcome: 'banned', untilMs });
    const answer = await use(RIGHT, await gateway.session.signedIn('alice'));
    expect(tell(answer)).toEqual([403, { status: 'KO', message: 'Too many wrong codes. Please try again later.', data: { banned_until } }]);
  });

  it('needs a first factor, and a session that lasts', async () => {
    expect((await use(RIGHT)).body).toBe('403 Forbidden');
    gateway.session.raise = () => Promise.resolve({ outcome: 'gone' });
    const late = await use(RIGHT, await gateway.session.signedIn('alice'));
    expect([late.status, cookieOf(late)]).toEqual([403, undefined]);
  });

  it('is limited by address together with one-time passwords', async () => {
    gateway.waits.set('second_factor_totp', 30_000);
    expect((await use(RIGHT, await gateway.session.signedIn('alice'))).status).toBe(429);
    expect(gateway.identity.asked('verifyRecoveryCode')).toEqual([]);
  });

  it('from another site changes nothing (attack 58)', async () => {
    const session = await gateway.session.signedIn('alice');
    const headers = { ...PROXY, 'Sec-Fetch-Site': 'cross-site', Cookie: `authelia_session=${session}`, 'Content-Type': 'application/json' };
    expect((await gateway.ask('POST', '/api/secondfactor/recovery-code', { headers, body: JSON.stringify({ code: RIGHT }) })).status).toBe(403);
    expect(levelOf(session)).toBe(1);
  });

  it.each([{}, { code: 1 }, { code: 'x'.repeat(65) }])('with %j is malformed', async (json) => {
    const session = await gateway.session.signedIn('alice');
    expect((await gateway.ask('POST', '/api/secondfactor/recovery-code', { session, json })).status).toBe(400);
  });
});
