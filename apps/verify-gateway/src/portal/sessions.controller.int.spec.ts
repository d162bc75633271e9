import { sessionsData } from '@portcullis/contracts-portal-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await Gateway.start();
});
afterEach(async () => {
  await gateway.stop();
});

const list = async (session: string) => {
  const answer = await gateway.ask('GET', '/api/user/sessions', { session });
  expect(answer.status).toBe(200);
  return sessionsData.parse(answer.json.data).sessions;
};
const handleOf = (session: string): string => gateway.session.records.get(session)?.handle ?? '';
const isAlive = (session: string): boolean => gateway.session.records.has(session);

describe('GET /api/user/sessions', () => {
  it('shows where one is signed in over all cookie domains, this one marked, and nobody else', async () => {
    const device = { ip: '198.51.100.4', userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0' };
    const elsewhere = await gateway.session.signedIn('bob', 1, { domain: 'other.test', remembered: true, createdAtMs: 1_700_000_000_000, device });
    const here = await gateway.session.signedIn('bob', 2);
    await gateway.session.signedIn('alice');
    const sessions = await list(here);
    expect(sessions.map(({ handle, current }) => [handle, current])).toEqual([
      [handleOf(here), true],
      [handleOf(elsewhere), false],
    ]);
    expect(sessions[1]).toMatchObject({
      ...{ domain: 'other.test', remote_ip: device.ip, user_agent: device.userAgent, authentication_level: 1, remembered: true },
      ...{ created_at: '2023-11-14T22:13:20.000Z' },
    });
    expect(sessions[0]).toMatchObject({ authentication_level: 2, domain: 'example.com' });
  });

  it('says nothing that opens a session', async () => {
    const here = await gateway.session.signedIn('bob');
    expect((await gateway.ask('GET', '/api/user/sessions', { session: here })).body).not.toContain(here);
  });
});

describe('DELETE /api/user/sessions/:handle', () => {
  it('ends that one, and no other', async () => {
    const [here, there] = [await gateway.session.signedIn('bob'), await gateway.session.signedIn('bob')];
    const answer = await gateway.ask('DELETE', `/api/user/sessions/${handleOf(there)}`, { session: here });
    expect(answer).toMatchObject({ status: 200, json: { status: 'OK', data: { ended: 1 } } });
    expect(cookieOf(answer)).toBeUndefined();
    expect([isAlive(here), isAlive(there)]).toEqual([true, false]);
    expect(gateway.session.ended).toEqual([[there, 'revoked']]);
  });

  it('is told to be written down, under the number of the request', async () => {
    const [here, there] = [await gateway.session.signedIn('bob'), await gateway.session.signedIn('bob')];
    const handle = handleOf(there);
    await gateway.ask('DELETE', `/api/user/sessions/${handle}`, { session: here, headers: { ...PROXY, 'X-Request-Id': 'a-proxys-number-4711' } });
    expect(gateway.identity.asked('recordEvent')).toEqual([
      { kind: 'sessions_ended', username: 'bob', actor: 'user', ip: '203.0.113.7', detail: { ended: 1, handle }, requestId: 'a-proxys-number-4711' },
    ]);
  });

  it('stands where it cannot be written down, which is said in the log', async () => {
    gateway.identity.recordEvent = () => Promise.reject(new Error('the identity service is away'));
    const [here, there] = [await gateway.session.signedIn('bob'), await gateway.session.signedIn('bob')];
    expect((await gateway.ask('DELETE', `/api/user/sessions/${handleOf(there)}`, { session: here })).status).toBe(200);
    expect(isAlive(there)).toBe(false);
    expect(gateway.logged.join()).toContain('could not be written into the audit trail: sessions_ended');
  });

  it('takes the cookie away with this one', async () => {
    const here = await gateway.session.signedIn('bob');
    const answer = await gateway.ask('DELETE', `/api/user/sessions/${handleOf(here)}`, { session: here });
    expect([answer.status, cookieOf(answer)]).toEqual([200, '']);
    expect((await gateway.ask('GET', '/api/user/sessions', { session: here })).status).toBe(403);
  });

  it("of somebody else's answers as for one that never was, and ends nothing (attack 63)", async () => {
    const [here, alices] = [await gateway.session.signedIn('bob'), await gateway.session.signedIn('alice')];
    const answers = await Promise.all(
      [handleOf(alices), 'AAAAAAAAAAAAAAAA', 'x'.repeat(90), '%2e%2e'].map((handle) =>
        gateway.ask('DELETE', `/api/user/sessions/${handle}`, { session: here }),
      ),
    );
    for (const answer of answers) expect(answer).toMatchObject({ status: 404, json: { status: 'KO', message: 'There is no such session.' } });
    expect([isAlive(here), isAlive(alices)]).toEqual([true, true]);
  });
});

it('DELETE /api/user/sessions/others leaves this one alone', async () => {
  const [here, there, alices] = [
    await gateway.session.signedIn('bob'),
    await gateway.session.signedIn('bob'),
    await gateway.session.signedIn('alice'),
  ];
  const answer = await gateway.ask('DELETE', '/api/user/sessions/others', { session: here });
  expect(answer.json).toEqual({ status: 'OK', data: { ended: 1 } });
  expect(cookieOf(answer)).toBeUndefined();
  expect([here, there, alices].map(isAlive)).toEqual([true, false, true]);
});

it('DELETE /api/user/sessions signs out everywhere, here too', async () => {
  const [here, there, alices] = [
    await gateway.session.signedIn('bob'),
    await gateway.session.signedIn('bob'),
    await gateway.session.signedIn('alice'),
  ];
  const answer = await gateway.ask('DELETE', '/api/user/sessions', { session: here });
  expect([answer.json, cookieOf(answer)]).toEqual([{ status: 'OK', data: { ended: 2 } }, '']);
  expect([here, there, alices].map(isAlive)).toEqual([false, false, true]);
});

describe.each([
  ['GET', '/api/user/sessions'],
  ['DELETE', '/api/user/sessions'],
  ['DELETE', '/api/user/sessions/others'],
  ['DELETE', '/api/user/sessions/AAAAAAAAAAAAAAAA'],
])('%s %s', (method, path) => {
  it('is for people who are signed in', async () => {
    expect(await gateway.ask(method, path)).toMatchObject({ status: 403, body: '403 Forbidden' });
  });

  it('is 503 while the session service is away, and the cookie stays', async () => {
    const session = await gateway.session.signedIn('bob');
    gateway.storeAway = true;
    const answer = await gateway.ask(method, path, { session });
    expect([answer.status, answer.headers['retry-after'], cookieOf(answer)]).toEqual([503, '2', undefined]);
  });
});

it.each(['/api/user/sessions', '/api/user/sessions/others', '/api/user/sessions/HANDLE'])(
  'DELETE %s ends nothing from another site (attack 58)',
  async (path) => {
    const session = await gateway.session.signedIn('bob');
    const headers = { ...PROXY, Origin: 'https://evil.example.com', 'Sec-Fetch-Site': 'same-site', Cookie: `authelia_session=${session}` };
    expect((await gateway.ask('DELETE', path.replace('HANDLE', handleOf(session)), { headers })).status).toBe(403);
    expect(gateway.session.ended).toEqual([]);
  },
);

describe('POST /api/user/sessions/disown', () => {
  const disown = (token: unknown, headers: Readonly<Record<string, string>> = PROXY) =>
    gateway.ask('POST', '/api/user/sessions/disown', { json: { token }, headers });

  it('ends the sign-in that a mail told of, for whoever holds its link', async () => {
    expect((await disown('not me')).json).toEqual({ status: 'OK', data: { username: 'bob' } });
    expect(gateway.identity.asked('disownSignIn')).toEqual([{ token: 'not me', ip: '203.0.113.7' }]);
  });

  it.each([
    ['used', 'This link was used already. Ask for a new one.'],
    ['expired', 'This link has expired. Ask for a new one.'],
    ['made up', 'Operation failed.'],
  ])('with a link that is %s says so', async (token, message) => {
    expect(await disown(token)).toMatchObject({ status: 403, json: { status: 'KO', message } });
  });

  it('is limited by address, and takes nothing from another site', async () => {
    expect((await disown('not me', { ...PROXY, Origin: 'https://evil.test' })).status).toBe(403);
    gateway.waits.set('reset_password_finish', 30_000);
    expect((await disown('not me')).status).toBe(429);
    expect(gateway.identity.asked('disownSignIn')).toEqual([]);
  });

  it.each(['', 1, null, 'x'.repeat(5000)])('with the token %j is malformed', async (token) => {
    expect((await disown(token)).status).toBe(400);
  });
});
