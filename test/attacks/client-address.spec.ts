import { beforeAll, expect, it } from 'vitest';
import { describeWith, http } from '../support/index.js';
import {
  CONFIGURATION,
  ENDPOINTS,
  EVERY_ENDPOINT,
  freshAddress,
  passwordOf,
  persons,
  PORTAL_HOST,
  startWorld,
  tryPassword,
  type World,
} from './world.js';

const INSIDE = 'https://inside.example.com/';
const BANNED = 'https://banned.example.com/';

describeWith(['redis'], 'a client that chooses its address', () => {
  let world: World;
  /** Its proxies are elsewhere: 127.0.0.1, from where the tests come, is not one of them. */
  let stranger: World;
  /** Two hops in front: the machine's own and those of 10.9.0.0/16. */
  let hops: World;
  beforeAll(async () => {
    const trusting = (networks: readonly string[]) =>
      startWorld({ config: { ...CONFIGURATION, server: { ...CONFIGURATION.server, trusted_proxies: networks } } });
    const people = persons('v24', 'v24b', 'v25', 'v25b', 'v26', 'v26b', 'v26c');
    [world, stranger, hops] = await Promise.all([
      startWorld({ people }),
      trusting(['192.0.2.1']),
      trusting(['127.0.0.1', '10.9.0.0/16', '0.0.0.0/0']),
    ]);
  });

  /** Wrong passwords, each as somebody says they come from there. */
  const failThrice = async (name: string, ips: readonly [string, string, string]): Promise<void> => {
    for (const ip of ips) expect((await tryPassword(world.visitor(ip), name, 'wrong')).status).toBe(401);
  };
  const right = async (name: string, ip: string): Promise<number> => (await tryPassword(world.visitor(ip), name, passwordOf(name))).status;

  it('attack 5: a peer that is no proxy of ours asks in vain, whatever it says', async () => {
    for (const endpoint of EVERY_ENDPOINT) expect((await stranger.verify('https://public.example.com/', { endpoint })).status).toBe(400);
    expect(await stranger.metric('verify-gateway', 'portcullis_verify_refusals_total{reason="untrusted_peer"}')).toBe(EVERY_ENDPOINT.length);
  });

  it('attack 5: at the portal, what such a peer says of host and address counts for nothing', async () => {
    const headers = { Host: PORTAL_HOST, 'X-Forwarded-Host': 'auth.other.test', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '10.0.0.1' };
    const body = { username: 'john', password: 'wrong' };
    const answer = await http(stranger.portcullis.base, { method: 'POST', path: '/api/firstfactor', headers, body });
    // Without a proxy in front that says https, the portal is reached over http, and takes no password.
    expect(answer.status).toBe(400);
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(stranger.portcullis.logs()).not.toContain('10.0.0.1');
  });

  it('attack 5: whoever trusts the whole world is warned, loudly', async () => {
    const { stdout, stderr } = await hops.portcullis.cli('validate-config');
    expect(stdout + stderr).toMatch(/0\.0\.0\.0\/0 believes whatever anybody sends/);
    expect(hops.portcullis.logs('verify-gateway')).toMatch(/0\.0\.0\.0\/0 believes whatever anybody sends/);
  });

  it.each([
    'a',
    '198.51.100.7:1234',
    '198.51.100.7, a',
    'unknown',
    '198.51.100.7,',
    ', 198.51.100.7 ,',
    '1.2.3',
    '01.2.3.4',
    '1.2.3.4.5',
    '::1::',
    '[::1]',
    '0x7f000001',
    '127.1',
    'fe80::1%eth0',
    ' ',
    '"198.51.100.7"',
    'for=198.51.100.7',
  ])('attack 22: X-Forwarded-For %j is no address, and slips past no rule', async (ip) => {
    for (const endpoint of EVERY_ENDPOINT) {
      const { status } = await world.verify(BANNED, { endpoint, ip });
      // A blank value is an absent one: the peer counts.
      expect(status).toBe(ip.trim() === '' ? 200 : 400);
    }
  });

  it('attack 22: who comes from where a rule says no is refused, in every spelling of the address', async () => {
    for (const ip of ['198.51.100.7', '::ffff:198.51.100.7', '::FFFF:c633:6407', ' 198.51.100.7 ', '203.0.113.1, 198.51.100.7'])
      for (const endpoint of EVERY_ENDPOINT) expect((await world.verify(BANNED, { endpoint, ip })).status, ip).toBe(403);
  });

  it('attack 23: the left-most entries of X-Forwarded-For let nobody in', async () => {
    for (const ip of ['10.0.0.1, 203.0.113.7', '10.0.0.1,10.0.0.2,203.0.113.7', 'fd00::1, 203.0.113.7', '127.0.0.1, 203.0.113.7', 'a, 203.0.113.7'])
      for (const endpoint of EVERY_ENDPOINT) expect([302, 401], ip).toContain((await world.verify(INSIDE, { endpoint, ip })).status);
    expect((await world.verify(INSIDE, { ip: '203.0.113.7, 10.0.0.1' })).status).toBe(200);
  });

  it('attack 23: a private address before the last one is no hop, unless it is on the list', async () => {
    expect((await world.verify(INSIDE, { ip: '10.0.0.1, 192.168.1.1' })).status).toBe(302);
    const { headers } = ENDPOINTS['forward-auth'];
    const through = async (ip: string) =>
      (await http(hops.portcullis.base, { path: '/api/authz/forward-auth', headers: { ...headers(BANNED, 'GET'), 'X-Forwarded-For': ip } })).status;
    expect(await through('198.51.100.7, 10.9.0.1')).toBe(403);
  });

  it('attack 24: other addresses to the left of the last one neither lift nor split a ban', async () => {
    const last = freshAddress();
    await failThrice('v24', [`198.18.0.1, ${last}`, `198.18.0.2, ${last}`, `198.18.0.3, 198.18.0.4, ${last}`]);
    expect(await right('v24', `198.18.0.9, ${last}`)).toBe(401);
    expect(await right('v24b', `198.18.0.9, ${last}`)).toBe(401);
    expect(await right('v24b', freshAddress())).toBe(200);
  });

  it('attack 25: a whole /64 is one address', async () => {
    await failThrice('nobody', ['2001:db8:25:1::1', '2001:db8:25:1:ffff::2', '2001:DB8:25:1:0:0:0:3']);
    expect(await right('v25', '2001:db8:25:1:dead:beef::9')).toBe(401);
    expect(await right('v25', '2001:db8:25:2::9')).toBe(200);
  });

  it('attack 25: an IPv4 address is itself when it is written into IPv6', async () => {
    const ip = freshAddress();
    await failThrice('nobody', [`::ffff:${ip}`, ip, `::FFFF:${ip}`]);
    expect(await right('v25b', ip)).toBe(401);
    expect(await right('v25b', `::ffff:${ip}`)).toBe(401);
  });

  it.each([
    ['v26', '10.66.0.5'],
    ['v26b', '127.0.0.9'],
    ['v26c', '::1'],
  ])('attack 26: %s is banned at %s like anywhere', async (name, ip) => {
    await failThrice(name, [ip, ip, ip]);
    expect(await right(name, ip)).toBe(401);
    expect(await right('john', ip)).toBe(401);
  });
});
