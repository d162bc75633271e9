import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GRANT, passwordOf } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const START = '/api/reset-password/identity/start';
const FINISH = '/api/reset-password/identity/finish';
const RESET = '/api/reset-password';
const withGrant = (grant: string): Parameters<Gateway['ask']>[2] => ({ headers: { ...PROXY, Cookie: `portcullis_reset=${grant}` } });

describe(`POST ${START}`, () => {
  it.each(['bob', 'nobody', 'bob@example.com'])('answers the same for %s (attack 32)', async (username) => {
    const answer = await gateway.ask('POST', START, { json: { username } });
    expect([answer.status, answer.json, answer.headers['set-cookie']]).toEqual([200, { status: 'OK' }, undefined]);
    expect(gateway.identity.asked('startReset').at(-1)).toEqual({ username, ip: '203.0.113.7', domain: 'example.com' });
  });

  it('is limited by address', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('reset_password_start', 600_000);
    const answer = await gateway.ask('POST', START, { json: { username: 'bob' } });
    expect([answer.status, answer.json, gateway.limited.at(-1)]).toEqual([
      429,
      { status: 'KO', message: 'Too Many Requests' },
      'reset_password_start 203.0.113.7',
    ]);
    expect(answer.headers['retry-after']).toMatch(/ GMT$/);
  });

  it('is limited by name as well, without a word about it: mails from many addresses bury nobody', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('reset_password_start name bob', 600_000);
    const asked = gateway.identity.asked('startReset').length;
    const answer = await gateway.ask('POST', START, { json: { username: 'BOB' } });
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    expect(gateway.identity.asked('startReset')).toHaveLength(asked);
  });

  it('without a name is malformed', async () => {
    expect((await gateway.ask('POST', START, { json: {} })).status).toBe(400);
  });
});

describe(`POST ${FINISH}`, () => {
  const finish = (token: unknown, session?: string): Promise<Answer> => gateway.ask('POST', FINISH, { json: { token }, session });

  it('gives the bearer of the link the right to reset, in a cookie of its own', async () => {
    const session = await gateway.session.signedIn('alice');
    const answer = await finish('right', session);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    expect(answer.headers['set-cookie']).toEqual([
      `portcullis_reset=${GRANT}; Expires=Wed, 18 May 2033 03:33:20 GMT; Path=/; HttpOnly; Secure; SameSite=Strict`,
    ]);
    expect(answer.body).not.toContain(GRANT);
  });

  it.each([
    ['used', 'This link was used already. Ask for a new one.'],
    ['expired', 'This link has expired. Ask for a new one.'],
    ['revoked', 'This link was revoked. Ask for a new one.'],
    ['nonsense', 'Operation failed.'],
  ])('with a link that is %s gives none', async (token, message) => {
    const answer = await finish(token);
    expect([answer.status, answer.json, answer.headers['set-cookie']]).toEqual([200, { status: 'KO', message }, undefined]);
  });

  it('is limited by address', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('reset_password_finish', 1000);
    expect((await finish('right')).status).toBe(429);
  });
});

describe(`POST ${RESET}`, () => {
  const reset = (password: unknown, asked: Parameters<Gateway['ask']>[2] = {}): Promise<Answer> =>
    gateway.ask('POST', RESET, { ...asked, json: { password } });
  const failed = { status: 'KO', message: 'Unable to reset your password.' };

  it('with the right to it sets the password, and the right is used up', async () => {
    const answer = await reset('a good password', withGrant(GRANT));
    expect([answer.status, answer.json, cookieOf(answer, 'portcullis_reset')]).toEqual([200, { status: 'OK' }, '']);
    expect(gateway.identity.asked('resetPassword').at(-1)).toEqual({ grant: GRANT, password: 'a good password', ip: '203.0.113.7' });
  });

  it('without it, or with the right of somebody’s choosing, changes nothing (attack 72)', async () => {
    const asked = gateway.identity.asked('resetPassword').length;
    expect((await reset('a good password')).json).toEqual(failed);
    expect((await reset('a good password', { session: await gateway.session.signedIn('bob') })).json).toEqual(failed);
    expect(gateway.identity.asked('resetPassword')).toHaveLength(asked);
    const chosen = await reset('a good password', withGrant('c'.repeat(43)));
    expect([chosen.json, cookieOf(chosen, 'portcullis_reset')]).toEqual([failed, '']);
  });

  it('with a password that is too weak leaves the right to try another', async () => {
    const answer = await reset('weak', withGrant(GRANT));
    expect([answer.json, answer.headers['set-cookie']]).toEqual([
      { status: 'KO', message: 'Your supplied password does not meet the password policy requirements.' },
      undefined,
    ]);
  });

  it('while identity is away leaves the right, too', async () => {
    const { resetPassword } = gateway.identity;
    onTestFinished(() => void (gateway.identity.resetPassword = resetPassword));
    gateway.identity.resetPassword = () => Promise.reject(new RpcFault('RPC_OVERLOADED', 'identity.v1.resetPassword', 'full'));
    const answer = await reset('a good password', withGrant(GRANT));
    expect([answer.status, answer.headers['set-cookie']]).toEqual([503, undefined]);
  });
});

describe(`DELETE ${RESET}`, () => {
  it('cancels by the cancel link’s own token (attack 73)', async () => {
    expect((await gateway.ask('DELETE', RESET, { json: { token: 'cancel' } })).json).toEqual({ status: 'OK' });
    expect((await gateway.ask('DELETE', RESET, { json: { token: 'right' } })).json).toEqual({ status: 'KO', message: 'Operation failed.' });
    expect((await gateway.ask('DELETE', RESET, { json: {} })).status).toBe(400);
  });
});

describe('POST /api/change-password', () => {
  const elevation = { ip: '203.0.113.7', untilMs: Date.now() + 600_000 };
  const change = (session: string | undefined, json: unknown): Promise<Answer> => gateway.ask('POST', '/api/change-password', { session, json });
  const good = { username: 'alice', old_password: passwordOf('bob'), new_password: 'a good password' };

  it('changes the person of the session, whoever the body names, and renews the session', async () => {
    const session = await gateway.session.signedIn('bob', 1, { elevation });
    const answer = await change(session, good);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    expect(gateway.identity.asked('changePassword').at(-1)).toEqual({
      username: 'bob',
      oldPassword: passwordOf('bob'),
      newPassword: 'a good password',
      keepSessionId: session,
      origin: { ip: '203.0.113.7', method: 'POST', path: '/api/change-password', via: 'change_password', targetUrl: null, targetMethod: null },
    });
    expect([gateway.session.records.has(session), gateway.session.records.has(cookieOf(answer) ?? '')]).toEqual([false, true]);
  });

  it.each([
    [401, { ...good, old_password: 'wrong' }, 'Incorrect Password'],
    [400, { ...good, new_password: 'weak' }, 'Your supplied password does not meet the password policy requirements.'],
    [400, { ...good, new_password: '' }, 'Your supplied password does not meet the password policy requirements.'],
  ])('is %i with %j, and the session as it was', async (status, json, message) => {
    const session = await gateway.session.signedIn('bob', 1, { elevation });
    const answer = await change(session, json);
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([status, { status: 'KO', message }, undefined]);
    expect(gateway.session.records.has(session)).toBe(true);
  });

  it('needs the mailed code', async () => {
    const lacking = { elevation: true, first_factor: false, second_factor: false };
    expect((await change(await gateway.session.signedIn('bob'), good)).json).toEqual({ status: 'KO', data: lacking });
    expect((await change(undefined, good)).json).toEqual({ status: 'KO', data: { ...lacking, elevation: false, first_factor: true } });
  });

  it('needs the second factor of who has one, where the configuration says so', async () => {
    const strict = await Gateway.start({ settings: { elevation: { requireSecondFactor: true, skipSecondFactor: false } } });
    onTestFinished(() => strict.stop());
    const session = await strict.session.signedIn('alice', 1, { elevation });
    const answer = await strict.ask('POST', '/api/change-password', { session, json: good });
    expect(answer.json.data).toEqual({ elevation: false, first_factor: false, second_factor: true });
  });
});

it('what is switched off is not there', async () => {
  const off = await Gateway.start({ settings: { resetDisabled: true, changeDisabled: true } });
  onTestFinished(() => off.stop());
  const session = await off.session.signedIn('bob');
  for (const [method, path, json] of [
    ['POST', START, { username: 'bob' }],
    ['POST', FINISH, { token: 'right' }],
    ['POST', RESET, { password: 'x' }],
    ['DELETE', RESET, { token: 'cancel' }],
    ['POST', '/api/change-password', {}],
  ] as const) {
    expect([path, (await off.ask(method, path, { json, session })).status]).toEqual([path, 404]);
  }
  expect(off.identity.calls).toEqual([]);
});
