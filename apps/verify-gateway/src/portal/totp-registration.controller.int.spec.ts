import type { SessionRecord } from '@portcullis/contracts-session';
import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CODE, RECOVERY_CODES } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const PATH = '/api/secondfactor/totp/register';
const elevated: Partial<SessionRecord> = { handle: 'the handle', elevation: { ip: '203.0.113.7', untilMs: Date.now() + 600_000 } };
const bob = (): Promise<string> => gateway.session.signedIn('bob', 1, elevated);
const ask = (method: string, session?: string, json?: unknown): Promise<Answer> => gateway.ask(method, PATH, { session, json });
const failed = { status: 'KO', message: 'Unable to set up one-time password.' };

describe.each(['GET', 'PUT', 'POST', 'DELETE'])('%s', (method) => {
  const body = method === 'PUT' ? { algorithm: 'SHA1', length: 6, period: 30 } : method === 'POST' ? { token: CODE } : undefined;
  const lacking = (data: object): unknown => [403, { status: 'KO', data: { elevation: false, first_factor: false, second_factor: false, ...data } }];
  const tell = ({ status, json }: Answer): unknown => [status, json];

  it('needs a factor and the mailed code', async () => {
    expect(tell(await ask(method, undefined, body))).toEqual(lacking({ first_factor: true }));
    expect(tell(await ask(method, await gateway.session.signedIn('bob'), body))).toEqual(lacking({ elevation: true }));
  });

  it('needs the present device before it is replaced (attack 70)', async () => {
    const answer = await ask(method, await gateway.session.signedIn('alice', 1, elevated), body);
    expect(answer.status).toBe(403);
    expect(gateway.identity.calls.filter(({ request }) => JSON.stringify(request).includes('"username":"alice"'))).toEqual([]);
  });

  it('elevated elsewhere loses the elevation, under a new id', async () => {
    const session = await gateway.session.signedIn('bob', 1, { elevation: { ip: '192.0.2.99', untilMs: Date.now() + 600_000 } });
    const answer = await ask(method, session, body);
    expect(tell(answer)).toEqual(lacking({ elevation: true }));
    const record = gateway.session.records.get(cookieOf(answer) ?? '');
    expect([record?.profile.username, record?.elevation, gateway.session.records.has(session)]).toEqual(['bob', null, false]);
  });

  it('after the elevation has run out needs it again', async () => {
    const session = await gateway.session.signedIn('bob', 1, { elevation: { ip: '203.0.113.7', untilMs: Date.now() - 1 } });
    expect(tell(await ask(method, session, body))).toEqual(lacking({ elevation: true }));
  });
});

it('GET names what may be chosen', async () => {
  expect((await ask('GET', await bob())).json.data).toEqual({
    algorithm: 'SHA1',
    algorithms: ['SHA1', 'SHA512'],
    length: 6,
    lengths: [6],
    period: 30,
    periods: [30],
  });
});

describe('PUT', () => {
  const begin = async (json: unknown): Promise<Answer> => ask('PUT', await bob(), json);

  it('begins with a secret, for this sign-in alone', async () => {
    const answer = await begin({ algorithm: 'SHA1', length: 6, period: 30 });
    expect(answer.json).toEqual({
      status: 'OK',
      data: { base32_secret: 'JBSWY3DPEHPK3PXP', otpauth_url: 'otpauth://totp/example.com:bob?secret=JBSWY3DPEHPK3PXP' },
    });
    expect(gateway.identity.asked('beginTotpRegistration').at(-1)).toEqual({
      username: 'bob',
      handle: 'the handle',
      settings: { algorithm: 'SHA1', digits: 6, periodS: 30 },
    });
  });

  it.each([
    { algorithm: 'MD5', length: 6, period: 30 },
    { algorithm: 'SHA1', length: 8, period: 30 },
  ])('with %j, which is not allowed, is 400', async (json) => {
    const answer = await begin(json);
    expect([answer.status, answer.json]).toEqual([400, failed]);
  });

  it.each([{}, { algorithm: 'SHA1', length: '6', period: '30' }, { algorithm: 'SHA1', length: 6.5, period: 30 }])(
    'with %j is malformed',
    async (json) => {
      expect((await begin(json)).status).toBe(400);
    },
  );
});

describe('POST', () => {
  /** What bob was given is taken from him again. */
  const forget = (): void => {
    gateway.identity.devices.delete('bob');
    gateway.identity.recoveryCodes.delete('bob');
  };

  it('with a right code stores the device, under a new id of the session, and shows the first recovery codes', async () => {
    onTestFinished(forget);
    const session = await bob();
    const answer = await ask('POST', session, { token: CODE });
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK', data: { recovery_codes: RECOVERY_CODES } }]);
    expect(gateway.identity.asked('finishTotpRegistration').at(-1)).toEqual({ username: 'bob', handle: 'the handle', code: CODE, ip: '203.0.113.7' });
    expect([gateway.session.records.has(session), gateway.session.records.has(cookieOf(answer) ?? '')]).toEqual([false, true]);
  });

  it('for who has recovery codes is a plain OK', async () => {
    onTestFinished(forget);
    gateway.identity.recoveryCodes.set('bob', new Set(RECOVERY_CODES));
    expect((await ask('POST', await bob(), { token: CODE })).json).toEqual({ status: 'OK' });
  });

  it('without asking to go on keeps the level; asked to, is the second factor as well and leads on', async () => {
    const go = { continue: true, targetURL: 'https://two.example.com/a?b=c', requestMethod: 'GET' };
    const levels: unknown[] = [];
    for (const more of [{ ...go, continue: false }, go]) {
      const session = await bob();
      const answer = await ask('POST', session, { token: CODE, ...more });
      levels.push([gateway.session.records.get(cookieOf(answer) ?? '')?.totpAtMs !== null, answer.json.data, gateway.session.records.has(session)]);
      forget();
    }
    expect(levels).toEqual([
      [false, { recovery_codes: RECOVERY_CODES }, false],
      [true, { redirect: 'https://two.example.com/a?b=c', recovery_codes: RECOVERY_CODES }, false],
    ]);
  });

  it.each(['raise', 'renew'] as const)(
    'shows the codes, which are in no other place, though the session cannot be changed (%s)',
    async (operation) => {
      const other = await Gateway.start();
      onTestFinished(() => other.stop());
      other.session[operation] = () => Promise.reject(new RpcFault('RPC_TIMEOUT', `session.v1.${operation}`, 'late'));
      const session = await other.session.signedIn('bob', 1, elevated);
      const answer = await other.ask('POST', PATH, { session, json: { token: CODE, continue: operation === 'raise' } });
      expect([answer.status, answer.json, cookieOf(answer)]).toEqual([200, { status: 'OK', data: { recovery_codes: RECOVERY_CODES } }, undefined]);
      expect(other.logged.at(-1)).toContain('the session was left as it was');
      expect(other.logged.join()).not.toContain(RECOVERY_CODES[0]);
    },
  );

  it('again, once there is a device, is refused with the words of a failure', async () => {
    onTestFinished(forget);
    const answer = await ask('POST', cookieOf(await ask('POST', await bob(), { token: CODE })), { token: CODE });
    expect([answer.status, answer.json]).toEqual([403, failed]);
  });

  it('with a wrong code is 403, and nothing changes', async () => {
    const session = await bob();
    const answer = await ask('POST', session, { token: '000000' });
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([403, failed, undefined]);
    expect([gateway.identity.devices.has('bob'), gateway.session.records.has(session)]).toEqual([false, true]);
  });
});

it('DELETE drops what is pending', async () => {
  expect((await ask('DELETE', await bob())).json).toEqual({ status: 'OK' });
  expect(gateway.identity.asked('dropTotpRegistration').at(-1)).toEqual({ username: 'bob', handle: 'the handle' });
});

it('where one-time passwords are switched off there is nothing to choose from', async () => {
  const without = await Gateway.start({ settings: { totp: null } });
  onTestFinished(() => without.stop());
  expect((await without.ask('GET', PATH, { session: await without.session.signedIn('bob', 1, elevated) })).status).toBe(404);
});
