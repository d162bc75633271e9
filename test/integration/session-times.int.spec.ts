import { beforeAll, expect, it } from 'vitest';
import { type Client, client, describeWith, type RunningPortcullis, startPortcullis, until } from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from './site.js';

/** Last-seen reaches Redis at most every five seconds and in batches of one: an inactivity below that would not be known to other gateways. */
const INACTIVITY_S = 7;
const EXPIRATION_S = 14;

describeWith(['redis'], 'the life of a session', () => {
  let portcullis: RunningPortcullis;
  let here: string;
  let there: string;

  beforeAll(async () => {
    portcullis = await startPortcullis({
      config: { ...SITE, session: { ...SITE.session, inactivity: `${INACTIVITY_S}s`, expiration: `${EXPIRATION_S}s`, remember_me: '1h' } },
      users: await peopleOf('ann'),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'session', 'notifier'],
    });
    [here, there] = portcullis.gateways as [string, string];
  });

  const portal = (): Client => client(here, { host: 'auth.site.test' });
  /** Uses a session again and again, and resolves to each answer there was. */
  const use = async (cookie: string, forSeconds: number): Promise<readonly number[]> => {
    const answers = new Set<number>();
    const end = performance.now() + forSeconds * 1000;
    await until(
      async () => {
        answers.add(await verifyStatus(here, cookie));
        return performance.now() > end;
      },
      { timeoutMs: (forSeconds + 10) * 1000, everyMs: 250 },
    );
    return [...answers];
  };

  it.concurrent(
    'ends when nobody used it, lasts while somebody does, ends at its expiration all the same, and is as long as wished when remembered',
    async () => {
      const [active, idle, remembered] = await Promise.all([
        signIn(portal(), 'ann'),
        signIn(portal(), 'ann'),
        signIn(portal(), 'ann', { keepMeLoggedIn: true }),
      ]);
      expect(await use(active.cookieHeader(), INACTIVITY_S + 1)).toEqual([200]);
      expect(await verifyStatus(there, active.cookieHeader())).toBe(200);
      expect([await verifyStatus(here, idle.cookieHeader()), await verifyStatus(there, idle.cookieHeader())]).toEqual([302, 302]);
      expect((await idle.get('/api/state')).json().data.authentication_level).toBe(0);
      await until(async () => (await use(active.cookieHeader(), 0.5)).includes(302), { timeoutMs: EXPIRATION_S * 1000 });
      expect(await verifyStatus(there, active.cookieHeader())).toBe(302);
      expect([await verifyStatus(here, remembered.cookieHeader()), await verifyStatus(there, remembered.cookieHeader())]).toEqual([200, 200]);
    },
  );

  it.concurrent('is over at the portal as well when nobody used it', async () => {
    const ann = await signIn(portal(), 'ann');
    expect((await ann.get('/api/state')).json().data.username).toBe('ann');
    const end = performance.now() + INACTIVITY_S * 1000 + 500;
    await until(() => performance.now() > end, { timeoutMs: (INACTIVITY_S + 5) * 1000, everyMs: 250, what: 'the inactivity to pass' });
    expect((await ann.get('/api/state')).json().data).toMatchObject({ username: '', authentication_level: 0 });
    expect((await ann.get('/api/user/info')).status).toBe(403);
  });

  it.each([
    ['for its expiration', false, EXPIRATION_S],
    ['for as long as wished when remembered', true, 3600],
  ])('is in the browser %s', async (_title, keepMeLoggedIn, seconds) => {
    const answer = await portal().post('/api/firstfactor', { username: 'ann', password: 'Password-0f-ann!', keepMeLoggedIn });
    const expires = /Expires=([^;]+)/.exec(answer.headers['set-cookie']![0]!)![1]!;
    const leftS = (Date.parse(expires) - Date.now()) / 1000;
    expect(leftS).toBeGreaterThan(seconds * 0.9 - 5);
    expect(leftS).toBeLessThanOrEqual(seconds);
  });
});
