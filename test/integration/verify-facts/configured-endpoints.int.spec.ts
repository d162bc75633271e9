import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, http, type HttpResponse, type RunningPortcullis, startPortcullis } from '../../support/index.js';
import { basicOf, signIn, users } from './people.js';

const CHALLENGE = 'Basic realm="Authorization Required"';
const strategies = (...names: readonly string[]) => names.map((name) => ({ name }));

const config = {
  server: {
    address: 'tcp://127.0.0.1:9091/authelia',
    endpoints: {
      authz: {
        'forward-auth': { implementation: 'ForwardAuth' },
        'ours/nginx': { implementation: 'AuthRequest' },
        scripts: { implementation: 'ForwardAuth', authn_strategies: strategies('HeaderAuthorization') },
        'as-proxy': { implementation: 'ForwardAuth', authn_strategies: strategies('HeaderProxyAuthorization', 'CookieSession') },
        'as-proxy-last': { implementation: 'ForwardAuth', authn_strategies: strategies('CookieSession', 'HeaderProxyAuthorization') },
        'as-proxy-told': { implementation: 'ForwardAuth', authn_strategies: strategies('HeaderAuthRequestProxyAuthorization') },
        browsers: { implementation: 'ForwardAuth', authn_strategies: strategies('CookieSession') },
        envoy: { implementation: 'ExtAuthz' },
      },
    },
  },
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'parlour.house.test', policy: 'one_factor' },
      { domain: 'safe.house.test', policy: 'two_factor' },
    ],
  },
  session: { cookies: [{ domain: 'house.test', authelia_url: 'https://door.house.test/authelia' }] },
};

const SIGN_IN = 'https://door.house.test/authelia/?rd=https%3A%2F%2Fparlour.house.test%2F&rm=GET';

describeWith(['redis'], 'authorization endpoints as configured, below a path of their own', () => {
  let portcullis: RunningPortcullis;
  let session: string;
  beforeAll(async () => {
    portcullis = await startPortcullis({ config, users: await users() });
    session = (await signIn(portcullis.client({ host: 'door.house.test' }), 'bo', '/authelia')).cookieHeader();
  });

  const ask = (path: string, headers: Readonly<Record<string, string>> = {}, host = 'parlour.house.test'): Promise<HttpResponse> => {
    const forwarded = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': host, 'X-Forwarded-URI': '/', 'X-Forwarded-Method': 'GET' };
    const original = { 'X-Original-URL': `https://${host}/`, 'X-Original-Method': 'GET' };
    const family = path.includes('nginx') ? original : forwarded;
    return http(portcullis.base, { path, headers: { ...family, 'X-Forwarded-For': '203.0.113.7', Accept: 'text/html', ...headers } });
  };

  it.each([
    ['/api/authz/forward-auth', 302],
    ['/authelia/api/authz/forward-auth', 302],
    ['/api/authz/ours/nginx', 401],
    ['/authelia/api/authz/ours/nginx', 401],
    ['/authelia/api/authz/browsers', 302],
    ['/api/authz/ours', 404],
    ['/api/authz/auth-request', 404],
    ['/api/authz/ext-authz/', 404],
    ['/api/verify', 404],
    ['/authelia/api/verify', 404],
    ['/authelia/authelia/api/authz/forward-auth', 404],
    ['/authelia/api/authz/', 404],
  ])('%s is answered %i: only what is configured exists', async (path, status) => {
    expect((await ask(path)).status).toBe(status);
  });

  it('sends people to the portal below its path', async () => {
    expect((await ask('/authelia/api/authz/forward-auth')).headers.location).toBe(SIGN_IN);
  });

  it('an endpoint of Envoy takes every path below it', async () => {
    const headers = { Host: 'parlour.house.test', 'X-Forwarded-Proto': 'https', Accept: 'text/html' };
    const answer = await http(portcullis.base, { path: '/authelia/api/authz/envoy//deep/down', headers });
    expect(answer.headers.location).toBe('https://door.house.test/authelia/?rd=https%3A%2F%2Fparlour.house.test%2Fdeep%2Fdown&rm=GET');
  });

  const GOOD = basicOf('bo');
  describe.each([
    // endpoint, the unknown, with Authorization, with Proxy-Authorization, with junk in it, with a session
    ['forward-auth', 302, 200, 302, 302, 200],
    ['scripts', 401, 200, 401, 401, 401],
    ['as-proxy', 302, 302, 200, 407, 200],
    ['as-proxy-last', 407, 407, 200, 407, 200],
    ['as-proxy-told', 401, 401, 200, 401, 401],
    ['browsers', 302, 302, 302, 302, 200],
  ])('%s', (name, unknown, authorization, proxyAuthorization, junk, cookie) => {
    it.each([
      ['nothing', {}, unknown],
      ['a password', { Authorization: GOOD }, authorization],
      ['a password for the proxy', { 'Proxy-Authorization': GOOD }, proxyAuthorization],
      ['junk for the proxy', { 'Proxy-Authorization': 'Basic ?' }, junk],
    ] as const)('answers %s as written', async (_title, headers, status) => {
      const answer = await ask(`/api/authz/${name}`, headers);
      const asks = { www: answer.headers['www-authenticate'], proxy: answer.headers['proxy-authenticate'], location: answer.headers.location };
      expect([answer.status, asks]).toEqual([
        status,
        {
          www: status === 401 ? CHALLENGE : undefined,
          proxy: status === 407 ? CHALLENGE : undefined,
          location: status === 302 ? SIGN_IN : undefined,
        },
      ]);
    });

    it(`answers a session with ${cookie}`, async () => {
      expect((await ask(`/api/authz/${name}`, { Cookie: session })).status).toBe(cookie);
    });
  });

  it('a password is one factor, wherever it comes from: a second is not asked of a header', async () => {
    expect((await ask('/api/authz/forward-auth', { Authorization: GOOD }, 'safe.house.test')).status).toBe(401);
    expect((await ask('/api/authz/as-proxy', { 'Proxy-Authorization': GOOD }, 'safe.house.test')).status).toBe(407);
  });
});
