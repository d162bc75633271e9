import { existsSync, readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Client, client, describeWith, type RunningPortcullis, startPortcullis, totp, until } from '../support/index.js';
import { giveDevices, giveSecondFactor, peopleOf, SECRET, signIn, SITE, verifyStatus } from './site.js';

const FIREFOX = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0';

interface Shown {
  readonly handle: string;
  readonly current: boolean;
  readonly domain: string;
  readonly remote_ip: string;
  readonly user_agent: string;
  readonly authentication_level: number;
}

describeWith(['redis'], 'what people see and change of their own account, with two gateways', () => {
  let portcullis: RunningPortcullis;

  beforeAll(async () => {
    portcullis = await startPortcullis({
      config: { ...SITE, notifier: { filesystem: { append: true } } },
      users: await peopleOf('ann', 'ben', 'cat', 'dan', 'eve'),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'session', 'notifier'],
    });
    await giveDevices(portcullis, { ben: SECRET });
  });

  const portal = (host = 'auth.site.test', ip?: string): Client =>
    client(portcullis.base, { host, headers: { 'User-Agent': FIREFOX }, ...(ip === undefined ? {} : { ip }) });
  const sessionsOf = async (who: Client): Promise<readonly Shown[]> => (await who.get('/api/user/sessions')).json().data.sessions as Shown[];
  /** Within the second that an ending may take to be known everywhere. */
  const untilOut = async (who: Client, host?: string): Promise<void> => {
    for (const gateway of portcullis.gateways)
      await until(async () => (await verifyStatus(gateway, who.cookieHeader(), host)) === 302, {
        timeoutMs: 1000,
        everyMs: 10,
        what: `${gateway} refuses`,
      });
  };
  const mails = (): string => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : '');
  /** What the next notice holds where the pattern has its first group. */
  const mailed = async (pattern: RegExp, ask: () => Promise<unknown>): Promise<string> => {
    const before = mails().length;
    await ask();
    return until(() => pattern.exec(mails().slice(before))?.[1], { timeoutMs: 10_000, what: `a notice with ${String(pattern)}` });
  };
  /** As the portal does it: a mailed code, a secret, and the code that proves it. */
  const enrol = async (who: Client, goOn: object = {}): Promise<{ readonly secret: string; readonly data: Record<string, unknown> }> => {
    const otc = await mailed(/^-{20,}\n(\S+)\n-{20,}$/m, () => who.post('/api/user/session/elevation'));
    await who.send('/api/user/session/elevation', { method: 'PUT', body: { otc } });
    const body = { algorithm: 'SHA1', length: 6, period: 30 };
    const begun = await who.send('/api/secondfactor/totp/register', { method: 'PUT', body });
    const secret = begun.json().data.base32_secret as string;
    const finished = await who.post('/api/secondfactor/totp/register', { token: totp(secret), ...goOn });
    expect(finished.status).toBe(200);
    return { secret, data: finished.json().data as Record<string, unknown> };
  };
  const delete_ = (who: Client, path: string) => who.send(`/api/user/sessions${path}`, { method: 'DELETE' });

  it('lists every sign-in of both cookie domains, and ends another of them everywhere within a second', async () => {
    const [here, there] = [await signIn(portal(), 'ann'), await signIn(portal('auth.annex.test', '198.51.100.7'), 'ann')];
    await signIn(portal(), 'ben');
    const sessions = await sessionsOf(here);
    expect(sessions.map(({ domain, remote_ip, user_agent, current }) => ({ domain, remote_ip, user_agent, current }))).toEqual([
      { domain: 'annex.test', remote_ip: '198.51.100.7', user_agent: FIREFOX, current: false },
      { domain: 'site.test', remote_ip: '192.0.2.10', user_agent: FIREFOX, current: true },
    ]);
    for (const gateway of portcullis.gateways) expect(await verifyStatus(gateway, there.cookieHeader(), 'one.annex.test')).toBe(200);
    expect((await delete_(here, `/${sessions[0]!.handle}`)).json()).toEqual({ status: 'OK', data: { ended: 1 } });
    await untilOut(there, 'one.annex.test');
    expect(await sessionsOf(here)).toHaveLength(1);
    expect((await delete_(here, `/${sessions[0]!.handle}`)).status).toBe(404);
  });

  it("does not end somebody else's by its handle (attack 63)", async () => {
    const [ann, ben] = [await signIn(portal(), 'ann'), await signIn(portal(), 'ben')];
    const handle = (await sessionsOf(ben)).find(({ current }) => current)!.handle;
    expect((await delete_(ann, `/${handle}`)).status).toBe(404);
    expect(await verifyStatus(portcullis.base, ben.cookieHeader())).toBe(200);
  });

  it('ends all others, then all', async () => {
    const [here, there] = [await signIn(portal(), 'ben'), await signIn(portal(), 'ben')];
    await giveSecondFactor(here);
    expect((await delete_(here, '/others')).status).toBe(200);
    await untilOut(there);
    expect(await sessionsOf(here)).toMatchObject([{ current: true, authentication_level: 2 }]);
    const before = here.copy();
    expect((await delete_(here, '')).json()).toEqual({ status: 'OK', data: { ended: 1 } });
    expect(here.cookies.has('authelia_session')).toBe(false);
    await untilOut(before);
  });

  it('shows who one is, and the sites one may open', async () => {
    expect((await (await signIn(portal(), 'ann')).get('/api/user/overview')).json()).toEqual({
      status: 'OK',
      data: {
        ...{ username: 'ann', display_name: 'ann of the site', groups: ['people'] },
        sites: [
          { host: 'open.site.test', policy: 'bypass' },
          { host: 'one.site.test', policy: 'one_factor' },
          { host: 'one.annex.test', policy: 'one_factor' },
          { host: 'two.site.test', policy: 'two_factor' },
        ],
      },
    });
  });

  it('a new authenticator app goes on to where one was going, and its recovery codes open what the lost one would, each once', async () => {
    const cat = await signIn(portal(), 'cat');
    const { data } = await enrol(cat, { continue: true, targetURL: 'https://two.site.test/a?b=c', requestMethod: 'GET' });
    expect(data['redirect']).toBe('https://two.site.test/a?b=c');
    expect(await verifyStatus(portcullis.base, cat.cookieHeader(), 'two.site.test')).toBe(200);
    const codes = data['recovery_codes'] as readonly string[];
    expect(codes).toHaveLength(10);
    const again = await signIn(portal(), 'cat');
    expect((await again.get('/api/secondfactor/recovery-codes')).json().data).toMatchObject({ remaining: 10 });
    const use = (who: Client, code: string) => who.post('/api/secondfactor/recovery-code', { code, targetURL: 'https://two.site.test/' });
    expect((await use(again, codes[0]!)).json()).toEqual({ status: 'OK', data: { redirect: 'https://two.site.test/' } });
    expect(await verifyStatus(portcullis.base, again.cookieHeader(), 'two.site.test')).toBe(200);
    expect((await again.get('/api/secondfactor/recovery-codes')).json().data).toMatchObject({ remaining: 9 });
    const third = await signIn(portal(), 'cat');
    expect((await use(third, codes[0]!)).json()).toMatchObject({ status: 'KO', message: 'This recovery code was used already. Take another one.' });
    expect((await use(third, 'aaaa-bbbb-cccc')).json()).toMatchObject({ status: 'KO', message: 'This recovery code is wrong.' });
    expect(await verifyStatus(portcullis.base, third.cookieHeader(), 'two.site.test')).toBe(302);
    const renewed = (await cat.post('/api/secondfactor/recovery-codes')).json().data.codes as readonly string[];
    expect(renewed).toHaveLength(10);
    expect((await use(third, codes[1]!)).json()).toMatchObject({ status: 'KO' });
    expect((await use(third, renewed[0]!)).status).toBe(200);
  });

  it('of fifty who use one recovery code at once, one is let through; wrong ones ban the person, over sessions, and say until when', async () => {
    const eve = await signIn(portal(), 'eve');
    const [code] = (await enrol(eve)).data['recovery_codes'] as readonly [string];
    const use = (who: Client, typed: string) => who.post('/api/secondfactor/recovery-code', { code: typed });
    const many: Client[] = [];
    for (let index = 0; index < 10; index++) many.push(await signIn(portal('auth.site.test', `192.0.2.${100 + index}`), 'eve'));
    const atOnce = many.flatMap((who) => Array.from({ length: 5 }, () => who.copy()));
    const won = (await Promise.all(atOnce.map((who) => use(who, code)))).filter(({ status }) => status === 200);
    expect(won).toHaveLength(1);
    const answers = [];
    for (let index = 0; index < 12; index++)
      answers.push(await use(await signIn(portal('auth.site.test', `192.0.2.${150 + index}`), 'eve'), 'aaaa-bbbb-cccc'));
    expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 403));
    const { message, data } = answers.at(-1)!.json() as { readonly message: string; readonly data: { readonly banned_until: string } };
    expect(message).toBe('Too many wrong codes. Please try again later.');
    expect(Date.parse(data.banned_until)).toBeGreaterThan(Date.now());
  });

  it('a sign-in from a new device is told of, once, and "this was not me" ends it everywhere', async () => {
    const home = await signIn(portal(), 'dan');
    expect(home.cookies.get('portcullis_device')).toMatch(/^[\w-]{40,}$/);
    const elsewhere = client(portcullis.base, { host: 'auth.site.test', ip: '198.51.100.99', headers: { 'User-Agent': 'curl/8.0' } });
    const token = await mailed(/\/revoke\/session\?token=(\S+)/, () => signIn(elsewhere, 'dan'));
    expect(await verifyStatus(portcullis.base, elsewhere.cookieHeader())).toBe(200);
    const stranger = client(portcullis.base, { host: 'auth.site.test' });
    expect((await stranger.post('/api/user/sessions/disown', { token })).json()).toEqual({ status: 'OK', data: { username: 'dan' } });
    await untilOut(elsewhere);
    expect(await verifyStatus(portcullis.base, home.cookieHeader())).toBe(200);
    expect(await stranger.post('/api/user/sessions/disown', { token })).toMatchObject({ status: 403 });
  });

  it('shows what was tried with the account, newest first, and to nobody else', async () => {
    const who = portal();
    await who.post('/api/firstfactor', { username: 'ann', password: 'wrong' });
    await signIn(who, 'ann');
    const { attempts } = (await who.get('/api/user/history')).json().data as { readonly attempts: readonly object[] };
    expect(attempts.slice(0, 2)).toMatchObject([
      { factor: 'password', successful: true, banned: false, remote_ip: '192.0.2.10' },
      { factor: 'password', successful: false, banned: false, remote_ip: '192.0.2.10' },
    ]);
    const ben = await signIn(portal(), 'ben');
    const bens = (await ben.get('/api/user/history')).json().data as { readonly attempts: readonly { readonly successful: boolean }[] };
    expect(bens.attempts.every(({ successful }) => successful)).toBe(true);
  });
});
