import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GRANT } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, LOOK, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const OWN = { ...PROXY, Origin: 'https://auth.example.com', 'Sec-Fetch-Site': 'same-origin' };
const get = (path: string): Promise<Answer> => gateway.ask('GET', path);
const post = (path: string, form: Readonly<Record<string, string>>, cookie?: string): Promise<Answer> =>
  gateway.ask('POST', path, { form, headers: { ...OWN, ...(cookie === undefined ? {} : { Cookie: cookie }) } });
const alertOf = ({ body }: Answer): string | undefined => /role="alert">(.*?)<\/p>/.exec(body)?.[1];
const grant = `portcullis_reset=${GRANT}`;

describe('step 1', () => {
  it.each(['bob', 'nobody', ''])('says the same for %j (attack 32)', async (username) => {
    const answer = await post('/reset-password/step1', { username });
    expect([answer.status, answer.headers['set-cookie'], answer.body]).toEqual([
      200,
      undefined,
      (await post('/reset-password/step1', { username: 'bob' })).body,
    ]);
  });

  it('is limited', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('reset_password_start', 1000);
    expect((await post('/reset-password/step1', { username: 'bob' })).status).toBe(429);
  });
});

describe('step 2', () => {
  it('shows a button for the link that was opened, and uses nothing up by it', async () => {
    const answer = await get('/reset-password/step2?token=right%22%3E');
    expect(answer.body).toContain('type="hidden" name="token" value="right&#34;&gt;"');
    expect(gateway.identity.asked('finishReset')).toEqual([]);
  });

  it('with the button gives the right to reset', async () => {
    const answer = await post('/reset-password/step2', { token: ' right ' });
    expect([answer.status, cookieOf(answer, 'portcullis_reset')]).toEqual([200, GRANT]);
    expect([...answer.body.matchAll(/<li>(.*?)<\/li>/g)].map(([, rule]) => rule)).toEqual([
      'at least 8 characters',
      'at most 64 characters',
      'a capital letter',
      'a digit',
    ]);
    expect(answer.body).not.toContain(GRANT);
  });

  it.each([
    ['used', 'This link was used already. Ask for a new one.'],
    ['expired', 'This link has expired. Ask for a new one.'],
    ['revoked', 'This link was revoked. Ask for a new one.'],
    ['nonsense', 'This link is not valid. Ask for a new one.'],
    ['', 'This link is not valid. Ask for a new one.'],
  ])('with a link that is %j says so', async (token, sentence) => {
    const answer = await post('/reset-password/step2', { token });
    expect([answer.status, alertOf(answer), answer.headers['set-cookie']]).toEqual([403, sentence, undefined]);
  });
});

describe('step 3', () => {
  const set = (password: string, again: string, cookie?: string): Promise<Answer> => post('/reset-password/step3', { password, again }, cookie);

  it('sets the password', async () => {
    const answer = await set('a good password', 'a good password', grant);
    expect([answer.status, cookieOf(answer, 'portcullis_reset')]).toEqual([200, '']);
    expect(gateway.identity.asked('resetPassword').at(-1)).toEqual({ grant: GRANT, password: 'a good password', ip: '203.0.113.7' });
  });

  it.each([
    ['a good password', 'another', 'The two passwords differ.'],
    ['weak', 'weak', 'This password does not meet the rules.'],
  ])('with %j and %j asks again', async (password, again, sentence) => {
    const answer = await set(password, again, grant);
    expect([answer.status, alertOf(answer), answer.headers['set-cookie']]).toEqual([400, sentence, undefined]);
  });

  it('without the right to it, or with one of somebody’s choosing, changes nothing (attack 72)', async () => {
    expect((await set('a good password', 'a good password')).status).toBe(403);
    expect((await set('a good password', 'a good password', `portcullis_reset=${'c'.repeat(43)}`)).status).toBe(403);
  });
});

describe('the cancel link', () => {
  it.each([
    ['reset-password', 'token', 'cancel', 'revokeReset', { token: 'cancel' }],
    ['one-time-code', 'id', 'a-delete-id', 'revokeElevation', { deleteId: 'a-delete-id' }],
  ] as const)('of a %s cancels by a press of its button', async (kind, name, secret, operation, request) => {
    const page = await get(`/revoke/${kind}?${name}=${secret}`);
    expect(page.body).toContain(`action="/revoke/${kind}"`);
    expect(page.body).toContain(`name="secret" value="${secret}"`);
    expect(gateway.identity.asked(operation)).toEqual([]);
    expect((await post(`/revoke/${kind}`, { secret })).body).toContain('It is cancelled.');
    expect(gateway.identity.asked(operation)).toEqual([request]);
    expect((await post(`/revoke/${kind}`, { secret: 'another' })).body).toContain('nothing left to cancel');
  });

  it('of a sign-in from a new device ends that session, and leads to a new password', async () => {
    const page = await get('/revoke/session?token=not%20me');
    expect(page.body).toContain('action="/revoke/session"');
    expect(gateway.identity.asked('disownSignIn')).toEqual([]);
    const done = await post('/revoke/session', { secret: 'not me' });
    expect([done.status, done.body]).toEqual([200, expect.stringContaining('href="/reset-password/step1"') as string]);
    expect(gateway.identity.asked('disownSignIn')).toEqual([{ token: 'not me', ip: '203.0.113.7' }]);
    expect((await post('/revoke/session', { secret: 'used' })).body).toContain('nothing left to cancel');
  });

  it('is what its path says, whatever its query does', async () => {
    const page = await get('/revoke/reset-password?token=one-time-code');
    expect(page.body).toContain('action="/revoke/reset-password"');
  });
});

it('what is switched off is not there', async () => {
  const off = await Gateway.start({ settings: { resetDisabled: true } });
  onTestFinished(() => off.stop());
  for (const path of ['/reset-password/step1', '/reset-password/step2?token=x']) expect((await off.ask('GET', path)).status).toBe(404);
  for (const path of ['/reset-password/step1', '/reset-password/step2', '/reset-password/step3']) {
    expect((await off.ask('POST', path, { form: { username: 'bob' }, headers: OWN })).status).toBe(404);
  }
});

it('where notices go to a file, people are told that the administrator has them', async () => {
  const other = await Gateway.start({ settings: { look: { ...LOOK, notices: 'file' } } });
  onTestFinished(() => other.stop());
  expect((await other.ask('GET', '/reset-password/step1')).body).toContain('The administrator is sent a link');
  const sent = await other.ask('POST', '/reset-password/step1', { form: { username: 'bob' }, headers: OWN });
  expect(sent.body).toContain('<h1>Ask the administrator</h1>');
  const session = await other.session.signedIn('bob');
  expect((await other.ask('POST', '/enrol/mail', { form: {}, session, headers: OWN })).body).toContain('The administrator now has the code.');
});
