import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Answer, Gateway } from './gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterEach(() => {
  gateway.storeAway = false;
  gateway.told.length = 0;
  gateway.cache.open();
});
afterAll(async () => {
  await gateway.stop();
});

const REMOTE = ['remote-user', 'remote-groups', 'remote-name', 'remote-email'] as const;
const remoteOf = ({ headers }: Answer): unknown[] => REMOTE.map((name) => headers[name]);
const ONE = 'https://one.example.com/';
const reasons = (): unknown[] => gateway.told.map(({ reason }) => reason);

describe('a request that is not taken', () => {
  it.each<[string, number, Readonly<Record<string, string>>, string]>([
    ['a plain http target', 400, { 'X-Forwarded-Proto': 'http' }, 'insecure_scheme'],
    ['a host outside every cookie domain', 400, { 'X-Forwarded-Host': 'evil.test' }, 'foreign_host'],
    ['a host that ends like one (attack 17)', 400, { 'X-Forwarded-Host': 'evilexample.com' }, 'foreign_host'],
    ['a host that begins like one (attack 17)', 400, { 'X-Forwarded-Host': 'auth.example.com.evil.test' }, 'foreign_host'],
    ['a host with a dot behind (attack 15)', 400, { 'X-Forwarded-Host': 'one.example.com.' }, 'foreign_host'],
    ['a list of hosts (attack 4)', 400, { 'X-Forwarded-Host': 'one.example.com, evil.test' }, 'malformed_target'],
    ['userinfo (attack 16)', 400, { 'X-Forwarded-Host': 'a@one.example.com' }, 'malformed_target'],
    ['a method in small letters (attack 21)', 400, { 'X-Forwarded-Method': 'get' }, 'malformed_method'],
    ['a path with a NUL (attack 9)', 400, { 'X-Forwarded-URI': '/a%00b' }, 'malformed_target'],
    ['a fragment (attack 12)', 400, { 'X-Forwarded-URI': '/a#b' }, 'malformed_target'],
    ['an address that is none (attack 22)', 400, { 'X-Forwarded-For': 'a' }, 'malformed_address'],
    ['an alias of an identity header (attack 7)', 400, { Remote_User: 'root' }, 'forged_identity_header'],
    ['another alias (attack 7)', 400, { 'REMOTE.groups': 'admins' }, 'forged_identity_header'],
  ])('has %s', async (_, status, headers, reason) => {
    const session = await gateway.session.signedIn('bob', 2);
    for (const url of [ONE, 'https://public.example.com/']) {
      const answer = await gateway.verify(url, { session, ...headers });
      expect([answer.status, answer.body, answer.headers['content-length'], answer.headers['www-authenticate']]).toEqual([
        status,
        '',
        '0',
        undefined,
      ]);
    }
    expect(reasons()).toEqual([reason, reason]);
  });

  it('names a portal that is not this one (attack 57)', async () => {
    for (const portal of ['https://evil.test/', 'https://sso.example.com/', '', 'nonsense']) {
      const path = `/api/authz/forward-auth?authelia_url=${encodeURIComponent(portal)}`;
      expect((await gateway.verify(ONE, {}, path)).status).toBe(400);
      expect((await gateway.verify(ONE, {}, `/api/verify?rd=${encodeURIComponent(portal)}`)).status).toBe(
        portal === 'https://sso.example.com/' ? 401 : 401,
      );
    }
  });

  it('names two targets (attack 3)', async () => {
    const both = {
      'X-Original-URL': 'https://public.example.com/',
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'one.example.com',
      'X-Forwarded-URI': '/',
    };
    expect((await gateway.ask('GET', '/api/verify', { headers: { Host: 'x', ...both } })).status).toBe(400);
    expect(reasons()).toEqual(['ambiguous_target']);
  });

  it.each([
    'X-Forwarded-Host: two.example.com',
    'X-Original-URL: https://two.example.com/',
    'X-Forwarded-For: 10.0.0.1',
    'Authorization: Basic x',
    'Session-Username: x',
  ])('repeats %s (attack 4)', async (line) => {
    const head = 'GET /api/verify HTTP/1.1\r\nHost: gate\r\nConnection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: one.example.com\r\n';
    expect(await gateway.raw(`${head}${line}\r\n${line}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /);
    expect(reasons()).toEqual(['repeated_header']);
  });

  it('says nothing of its target, at the legacy endpoint with the status that sends to sign in', async () => {
    expect((await gateway.ask('GET', '/api/verify', { headers: { Host: 'one.example.com' } })).status).toBe(401);
    expect((await gateway.ask('GET', '/api/authz/auth-request', { headers: { Host: 'one.example.com' } })).status).toBe(400);
    expect(reasons()).toEqual(['missing_target', 'missing_target']);
  });

  it.each([
    [
      'a client’s X-Original-URL at forward-auth (attack 2)',
      '/api/authz/forward-auth',
      { 'X-Original-URL': 'https://public.example.com/', 'X-Original-Method': 'GET' },
    ],
    [
      'a client’s X-Forwarded-* at auth-request (attack 1)',
      '/api/authz/auth-request',
      { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'public.example.com', 'X-Forwarded-Uri': '/' },
    ],
  ])('has only %s', async (_, path, headers) => {
    expect((await gateway.ask('GET', path, { headers: { Host: 'x', ...headers } })).status).toBe(400);
  });

  it.each(['POST', 'PUT', 'DELETE', 'OPTIONS', 'PATCH'])('asks by %s where only GET and HEAD mean anything', async (method) => {
    for (const path of ['/api/authz/forward-auth', '/api/authz/auth-request']) {
      const answer = await gateway.ask(method, path);
      expect([answer.status, answer.headers.allow, answer.body]).toEqual([405, 'GET, HEAD', '405 Method Not Allowed']);
    }
  });

  it.each([
    'GET / HTTP/1.1\r\n\r\n',
    'GE T /api/verify HTTP/1.1\r\nHost: x\r\n\r\n',
    'GET /api/verify HTTP/1.1\r\nHost: x\r\nremote-user : root\r\n\r\n',
    'nonsense\r\n\r\n',
    'GET /api/verify HTTP/1.1\r\nHost: x\r\nX-Forwarded-Host: a\u0000b\r\n\r\n',
  ])('is no HTTP: %j', async (bytes) => {
    expect(await gateway.raw(bytes)).toMatch(/^HTTP\/1\.1 400 /);
  });

  it('comes from a peer that may not speak for clients (attack 5)', async () => {
    const strict = await Gateway.start({ trustedProxies: ['10.99.99.99'] });
    onTestFinished(() => strict.stop());
    const session = await strict.session.signedIn('bob', 2);
    expect((await strict.verify('https://public.example.com/', { session })).status).toBe(400);
    expect(strict.told).toMatchObject([{ reason: 'untrusted_peer', ip: '127.0.0.1' }]);
  });
});

describe('a fault of ours', () => {
  it.each([false, true])('is 500, and ends no process (after a wait: %s)', async (waiting) => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    const session = await broken.session.signedIn('bob', 2);
    const { policy } = broken.live;
    broken.live.policy = undefined as never;
    const answer = await broken.verify('https://public.example.com/', waiting ? { session } : {});
    expect([answer.status, answer.body, answer.headers['cache-control'], remoteOf(answer)]).toEqual([
      500,
      '',
      'no-store',
      [undefined, undefined, undefined, undefined],
    ]);
    expect(broken.faults).toEqual([expect.any(TypeError)]);
    broken.live.policy = policy;
    expect((await broken.verify(ONE, { session })).status).toBe(200);
  });
});

describe('a path that looks like an endpoint and is none', () => {
  it.each([
    '/api/authz/nothing',
    '/api/authz',
    '/api/verifyx',
    '/authz/forward-auth',
    '/authelia/api/verify',
    '/authelia/api/authz/forward-auth',
    '/API/VERIFY',
    '//api/verify',
    '/api/authz/forward-auth/x',
  ])('%s is 404, never the portal’s page with 200', async (path) => {
    const session = await gateway.session.signedIn('bob', 2);
    for (const method of ['GET', 'POST', 'HEAD', 'OPTIONS']) {
      const { Host, ...forwarded } = {
        Host: 'auth.example.com',
        'X-Forwarded-Proto': 'https',
        'X-Forwarded-Host': 'public.example.com',
        'X-Forwarded-Method': 'GET',
      };
      expect((await gateway.ask(method, path, { session, headers: { Host, ...forwarded } })).status).toBe(404);
    }
  });
});

describe('below a sub-path', () => {
  let below: Gateway;
  beforeAll(async () => {
    below = await Gateway.start({ settings: { subPath: '/authelia' } });
  });
  afterAll(async () => {
    await below.stop();
  });

  it.each(['/api/verify', '/authelia/api/verify', '/api/authz/forward-auth', '/authelia/api/authz/forward-auth'])('%s answers', async (path) => {
    const session = await below.session.signedIn('bob');
    expect((await below.verify(ONE, { session }, path)).headers['remote-user']).toBe('bob');
  });

  it.each(['/authelia/authelia/api/verify', '/autheliax/api/verify', '/other/api/verify', '/authelia/api/authz/nothing'])(
    '%s does not',
    async (path) => {
      expect((await below.verify('https://public.example.com/', {}, path)).status).toBe(404);
    },
  );
});
