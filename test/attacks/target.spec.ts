import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, http, root, sendRaw, statusOf } from '../support/index.js';
import { ENDPOINTS, EVERY_ENDPOINT, identityOf, NOBODY, PORTAL_HOST, startWorld, type World } from './world.js';

/** What a stranger may be told at a protected site: to sign in, no, or malformed. Never a yes, never a fault. */
const REFUSALS = [302, 303, 400, 401, 403];
const PUBLIC = 'https://public.example.com/';

describeWith(['redis'], 'a request that says more than one thing', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });

  /** A verify as bytes, for what no client would send. */
  const raw = async (endpoint: string, lines: readonly string[]): Promise<number> =>
    statusOf(await sendRaw(world.portcullis.base, [`GET ${endpoint} HTTP/1.1`, 'Host: gate', ...lines, 'Connection: close', '', ''].join('\r\n')));
  const judgedAt = async (url: string): Promise<readonly number[]> =>
    Promise.all(EVERY_ENDPOINT.map(async (endpoint) => (await world.verify(url, { endpoint })).status));

  it.each([
    { 'X-Original-URI': '/public', 'X-Forwarded-Uri': '/public' },
    { 'X-Forwarded-Host': 'public.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Uri': '/' },
    { 'X-Forwarded-Method': 'OPTIONS', 'X-Rewrite-URL': '/public', Forwarded: 'host=public.example.com;proto=https' },
  ])('attack 1: the endpoint of nginx does not look at %o', async (headers) => {
    const { status } = await world.verify('https://admin.example.com/', { endpoint: 'auth-request', headers });
    expect(status).toBe(401);
    expect((await world.verify('https://mixed.example.com/admin', { endpoint: 'auth-request', headers })).status).toBe(401);
  });

  it.each([
    { 'X-Original-URL': PUBLIC },
    { 'X-Original-URL': 'https://mixed.example.com/public', 'X-Original-Method': 'GET' },
    { 'X-Original-URI': '/public', 'X-Replaced-Path': '/public' },
  ])('attack 2: the endpoint of Caddy, Traefik and HAProxy does not look at %o', async (headers) => {
    expect((await world.verify('https://admin.example.com/', { headers })).status).toBe(302);
    expect((await world.verify('https://mixed.example.com/admin', { headers })).status).toBe(302);
  });

  it('attack 3: two families of headers that differ are refused at /api/verify, and counted', async () => {
    const sample = 'portcullis_verify_refusals_total{reason="ambiguous_target"}';
    const before = await world.metric('verify-gateway', sample);
    const named = (url: string, original: string) => world.verify(url, { endpoint: 'legacy', headers: { 'X-Original-URL': original } });
    expect((await named('https://admin.example.com/', PUBLIC)).status).toBe(400);
    expect((await named(PUBLIC, 'https://admin.example.com/')).status).toBe(400);
    expect((await named('https://mixed.example.com/admin', 'https://mixed.example.com/public')).status).toBe(400);
    expect((await named(PUBLIC, PUBLIC)).status).toBe(200);
    expect(await world.metric('verify-gateway', sample)).toBe(before + 3);
  });

  it.each([
    ['two X-Forwarded-Host', 'forward-auth', ['X-Forwarded-Host: public.example.com', 'X-Forwarded-Host: admin.example.com']],
    ['a list in X-Forwarded-Host', 'forward-auth', ['X-Forwarded-Host: public.example.com, admin.example.com']],
    ['the same host twice', 'forward-auth', ['X-Forwarded-Host: public.example.com', 'x-forwarded-host: public.example.com']],
    ['two X-Forwarded-Proto', 'forward-auth', ['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.example.com']],
    ['two X-Forwarded-Uri', 'forward-auth', ['X-Forwarded-Uri: /a', 'X-Forwarded-Host: public.example.com']],
  ] as const)('attack 4: %s are no choice', async (_title, name, lines) => {
    const others = ['X-Forwarded-Proto: https', 'X-Forwarded-Uri: /', 'X-Forwarded-Method: GET'];
    expect(await raw(`/api/authz/${name}`, [...lines, ...others])).toBe(400);
  });

  it('attack 4: two X-Original-URL are no choice', async () => {
    const lines = [`X-Original-URL: ${PUBLIC}`, 'X-Original-URL: https://admin.example.com/', 'X-Original-Method: GET'];
    expect(await raw('/api/authz/auth-request', lines)).toBe(400);
    expect(await raw('/api/verify', lines)).toBe(400);
    expect(await raw('/api/authz/auth-request', [`X-Original-URL: ${PUBLIC}, https://admin.example.com/`, 'X-Original-Method: GET'])).toBe(400);
  });

  it.each(['Remote-User', 'remote-user', 'REMOTE-USER', 'rEMOTE-uSER'])(
    'attack 6: %s of a client on an open site is overwritten, with the other three',
    async (name) => {
      for (const endpoint of EVERY_ENDPOINT) {
        const answer = await world.verify(PUBLIC, { endpoint, headers: { [name]: 'mary', 'Remote-Groups': 'admins' } });
        expect(answer.status).toBe(200);
        expect(identityOf(answer)).toEqual(NOBODY);
      }
    },
  );

  it.each(['Remote_User', 'remote_groups', 'Remote.Name', 'REMOTE.EMAIL', 'Remote_user'])(
    'attack 7: %s, which a backend may fold into the real one, is refused, and counted',
    async (name) => {
      const sample = 'portcullis_verify_refusals_total{reason="forged_identity_header"}';
      const before = await world.metric('verify-gateway', sample);
      const john = await world.signIn('john');
      for (const endpoint of EVERY_ENDPOINT) {
        expect((await world.verify(PUBLIC, { endpoint, headers: { [name]: 'mary' } })).status).toBe(400);
        expect((await world.verify('https://app.example.com/', { endpoint, as: john, headers: { [name]: 'mary' } })).status).toBe(400);
      }
      expect(await world.metric('verify-gateway', sample)).toBe(before + 2 * EVERY_ENDPOINT.length);
    },
  );

  it('attack 7: a name with a blank before its colon reaches nobody', async () => {
    for (const name of ['Remote-User ', 'Remote User', 'Remote\tUser', ' Remote-User']) {
      const lines = ['X-Original-URL: https://public.example.com/', 'X-Original-Method: GET', `${name}: mary`];
      const answer = await sendRaw(
        world.portcullis.base,
        ['GET /api/authz/auth-request HTTP/1.1', 'Host: gate', ...lines, 'Connection: close', '', ''].join('\r\n'),
      );
      if (statusOf(answer) === 200) expect(answer).toMatch(/^remote-user: ?\r$/im);
      else expect(statusOf(answer)).toBe(400);
    }
  });

  it.each([
    '',
    'garbage',
    '%00',
    '"',
    '"x"',
    'A'.repeat(43),
    'A'.repeat(42),
    `${'A'.repeat(43)}=`,
    '{"user":"mary"}',
    'W10=',
    '\u00ff\u00fe',
    '../../x',
    'null',
  ])('attack 8: the cookie %j opens nothing and says nobody', async (value) => {
    const headers = { Cookie: `authelia_session=${value}` };
    for (const endpoint of EVERY_ENDPOINT) {
      expect(REFUSALS).toContain((await world.verify('https://app.example.com/', { endpoint, headers })).status);
      expect(identityOf(await world.verify(PUBLIC, { endpoint, headers }))).toEqual(NOBODY);
    }
  });

  it.each(['/%%zz', '/%', '/%f', '/%ff', '/%c3%28', '/%c0%af', '/a%00b', '/a%0d%0ab', '/a%0ab', '/a\\b', '/a b'])(
    'attack 9: the path %s is malformed, on an open site too',
    async (path) => {
      expect(await judgedAt(`https://public.example.com${path}`)).toEqual([400, 400, 400]);
    },
  );

  it.each(['\x01', '\x00', '\x7f', '\t'])('attack 9: the control character %j in an address is malformed', async (character) => {
    for (const [path, lines] of [
      ['/api/authz/auth-request', [`X-Original-URL: https://public.example.com/a${character}b`, 'X-Original-Method: GET']],
      [
        '/api/authz/forward-auth',
        ['X-Forwarded-Proto: https', 'X-Forwarded-Host: public.example.com', `X-Forwarded-Uri: /a${character}b`, 'X-Forwarded-Method: GET'],
      ],
    ] as const)
      expect(await raw(path, lines)).toBe(400);
  });

  it('attack 9: a path in bytes that are not UTF-8 is refused or judged, never a fault', async () => {
    const lines = ['X-Original-URL: https://app.example.com/\xff\xfe', 'X-Original-Method: GET'];
    expect(REFUSALS).toContain(await raw('/api/authz/auth-request', lines));
  });

  it.each([
    '/public/../admin',
    '/public/%2e%2e/admin',
    '/public/..%2fadmin',
    '/public/%2E%2E%2Fadmin',
    '/public//../../admin',
    '/public/./../admin',
    '//admin',
    '/public/..;/admin',
    '/admin;/..',
    '/admin;x=/../public',
    '/admin/../public',
    '/admin/%2e%2e/public',
    '/admin%2f..%2fpublic',
    '/public\\..\\admin',
    '/public%5c..%5cadmin',
  ])('attack 10: %s is judged by its strictest reading', async (path) => {
    const john = await world.signIn('john');
    for (const endpoint of EVERY_ENDPOINT) {
      expect(REFUSALS).toContain((await world.verify(`https://mixed.example.com${path}`, { endpoint })).status);
      expect([400, 403]).toContain((await world.verify(`https://mixed.example.com${path}`, { endpoint, as: john })).status);
    }
  });

  it('attack 10: behind Envoy, as shipped, the slashes of a client are judged as the application gets them', async () => {
    const [, prefix = ''] = /path_prefix: (\S+)/.exec(readFileSync(join(root, 'deploy/envoy/portcullis.yaml'), 'utf8')) ?? [];
    const headers = { Host: 'mixed.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': '203.0.113.7', Accept: 'text/html' };
    const ask = async (path: string): Promise<number> => (await http(world.portcullis.base, { path: `${prefix}${path}`, headers })).status;
    expect(await ask('/public/x')).toBe(200);
    expect(REFUSALS).toContain(await ask('//public/x'));
    expect(REFUSALS).toContain(await ask('///public/x'));
  });

  it.each(['view=public&view=admin', 'view=admin&view=public', 'view=public&%76iew=admin', 'view=public;view=admin', 'view=public&view'])(
    'attack 13: the query %s opens nothing, whichever value the application takes',
    async (query) => {
      expect(await judgedAt('https://asked.example.com/?view=public&view=public')).toEqual([200, 200, 200]);
      for (const status of await judgedAt(`https://asked.example.com/?${query}`)) expect(REFUSALS).toContain(status);
    },
  );

  it('attack 13: what is denied by its query is denied wherever in it that stands', async () => {
    const john = await world.signIn('john');
    for (const query of ['do=delete', 'do=delete&do=show', 'do=show&do=delete', 'do=show;do=delete', 'do=show&%64o=delete'])
      for (const endpoint of EVERY_ENDPOINT)
        expect((await world.verify(`https://asked.example.com/?${query}`, { endpoint, as: john })).status, query).toBe(403);
  });

  it.each(['/public/%252e%252e%252fadmin', '/public/%252e%252e/admin', '/admin%252f..%252fpublic', '/public/..%25252fadmin', '/%2570ublic/../admin'])(
    'attack 11: the doubly encoded %s opens nothing',
    async (path) => {
      const john = await world.signIn('john');
      for (const endpoint of EVERY_ENDPOINT) {
        expect(REFUSALS).toContain((await world.verify(`https://mixed.example.com${path}`, { endpoint })).status);
        expect([400, 403]).toContain((await world.verify(`https://mixed.example.com${path}`, { endpoint, as: john })).status);
      }
    },
  );

  it.each(['/#', '/#/public', '/admin#/../public', '/public#x', '#', '/?a=b#c'])('attack 12: a fragment (%s) is malformed', async (path) => {
    expect(await judgedAt(`https://mixed.example.com${path}`)).toEqual([400, 400, 400]);
  });

  it('attack 13: a pattern sees the path and its query, as people write rules for it', async () => {
    expect((await world.verify('https://tight.example.com/private?path=/status')).status).toBe(302);
    expect((await world.verify('https://tight.example.com/status?x=1')).status).toBe(302);
    expect((await world.verify('https://tight.example.com/status')).status).toBe(200);
    // Unanchored, as its author wrote it: the check of the configuration says so.
    expect((await world.verify('https://loose.example.com/private?path=/status')).status).toBe(200);
    const { stdout, stderr } = await world.portcullis.cli('validate-config');
    expect(stdout + stderr).toMatch(/rule #6.*\/status/is);
  });

  it('attack 14: a host is the same in capitals; a user name is not', async () => {
    const john = await world.signIn('john');
    expect((await world.verify('https://ADMIN.Example.COM/', { as: john })).status).toBe(403);
    expect((await world.verify('https://APP.example.com/', { as: john })).status).toBe(200);
    expect((await world.verify('https://john.home.example.com/', { as: john })).status).toBe(200);
    expect((await world.verify('https://JOHN.home.example.com/', { as: john })).status).toBe(200);
    expect((await world.verify('https://mary.home.example.com/', { as: john })).status).toBe(403);
    expect((await world.verify('https://johnx.home.example.com/', { as: john })).status).toBe(403);
  });

  it('attack 15: a dot at the end of the host changes nothing, or is refused', async () => {
    const john = await world.signIn('john');
    for (const endpoint of EVERY_ENDPOINT) {
      for (const [host, statuses] of [
        ['admin.example.com.', [400, 401, 403]],
        ['app.example.com.', [200, 400, 401]],
      ] as const) {
        expect(statuses).toContain((await world.verify(`https://${host}/`, { endpoint, as: john })).status);
      }
      expect(REFUSALS).toContain((await world.verify('https://admin.example.com./', { endpoint })).status);
    }
  });

  it.each([
    ['admin.example.com:443', [403]],
    ['admin.example.com:8443', [403]],
    ['admin.example.com:0443', [400, 403]],
    ['admin.example.com:99999', [400]],
    ['admin.example.com:', [400]],
    ['admin.example.com:80:80', [400]],
    ['public.example.com@admin.example.com', [400]],
    ['x:y@public.example.com', [400]],
    ['[::1]', [400, 401]],
    ['[::ffff:127.0.0.1]:443', [400, 401]],
    ['127.0.0.1', [400, 401]],
    ['аdmin.example.com', [400]],
    ['xn--dmin-7cd.example.com', [403]],
    ['admin。example。com', [400]],
    ['admin%2eexample.com', [400]],
    ['public.example.com%2f.admin.example.com', [400]],
  ] as const)('attack 16: the host %s is read in one way, or refused', async (host, statuses) => {
    const john = await world.signIn('john');
    for (const endpoint of EVERY_ENDPOINT) {
      const headers = Object.fromEntries(
        Object.entries(ENDPOINTS[endpoint].headers(`https://${host}/`, 'GET')).map(([name, value]) => [name, Buffer.from(value).toString('latin1')]),
      );
      expect(statuses, endpoint).toContain((await world.verify('', { endpoint, as: john, headers })).status);
    }
  });

  it.each([
    'public.example.com.example.com',
    'evilexample.com',
    'evilpublic.example.com',
    'public.example.com.evil.test',
    'public-example.com',
    'publicXexample.com',
    'example.com.evil.test',
    'lan.example.com',
    'xlan.example.com',
    'a.lan.example.com.example.com',
  ])('attack 17: %s matches nothing by how it begins or ends', async (host) => {
    for (const endpoint of EVERY_ENDPOINT) expect([400, 401, 403]).toContain((await world.verify(`https://${host}/`, { endpoint })).status);
  });

  it("attack 18: the portal's own host and addresses are not let in for being the portal's", async () => {
    for (const path of [
      '/',
      '/api/health',
      '/authelia/',
      '/api/authz/forward-auth',
      '/static/x.js',
      '/logout',
      '/.portcullis/verify',
      '/outpost.goauthentik.io/',
    ])
      for (const endpoint of EVERY_ENDPOINT) {
        expect((await world.verify(`https://${PORTAL_HOST}${path}`, { endpoint })).status).toBe(403);
        expect(REFUSALS).toContain((await world.verify(`https://app.example.com${path}`, { endpoint })).status);
      }
  });

  it.each(['kube-probe/1.29', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0', 'Amazon-Route53-Health-Check-Service', 'Prometheus/2.42', 'curl/8.0'])(
    'attack 19: %s must sign in like everybody',
    async (agent) => {
      for (const endpoint of EVERY_ENDPOINT)
        expect([302, 401]).toContain((await world.verify('https://app.example.com/', { endpoint, headers: { 'User-Agent': agent } })).status);
    },
  );

  it('attack 20: a preflight passes where a rule says so, and nothing overrides a method', async () => {
    for (const endpoint of EVERY_ENDPOINT) {
      const ask = (method: string, headers = {}) => world.verify('https://cors.example.com/', { endpoint, method, headers });
      expect((await ask('OPTIONS')).status).toBe(200);
      for (const name of ['X-HTTP-Method-Override', 'X-HTTP-Method', 'X-Method-Override', '_method']) {
        expect(REFUSALS).toContain((await ask('GET', { [name]: 'OPTIONS' })).status);
        expect(REFUSALS).toContain((await ask('POST', { [name]: 'OPTIONS' })).status);
      }
      expect(REFUSALS).toContain((await world.verify('https://app.example.com/', { endpoint, method: 'OPTIONS' })).status);
    }
    const own = { method: 'OPTIONS', path: '/api/authz/forward-auth', headers: ENDPOINTS['forward-auth'].headers(PUBLIC, 'GET') };
    expect((await http(world.portcullis.base, own)).status).toBe(405);
  });

  it.each(['get', 'Get', 'GETx', 'GE T', 'G\u00cbT', 'GET,POST', 'OPTIONS GET', '*', 'A'.repeat(100)])(
    'attack 21: %j is no method',
    async (method) => {
      const sent = Buffer.from(method).toString('latin1');
      const statuses = await Promise.all(EVERY_ENDPOINT.map(async (endpoint) => (await world.verify(PUBLIC, { endpoint, method: sent })).status));
      expect(statuses).toEqual([400, 400, 401]);
    },
  );

  it.each(['PROPFIND', 'MKCOL', 'UNLOCK', 'REPORT'])('attack 21: %s is a method like another', async (method) => {
    for (const endpoint of EVERY_ENDPOINT) {
      expect((await world.verify(PUBLIC, { endpoint, method })).status).toBe(200);
      expect(REFUSALS).toContain((await world.verify('https://app.example.com/', { endpoint, method })).status);
    }
  });

  it('attack 57: a portal that somebody else runs is nowhere that people are sent', async () => {
    const named = [
      'https://evil.example.com/',
      'https://evil.test/',
      'https://auth.example.com.evil.test/',
      'https://auth.example.com@evil.test/',
      'http://auth.example.com/',
      '//evil.test',
      '',
      'javascript:alert(1)',
      'https://auth.other.test/',
    ];
    for (const portal of named) {
      for (const [path, headers, refusal] of [
        [
          `/api/authz/forward-auth?authelia_url=${encodeURIComponent(portal)}`,
          ENDPOINTS['forward-auth'].headers('https://app.example.com/', 'GET'),
          400,
        ],
        [
          `/api/authz/auth-request?authelia_url=${encodeURIComponent(portal)}`,
          ENDPOINTS['auth-request'].headers('https://app.example.com/', 'GET'),
          400,
        ],
        [`/api/verify?rd=${encodeURIComponent(portal)}`, ENDPOINTS.legacy.headers('https://app.example.com/', 'GET'), 401],
        ['/api/authz/ext-authz/', { Host: 'app.example.com', 'X-Forwarded-Proto': 'https', 'X-Authelia-URL': portal }, 400],
      ] as const) {
        const answer = await http(world.portcullis.base, { path, headers: { ...headers, Accept: 'text/html' } });
        expect([answer.status, answer.headers.location], `${path} ${portal}`).toEqual([refusal, undefined]);
      }
    }
    const clients = await world.verify('https://app.example.com/', { headers: { 'X-Authelia-URL': 'https://evil.example.com/' } });
    expect(clients.headers.location).toMatch(/^https:\/\/auth\.example\.com\/\?/);
  });

  it('attack 78: X-Original-URL does not choose the cookie domain of the portal', async () => {
    const headers = { 'X-Original-URL': 'https://auth.other.test/' };
    const answer = await world.visitor().post('/api/firstfactor', { username: 'john', password: 'john-Pass:word-1' }, { headers });
    expect(answer.status).toBe(200);
    expect(answer.headers['set-cookie']?.join()).toContain('Domain=example.com;');
  });
});
