import { beforeAll, expect, it } from 'vitest';
import { type Client, client, describeWith, type RunningPortcullis, startPortcullis, until } from '../support/index.js';
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
      config: SITE,
      users: await peopleOf('ann', 'ben'),
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
});
