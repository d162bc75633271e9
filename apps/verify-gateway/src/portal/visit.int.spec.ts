import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Answer, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
let session: string;
beforeAll(async () => {
  gateway = await Gateway.start();
  session = await gateway.session.signedIn('bob');
});
afterAll(async () => {
  await gateway.stop();
});

describe('a host that is no portal', () => {
  it('is told which are', async () => {
    const answer = await gateway.ask('POST', '/api/firstfactor', {
      headers: { ...PROXY, 'X-Forwarded-Host': 'auth.evil.test' },
      json: { username: 'bob', password: "bob's password" },
    });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([421, undefined]);
    expect(answer.json).toMatchObject({
      status: 'KO',
      message: expect.stringContaining('https://auth.example.com, https://auth.other.test/') as string,
    });
  });

  it('is told nothing of anybody, and changes nothing', async () => {
    for (const [method, path] of [
      ['GET', '/'],
      ['GET', '/api/state'],
      ['POST', '/api/logout'],
      ['GET', '/api/user/info'],
    ] as const) {
      expect((await gateway.ask(method, path, { session, headers: { ...PROXY, 'X-Forwarded-Host': '127.0.0.1:9091' } })).status).toBe(421);
    }
    expect(gateway.session.records.has(session)).toBe(true);
  });

  it('is asked for health all the same', async () => {
    for (const path of ['/api/health', '/health/ready'])
      expect((await gateway.ask('GET', path, { headers: { Host: '10.0.0.5:9091' } })).status).toBe(200);
  });

  it.each(['auth.example.com, evil.test', 'a@auth.example.com', 'auth.example.com/x'])('because it is %j is malformed', async (host) => {
    expect((await gateway.ask('GET', '/api/state', { headers: { ...PROXY, 'X-Forwarded-Host': host } })).status).toBe(400);
  });
});

describe('a portal reached over plain http', () => {
  const http = { ...PROXY, 'X-Forwarded-Proto': 'http' };

  it('says what the proxy must send, instead of a loop', async () => {
    const page = await gateway.ask('GET', '/', { headers: http });
    expect([page.status, page.body]).toEqual([400, expect.stringContaining('X-Forwarded-Proto: https') as string]);
  });

  it('says so also to the page of a browser that reached the proxy over https', async () => {
    const headers = { ...http, Origin: 'https://auth.example.com', 'Sec-Fetch-Site': 'same-origin' };
    const answer = await gateway.ask('POST', '/api/firstfactor', { headers, json: { username: 'bob', password: "bob's password" } });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([400, undefined]);
    expect(answer.json).toMatchObject({ message: expect.stringContaining('X-Forwarded-Proto: https') as string });
  });
});

describe('what another site sends changes nothing (attacks 58, 77)', () => {
  const foreign = { ...PROXY, Origin: 'https://evil.test', 'Sec-Fetch-Site': 'cross-site' };
  const right = { username: 'bob', password: "bob's password" };

  it.each<[string, string, Parameters<Gateway['ask']>[2]]>([
    ['a sign-in', '/api/firstfactor', { json: right }],
    ['a sign-in as text', '/api/firstfactor', { body: JSON.stringify(right) }],
    ['a sign-in by the form', '/sign-in', { form: right }],
    ['a sign-out', '/api/logout', { json: {} }],
    ['a sign-out without a body', '/api/logout', {}],
    ['a sign-out by the form', '/sign-out', { form: {} }],
    ['a reset', '/api/reset-password/identity/start', { json: { username: 'bob' } }],
    ['a mailed code', '/api/user/session/elevation', { json: {} }],
    ['a cancelled link', '/revoke/reset-password', { form: { secret: 'cancel' } }],
  ])('%s', async (_, path, asked) => {
    const calls = gateway.identity.calls.length;
    const answer: Answer = await gateway.ask('POST', path, { ...asked, session, headers: foreign });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
    expect([gateway.identity.calls.length, gateway.session.records.has(session)]).toEqual([calls, true]);
  });
});
