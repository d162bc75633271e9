import { RedisUnavailable } from '@portcullis/platform-redis';
import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
let session: string;
beforeAll(async () => {
  gateway = await Gateway.start();
  session = await gateway.session.signedIn('bob');
});
afterAll(async () => {
  await gateway.stop();
});

const PAGES = [
  '/',
  '/logout',
  '/reset-password/step1',
  '/reset-password/step2',
  '/revoke/reset-password?token=x',
  '/revoke/one-time-code?id=x',
  '/enrol',
];
const READS = [
  '/api/health',
  '/health/ready',
  '/api/state',
  '/api/configuration',
  '/api/configuration/password-policy',
  '/api/user/info',
  '/api/secondfactor/totp',
  '/api/user/session/elevation',
  '/api/portal',
  '/api/user/overview',
  '/api/user/history',
  '/api/user/sessions',
  '/api/secondfactor/recovery-codes',
];

describe('every answer of whatever kind carries the security headers', () => {
  const EXPECTED = {
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'x-dns-prefetch-control': 'off',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    'referrer-policy': expect.stringMatching(/^(?:strict-origin-when-cross-origin|same-origin)$/) as string,
    'permissions-policy': expect.stringContaining('camera=()') as string,
    'content-security-policy': expect.stringMatching(/^default-src 'none'/) as string,
  };

  it.each<[string, number, string, string, Parameters<Gateway['ask']>[2]]>([
    ['JSON', 200, 'GET', '/api/health', {}],
    ['a page', 200, 'GET', '/', {}],
    ['a redirect', 303, 'GET', '/enrol', {}],
    ['HEAD', 200, 'HEAD', '/', {}],
    ['an unknown path', 404, 'GET', '/.env', {}],
    ['a wrong method', 405, 'POST', '/api/state', {}],
    ['OPTIONS', 405, 'OPTIONS', '/api/firstfactor', {}],
    ['a guarded route', 403, 'GET', '/api/user/info', {}],
    ['a malformed body', 400, 'POST', '/api/firstfactor', { json: {} }],
    ['another type of body', 415, 'POST', '/api/firstfactor', { body: 'x' }],
    ['a body too large', 413, 'POST', '/api/firstfactor', { json: { username: 'x'.repeat(70_000) } }],
    ['another host', 421, 'GET', '/api/state', { headers: { ...PROXY, 'X-Forwarded-Host': 'evil.test' } }],
    ['a path that cannot be decoded', 400, 'GET', '/%zz', {}],
    ['a path of bytes that are no UTF-8', 400, 'GET', '/%ff', {}],
    ['a path without end', 404, 'DELETE', `/api/user/session/elevation/${'a'.repeat(300)}`, {}],
    ['two session cookies', 400, 'GET', '/', { headers: { ...PROXY, Cookie: 'authelia_session=a; authelia_session=b' } }],
  ])('%s', async (_, status, method, path, asked) => {
    const answer = await gateway.ask(method, path, asked);
    expect([answer.status, answer.headers]).toEqual([status, expect.objectContaining(EXPECTED)]);
    expect(answer.headers).not.toHaveProperty('x-powered-by');
    expect(answer.headers).not.toHaveProperty('server');
  });

  it('and what fails does so as well', async () => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    broken.storeAway = true;
    const unavailable = await broken.ask('GET', '/api/state', { session });
    broken.identity.describe = () => Promise.reject(new TypeError('a bug'));
    broken.storeAway = false;
    const bug = await broken.ask('GET', '/api/user/info', { session: await broken.session.signedIn('bob') });
    expect([unavailable.status, bug.status]).toEqual([503, 500]);
    for (const answer of [unavailable, bug]) expect(answer.headers).toMatchObject(EXPECTED);
  });
});

describe('an unknown path is 404, by any method, signed in or not', () => {
  it.each([
    '/.env',
    '/.git/config',
    '/metrics',
    '/debug/vars',
    '/debug/pprof/',
    '/health/live',
    '/health',
    '/index.html',
    '/nothing',
    '/static/nothing.js',
    '/static/..%2f..%2fconfiguration.yml',
    '/api',
    '/api/',
    '/api/nothing',
    '/api/openapi.yml',
    '/api/user/info/totp',
    '/api/secondfactor/duo',
    '/api/secondfactor/duo_devices',
    '/api/secondfactor/password',
    '/api/firstfactor/passkey',
    '/api/oidc/authorization',
    '/.well-known/openid-configuration',
    '/authelia/',
    '/authelia/api/state',
    '//evil.test/',
    '/api//state',
    '/API/state',
    '/api/state/x',
    '/api%2fstate',
    '/sign-in/x',
  ])('%s', async (path) => {
    for (const method of ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS']) {
      const answer = await gateway.ask(method, path, { session });
      expect([method, answer.status, answer.headers.location]).toEqual([method, 404, undefined]);
      expect(answer.body).toBe(method === 'HEAD' ? '' : '404 Not Found');
    }
  });

  it('also where the request line names a whole URL', async () => {
    const head = 'Host: auth.example.com\r\nConnection: close\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Host: auth.example.com\r\n\r\n';
    expect(await gateway.raw(`GET http://auth.example.com/api/verify HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 404 /);
    expect(await gateway.raw(`OPTIONS * HTTP/1.1\r\n${head}`)).toMatch(/^HTTP\/1\.1 404 /);
  });
});

describe('a known path by another method is 405, and the methods it takes are named', () => {
  it.each([
    ['POST', '/', 'GET, HEAD'],
    ['POST', '/api/state', 'GET, HEAD'],
    ['POST', '/api/state/', 'GET, HEAD'],
    ['DELETE', '/api/health', 'GET, HEAD'],
    ['GET', '/api/firstfactor', 'POST'],
    ['HEAD', '/api/firstfactor', 'POST'],
    ['OPTIONS', '/api/firstfactor', 'POST'],
    ['PATCH', '/api/firstfactor', 'POST'],
    ['GET', '/api/logout', 'POST'],
    ['PUT', '/api/secondfactor/totp', 'GET, HEAD, POST, DELETE'],
    ['PATCH', '/api/secondfactor/totp/register', 'GET, HEAD, POST, PUT, DELETE'],
    ['GET', '/api/reset-password', 'POST, DELETE'],
    ['GET', '/api/user/session/elevation/abc', 'DELETE'],
    ['GET', '/sign-in', 'POST'],
    ['PUT', '/reset-password/step1', 'GET, HEAD, POST'],
  ])('%s %s', async (method, path, allow) => {
    const answer = await gateway.ask(method, path, { session });
    expect([answer.status, answer.headers.allow, answer.body]).toEqual([405, allow, method === 'HEAD' ? '' : '405 Method Not Allowed']);
    expect(answer.headers).not.toHaveProperty('access-control-allow-origin');
  });
});

describe('HEAD is answered wherever GET is', () => {
  it.each([...PAGES, ...READS])('%s', async (path) => {
    const [get, head] = [await gateway.ask('GET', path, { session }), await gateway.ask('HEAD', path, { session })];
    expect([head.status, head.body]).toEqual([get.status, '']);
    expect(head.headers['content-type']).toBe(get.headers['content-type']);
  });
});

it.each(['/api/state/', '/api/state?x=y', '/logout/', '/reset-password/step1/', '/health/ready/'])(
  '%s is the same route, without a redirect',
  async (path) => {
    const answer = await gateway.ask('GET', path, { session });
    expect([answer.status, answer.headers.location]).toEqual([200, undefined]);
  },
);

describe('a body', () => {
  const announced = (bytes: number): string =>
    `POST /api/firstfactor HTTP/1.1\r\nHost: auth.example.com\r\nX-Forwarded-Proto: https\r\nContent-Type: application/json\r\nContent-Length: ${bytes}\r\n\r\n`;

  it('of 64 KiB is read', async () => {
    const json = { username: 'bob', password: 'wrong', pad: '' };
    json.pad = 'x'.repeat(64 * 1024 - JSON.stringify(json).length);
    expect((await gateway.ask('POST', '/api/firstfactor', { json })).status).toBe(401);
    json.pad += 'x';
    expect((await gateway.ask('POST', '/api/firstfactor', { json })).status).toBe(413);
  });

  it('that is announced as larger is not waited for', async () => {
    expect(await gateway.raw(announced(5 * 1024 * 1024))).toMatch(/^HTTP\/1\.1 413 /);
  });

  it('that grows larger than announced by nobody is not read to its end', async () => {
    const chunk = `8000\r\n${'x'.repeat(0x8000)}\r\n`;
    const head = announced(0).replace('Content-Length: 0', 'Transfer-Encoding: chunked');
    expect(await gateway.raw(`${head}${chunk.repeat(4)}`)).toMatch(/^HTTP\/1\.1 413 /);
  });
});

describe('a service that is away', () => {
  it.each([
    ['nobody serves it', new RpcFault('RPC_NO_REPLICA', 'identity.v1.authenticate', 'nobody')],
    ['it is too slow', new RpcFault('RPC_TIMEOUT', 'identity.v1.authenticate', 'late')],
    ['it is full', new RpcFault('RPC_OVERLOADED', 'identity.v1.authenticate', 'full')],
    ['Redis is away', new RedisUnavailable('away')],
  ])('because %s is 503 with Retry-After: nobody is told to check their password', async (_, fault) => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    broken.identity.authenticate = () => Promise.reject(fault);
    for (const asked of [
      { path: '/api/firstfactor', json: { username: 'bob', password: 'x' } },
      { path: '/sign-in', form: { username: 'bob', password: 'x' } },
    ]) {
      const answer = await broken.ask('POST', asked.path, asked);
      expect([answer.status, answer.headers['retry-after'], answer.headers['set-cookie']]).toEqual([503, '2', undefined]);
      expect(answer.body).not.toContain('credentials');
    }
    expect(broken.logged.join()).toContain('a service is away or busy');
  });
});

describe('a bug', () => {
  it('is 500, is logged, and tells the person nothing of itself', async () => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    broken.identity.authenticate = () => Promise.reject(new TypeError('a secret detail'));
    const answer = await broken.ask('POST', '/api/firstfactor', { json: { username: 'bob', password: 'the password' } });
    expect([answer.status, answer.json]).toEqual([500, { status: 'KO', message: expect.not.stringContaining('secret') as string }]);
    expect(broken.logged.join()).toContain('a secret detail');
    expect(broken.logged.join()).not.toContain('the password');
  });
});

describe('health', () => {
  it('says that the process lives, whatever else is away', async () => {
    const answer = await gateway.ask('GET', '/api/health', { headers: { Host: 'x' } });
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
  });

  it('says whether a verify would be answered now', async () => {
    expect((await gateway.ask('GET', '/health/ready')).json).toEqual({ status: 'ready', reasons: [] });
    onTestFinished(() => void (gateway.unready.length = 0));
    gateway.unready.push('sessions cannot be read from Redis');
    const answer = await gateway.ask('GET', '/health/ready');
    expect([answer.status, answer.json]).toEqual([503, { status: 'not ready', reasons: ['sessions cannot be read from Redis'] }]);
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

  it.each([
    '/api/state',
    '/authelia/api/state',
    '/',
    '/authelia',
    '/authelia/',
    '/authelia?rd=x',
    '/authelia/logout',
    '/authelia/api/health',
    '/authelia/health/ready',
  ])('%s answers', async (path) => {
    expect((await below.ask('GET', path)).status).toBe(200);
  });

  it.each(['/autheliax', '/autheliax/api/state', '/authelia/authelia/api/state', '/authelia/.env'])('%s does not', async (path) => {
    expect((await below.ask('GET', path)).status).toBe(404);
  });

  it('the pages lead to where one is', async () => {
    expect((await below.ask('GET', '/authelia/')).body).toContain('action="/authelia/sign-in"');
    expect((await below.ask('GET', '/')).body).toContain('action="/sign-in"');
    expect((await below.ask('GET', '/authelia/enrol')).headers.location).toBe('/authelia/');
  });

  it('a wrong method is told of as above it', async () => {
    expect((await below.ask('POST', '/authelia/api/state')).headers.allow).toBe('GET, HEAD');
  });
});
