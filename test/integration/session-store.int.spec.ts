import { beforeEach, expect, it } from 'vitest';
import {
  type Client,
  describeWith,
  type HttpResponse,
  type RunningPortcullis,
  type RunningRedis,
  startPortcullis,
  startRedis,
  until,
} from '../support/index.js';
import { giveDevices, giveSecondFactor, passwordOf, peopleOf, SECRET, signIn, SITE, verify, verifyStatus } from './site.js';

describeWith(['redis'], 'sessions when something they need is away', () => {
  let redis: RunningRedis;
  let portcullis: RunningPortcullis;

  beforeEach(async () => {
    redis = await startRedis({ unix: true });
    portcullis = await startPortcullis({ config: SITE, users: await peopleOf('ann', 'ben'), redis });
  });

  const portal = (): Client => portcullis.client({ host: 'auth.site.test' });
  const status = (cookie: string, host?: string): Promise<number> => verifyStatus(portcullis.base, cookie, host);
  const back = (cookie: string): Promise<true> => until(async () => (await status(cookie)) === 200, { timeoutMs: 15_000, everyMs: 50 });
  /** Nothing changed, nobody is told to look at their password: [status, KO, has Retry-After, sets a cookie, speaks of credentials] */
  const AWAY = [503, 'KO', true, false, false];
  const said = ({ status: code, headers, body }: HttpResponse): readonly unknown[] => {
    const { status: word, message } = JSON.parse(body) as { readonly status: string; readonly message: string };
    return [code, word, Number(headers['retry-after']) > 0, headers['set-cookie'] !== undefined, /credential|password/i.test(message)];
  };
  const trySignIn = (name: string): Promise<HttpResponse> => portal().post('/api/firstfactor', { username: name, password: passwordOf(name) });

  it('an ended session stays dead when Redis comes back with a copy from before, and the others live on', async () => {
    const [ann, ben, benElsewhere] = [await signIn(portal(), 'ann'), await signIn(portal(), 'ben'), await signIn(portal(), 'ben')];
    await redis.cli('SAVE');
    await ann.post('/api/logout');
    const annAgain = await signIn(portal(), 'ann');
    await portcullis.cli('sessions', 'revoke-all', 'ann');
    expect([await status(ann.cookieHeader()), await status(ben.cookieHeader())]).toEqual([302, 200]);

    await redis.kill();
    await redis.restart();

    const answers = new Set<number>();
    await until(
      async () => {
        answers.add(await status(ann.cookieHeader()));
        return (await status(ben.cookieHeader())) === 200;
      },
      { timeoutMs: 15_000, everyMs: 20 },
    );
    expect([...answers]).not.toContain(200);
    expect(await Promise.all([ann, annAgain, benElsewhere].map((who) => status(who.cookieHeader())))).toEqual([302, 302, 200]);
  });

  it('without Redis the signed-in are told to come back, what is open is open, and nobody is asked to sign in', async () => {
    const ann = await signIn(portal(), 'ann');
    const cookie = ann.cookieHeader();
    expect(await status(cookie)).toBe(200);
    await redis.cli('SAVE');
    await redis.kill();
    await until(async () => (await status(cookie)) === 503, { timeoutMs: 5000, everyMs: 20 });
    const refused = await verify(portcullis.base, cookie);
    expect([refused.status, Number(refused.headers['retry-after']) > 0, refused.headers.location]).toEqual([503, true, undefined]);
    expect([await status(cookie, 'open.site.test'), await status('', 'open.site.test')]).toEqual([200, 200]);
    const answers = await Promise.all([trySignIn('ann'), ann.copy().post('/api/logout'), ann.copy().get('/api/state')]);
    expect(answers.map(said)).toEqual([AWAY, AWAY, AWAY]);

    await redis.restart();
    const ben = await until(() => signIn(portal(), 'ben'), { timeoutMs: 15_000, everyMs: 100 });
    expect(await back(ben.cookieHeader())).toBe(true);
  });

  it('people keep their sessions over a Redis that is frozen for a while', async () => {
    const ann = await signIn(portal(), 'ann');
    expect(await status(ann.cookieHeader())).toBe(200);
    redis.pause();
    try {
      await until(async () => (await status(ann.cookieHeader())) === 503, { timeoutMs: 10_000, everyMs: 20 });
      expect(await status('', 'open.site.test')).toBe(200);
    } finally {
      redis.resume();
    }
    expect(await back(ann.cookieHeader())).toBe(true);
  });

  it('each service may die and start again: people stay signed in, and what cannot be done meanwhile is 503', async () => {
    await giveDevices(portcullis, { ann: SECRET });
    const ann = await giveSecondFactor(await signIn(portal(), 'ann', { keepMeLoggedIn: true }));
    const ben = await signIn(portal(), 'ben');
    const everybody = async (): Promise<readonly number[]> => [await status(ann.cookieHeader(), 'two.site.test'), await status(ben.cookieHeader())];

    await portcullis.kill('identity');
    expect(await everybody()).toEqual([200, 200]);
    expect(said(await trySignIn('ben'))).toEqual(AWAY);
    await portcullis.start('identity');

    await portcullis.kill('session');
    expect(await everybody()).toEqual([200, 200]);
    const tries = [
      trySignIn('ben'),
      ben.copy().post('/api/firstfactor/reauthenticate', { password: passwordOf('ben') }),
      ben.copy().post('/api/logout'),
    ];
    expect((await Promise.all(tries)).map(said)).toEqual([AWAY, AWAY, AWAY]);
    await portcullis.start('session');

    await portcullis.kill('notifier');
    await portcullis.kill('verify-gateway');
    await portcullis.start('verify-gateway');
    expect(await back(ann.cookieHeader())).toBe(true);
    expect(await status(ann.cookieHeader(), 'two.site.test')).toBe(200);
    expect((await signIn(portal(), 'ben')).cookies.has('authelia_session')).toBe(true);
  });
});
