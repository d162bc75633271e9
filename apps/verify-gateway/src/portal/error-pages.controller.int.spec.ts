import { RpcFault } from '@portcullis/platform-rpc';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, Gateway, type GatewayOptions, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeEach(async () => {
  gateway = await Gateway.start();
});
afterEach(async () => {
  await gateway.stop();
});

const HTML = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';
const ID = '0af7651916cd43dd8448eb211c80319c';
const browser = { ...PROXY, Accept: HTML, 'X-Request-Id': ID };
const titleOf = ({ body }: Answer): string => /<h1>([^<]*)<\/h1>/.exec(body)?.[1] ?? '';
const isPage = ({ headers, body }: Answer): boolean => headers['content-type'] === 'text/html; charset=utf-8' && body.startsWith('<!doctype html>');
async function another(options: GatewayOptions): Promise<Gateway> {
  const other = await Gateway.start(options);
  onTestFinished(() => other.stop());
  return other;
}

describe('the page a proxy asks for in the place of an application', () => {
  const app = { ...browser, Host: 'app.example.com', 'X-Forwarded-Host': 'app.example.com:8443' };

  it('that is refused has status 403, the number of the request, and a way to the portal', async () => {
    const answer = await gateway.ask('GET', '/error/403', { headers: app });
    expect([answer.status, isPage(answer), titleOf(answer)]).toEqual([403, true, 'No access']);
    expect(answer.body).toContain(ID);
    expect(answer.body).toContain('href="https://auth.example.com"');
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['content-security-policy']).toMatch(/^default-src 'none'; style-src 'sha256-/);
  });

  it('that cannot be told of now has status 503, and when to ask again', async () => {
    const answer = await gateway.ask('GET', '/error/503', { headers: app });
    expect([answer.status, answer.headers['retry-after'], titleOf(answer)]).toEqual([503, '2', 'Not available right now']);
    expect(answer.body).toContain('<a href="">Try again</a>');
  });

  it('is a short answer to a script', async () => {
    const headers = { ...app, Accept: '*/*' };
    expect(await gateway.ask('GET', '/error/403', { headers })).toMatchObject({ status: 403, body: '403 Forbidden' });
    expect(await gateway.ask('GET', '/error/503', { headers })).toMatchObject({ status: 503, body: '503 Service Unavailable' });
  });

  it('says the same to everybody: no session is looked at, nor is a store needed', async () => {
    const session = await gateway.session.signedIn('bob', 2);
    const stranger = await gateway.ask('GET', '/error/403', { headers: app });
    gateway.storeAway = true;
    const bob = await gateway.ask('GET', '/error/403', { headers: { ...app, Cookie: `authelia_session=${session}` } });
    expect(bob.body).toBe(stranger.body);
    expect(bob.headers['set-cookie']).toBeUndefined();
  });

  it.each(['elsewhere.test', 'not a host', ''])('leads nowhere for the host %j, which is none of ours', async (host) => {
    const answer = await gateway.ask('GET', '/error/403', { headers: { ...app, 'X-Forwarded-Host': host, Host: host === '' ? 'x' : host } });
    expect([answer.status, answer.body.includes('href=')]).toEqual([403, false]);
  });

  it.each(['short', 'a"><script>alert(1)</script>', 'x'.repeat(65)])('takes no number that does not look like one: %s', async (id) => {
    const { body } = await gateway.ask('GET', '/error/403', { headers: { ...app, 'X-Request-Id': id } });
    expect(body).not.toContain(id);
    expect(body).toMatch(/<code dir="ltr">[\w-]{16}<\/code>/);
  });

  it('is no other than these two', async () => {
    for (const path of ['/error', '/error/200', '/error/401', '/error/403/x']) expect((await gateway.ask('GET', path)).status, path).toBe(404);
  });
});

describe('what the portal refuses is a page to who reads pages, and as ever to all others', () => {
  const both = async (
    at: Gateway,
    method: string,
    path: string,
    headers: Readonly<Record<string, string>> = {},
  ): Promise<readonly [Answer, Answer]> => [
    await at.ask(method, path, { headers: { ...browser, ...headers } }),
    await at.ask(method, path, { headers: { ...PROXY, ...headers } }),
  ];

  it.each<[string, number, string, string, Readonly<Record<string, string>>]>([
    ['an unknown path', 404, '/nothing', 'Not found', {}],
    ['what needs a session', 403, '/api/user/info', 'This was refused', {}],
    ['another host', 421, '/', 'Not here', { 'X-Forwarded-Host': 'elsewhere.test' }],
    ['two session cookies', 400, '/', 'This did not work', { Cookie: 'authelia_session=a; authelia_session=b' }],
  ])('%s', async (_, status, path, title, headers) => {
    const [page, short] = await both(gateway, 'GET', path, headers);
    expect([page.status, isPage(page), titleOf(page), page.headers['x-request-id']]).toEqual([status, true, title, ID]);
    expect(page.body).toContain(ID);
    expect(gateway.logged.filter((line) => line.includes(ID)).join()).toContain(`"status":${status}`);
    expect([short.status, isPage(short)]).toEqual([status, false]);
    expect(short.headers['x-request-id']).toMatch(/^[\w-]{16}$/);
  });

  it('another host names the portals that there are', async () => {
    const { body } = await gateway.ask('GET', '/', { headers: { ...browser, 'X-Forwarded-Host': 'elsewhere.test' } });
    for (const url of ['https://auth.example.com', 'https://auth.other.test/']) expect(body).toContain(`<a href="${url}">`);
  });

  it('a store that is away, with when to ask again', async () => {
    const session = await gateway.session.signedIn('bob');
    gateway.storeAway = true;
    const [page, short] = await both(gateway, 'GET', '/', { Cookie: `authelia_session=${session}` });
    expect([page.status, titleOf(page), page.headers['retry-after'], page.headers['set-cookie']]).toEqual([
      503,
      'Not available right now',
      '2',
      undefined,
    ]);
    expect(page.body).toContain('<a href="">Try again</a>');
    expect(gateway.logged.join()).toContain(ID);
    expect(short.json).toMatchObject({ status: 'KO' });
  });

  it('a fault of ours, whose cause is told to the log alone', async () => {
    gateway.identity.authenticate = () => Promise.reject(new TypeError('a secret of ours'));
    const form = { username: 'bob', password: 'x' };
    const answer = await gateway.ask('POST', '/sign-in', { form, headers: { ...browser, 'Content-Type': 'application/x-www-form-urlencoded' } });
    expect([answer.status, titleOf(answer)]).toEqual([500, 'Something went wrong']);
    expect(answer.body).not.toContain('a secret of ours');
    expect(gateway.logged.find((line) => line.includes('a secret of ours'))).toContain(ID);
    // What was sent is not sent again by a link.
    expect(answer.body).toContain('<a href="/">To the start page</a>');
  });

  it('a form while identity is away, in the language of the person', async () => {
    gateway.identity.authenticate = () => Promise.reject(new RpcFault('RPC_TIMEOUT', 'identity.v1.authenticate', 'late'));
    const headers = { ...browser, 'Accept-Language': 'de', 'Content-Type': 'application/x-www-form-urlencoded' };
    const answer = await gateway.ask('POST', '/sign-in', { form: { username: 'bob', password: 'x' }, headers });
    expect([answer.status, titleOf(answer)]).toEqual([503, 'Zurzeit nicht verfügbar']);
  });

  it('leads back below the sub-path', async () => {
    const other = await another({ settings: { subPath: '/authelia' } });
    expect((await other.ask('GET', '/authelia/nothing', { headers: browser })).body).toContain('<a href="/authelia/">');
    expect((await other.ask('GET', '/nothing', { headers: browser })).body).toContain('<a href="/">');
  });

  it('an address never becomes markup', async () => {
    const { body } = await gateway.ask('GET', '/%3Cscript%3Ealert(1)', { headers: browser });
    expect(body).not.toContain('<script');
  });
});
