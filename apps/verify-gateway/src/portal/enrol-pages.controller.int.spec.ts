import type { SessionRecord } from '@portcullis/contracts-session';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CODE, MAILED, RECOVERY_CODES } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const OWN = { ...PROXY, Origin: 'https://auth.example.com', 'Sec-Fetch-Site': 'same-origin' };
const elevated: Partial<SessionRecord> = { elevation: { ip: '203.0.113.7', untilMs: Date.now() + 600_000 } };
const get = (session?: string): Promise<Answer> => gateway.ask('GET', '/enrol', { session });
const post = (path: string, form: Readonly<Record<string, string>>, session?: string): Promise<Answer> =>
  gateway.ask('POST', path, { form, session, headers: OWN });
const titleOf = ({ body }: Answer): string | undefined => /<h1>(.*?)<\/h1>/.exec(body)?.[1];

it('a stranger is asked to sign in first', async () => {
  expect([(await get()).status, (await get()).headers.location]).toEqual([303, '/']);
});

it('the whole road: a mailed code, the secret, a code that proves it', async () => {
  onTestFinished(() => void gateway.identity.devices.delete('bob'));
  const first = await gateway.session.signedIn('bob');
  expect((await get(first)).body).toContain('action="/enrol/mail"');
  const mailed = await post('/enrol/mail', {}, first);
  expect([mailed.status, titleOf(mailed)]).toEqual([200, 'Look at your mail']);
  const entered = await post('/enrol/code', { code: MAILED }, first);
  expect([entered.status, entered.headers.location]).toEqual([303, '/enrol']);
  const second = cookieOf(entered) ?? '';
  const shown = await get(second);
  expect(shown.body).toContain('<code>JBSWY3DPEHPK3PXP</code>');
  expect(shown.body).toMatch(/<svg class="qr" role="img" aria-label="[^"]+" /);
  const done = await post('/enrol/finish', { code: CODE }, second);
  expect([done.status, titleOf(done), gateway.identity.devices.has('bob')]).toEqual([200, 'Done', true]);
  // Shown this once, or nobody ever knows them.
  for (const code of RECOVERY_CODES) expect(done.body).toContain(`<code>${code}</code>`);
  expect([gateway.session.records.has(second), gateway.session.records.has(cookieOf(done) ?? '')]).toEqual([false, true]);
});

describe('the mailed code', () => {
  it('that is wrong is asked for again', async () => {
    const answer = await post('/enrol/code', { code: 'AAAAAAAA' }, await gateway.session.signedIn('bob'));
    expect([answer.status, titleOf(answer), cookieOf(answer)]).toEqual([403, 'Look at your mail', undefined]);
  });

  it('is limited, each person for themselves', async () => {
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('session_elevation_start', 1000);
    expect((await post('/enrol/mail', {}, await gateway.session.signedIn('bob'))).status).toBe(429);
    expect(gateway.limited.at(-1)).toBe('session_elevation_start 203.0.113.7 bob');
  });

  it('cannot be sent to who has no address', async () => {
    const { startElevation } = gateway.identity;
    onTestFinished(() => void (gateway.identity.startElevation = startElevation));
    gateway.identity.startElevation = () => Promise.resolve({ outcome: 'no_address' });
    const answer = await post('/enrol/mail', {}, await gateway.session.signedIn('bob'));
    expect([answer.status, titleOf(answer)]).toEqual([409, 'No mail address']);
  });
});

describe('a device that is there already (attack 70)', () => {
  it('is replaced by nobody who does not hold it', async () => {
    const session = await gateway.session.signedIn('alice', 1, elevated);
    expect([(await get(session)).status, (await post('/enrol/finish', { code: CODE }, session)).status]).toEqual([403, 403]);
    expect(gateway.identity.asked('beginTotpRegistration').filter((request) => JSON.stringify(request).includes('alice'))).toEqual([]);
  });

  it('is replaced by who gave its code', async () => {
    expect((await get(await gateway.session.signedIn('alice', 2, elevated))).body).toContain('JBSWY3DPEHPK3PXP');
  });
});

it('a code that does not prove the secret stores nothing', async () => {
  const answer = await post('/enrol/finish', { code: '000000' }, await gateway.session.signedIn('bob', 1, elevated));
  expect([answer.status, titleOf(answer), gateway.identity.devices.has('bob')]).toEqual([403, 'That code is wrong', false]);
});

it.each(['/enrol/mail', '/enrol/code', '/enrol/finish'])('%s is for people who are signed in', async (path) => {
  expect((await post(path, { code: CODE })).status).toBe(403);
});
