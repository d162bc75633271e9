import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { passwordOf } from '../fake-identity.fixture.js';
import { type Answer, Gateway } from '../gateway.fixture.js';

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
const nobody = ['', '', '', ''];
const ONE = 'https://one.example.com/';
const basic = (text: string): string => `Basic ${Buffer.from(text).toString('base64')}`;
const original = (url: string, more: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  gateway.ask('GET', '/api/authz/auth-request', {
    headers: { Host: '127.0.0.1', 'X-Original-URL': url, 'X-Original-Method': 'GET', Accept: 'text/html', ...more },
  });

describe('somebody who may', () => {
  it('is let in with who they are', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await gateway.verify(ONE, { session });
    expect([answer.status, answer.body, answer.headers['content-length']]).toEqual([200, '', '0']);
    expect(remoteOf(answer)).toEqual(['bob', 'users', 'The bob', 'bob@example.com']);
  });

  it('is let in by every endpoint', async () => {
    const session = await gateway.session.signedIn('bob');
    const cookie = { Cookie: `authelia_session=${session}` };
    const answers = [
      await gateway.verify(ONE, { session }),
      await gateway.verify(ONE, { session }, '/api/verify'),
      await gateway.verify(ONE, { session }, '/api/verify/anything?rd=https%3A%2F%2Fauth.example.com'),
      await original(ONE, cookie),
      await gateway.ask('PUT', '/api/authz/ext-authz//x?y', { headers: { Host: 'one.example.com', 'X-Forwarded-Proto': 'https', ...cookie } }),
      await gateway.ask('HEAD', '/api/authz/auth-request', { headers: { Host: 'x', 'X-Original-URL': ONE, 'X-Original-Method': 'GET', ...cookie } }),
    ];
    expect(answers.map((answer) => [answer.status, answer.headers['remote-user']])).toEqual(answers.map(() => [200, 'bob']));
  });

  it('is let in by a password in a header, at one factor (attack 36)', async () => {
    const authorization = basic(`bob:${passwordOf('bob')}`);
    expect((await gateway.verify(ONE, { Authorization: authorization })).headers['remote-user']).toBe('bob');
    const two = await gateway.verify('https://two.example.com/?code=x', { Authorization: authorization });
    expect([two.status, two.headers['www-authenticate'], two.headers.location]).toEqual([401, 'Basic realm="Authorization Required"', undefined]);
    expect(gateway.identity.asked('authenticate').at(-1)).toEqual({
      username: 'bob',
      password: passwordOf('bob'),
      origin: { ip: '203.0.113.7', method: 'GET', path: '/', via: 'basic', targetUrl: 'https://two.example.com/?code=x', targetMethod: 'GET' },
    });
  });

  it('is let in as nobody where everybody is, with all four headers empty (attack 6)', async () => {
    const answer = await gateway.verify('https://public.example.com/', { 'Remote-User': 'root', 'remote-groups': 'admins' });
    expect([answer.status, remoteOf(answer)]).toEqual([200, nobody]);
  });

  it('is named where everybody is let in, too', async () => {
    expect((await gateway.verify('https://public.example.com/', { session: await gateway.session.signedIn('bob', 2) })).headers['remote-user']).toBe(
      'bob',
    );
  });
});

describe('the query at an ExtAuthz endpoint', () => {
  const statusAt = async (endpoint: string, uri: string): Promise<number> => {
    const session = await gateway.session.signedIn('bob');
    const headers = { Host: 'query.example.com', 'X-Forwarded-Proto': 'https', Accept: 'text/html', Cookie: `authelia_session=${session}` };
    return (await gateway.ask('GET', `/api/authz/${endpoint}/${uri}`, { headers })).status;
  };

  it.each([
    ['/', 200, 200],
    ['/?token=abc', 200, 200],
    ['/?admin=1', 200, 403],
    ['/?private=1', 200, 302],
    ['/?private=1;', 200, 302],
    ['/?admin=1&token=abc', 200, 200],
    ['/?a\\b', 200, 400],
  ])('%s is not there out of the box (%i), and closes what it can where the operator names the endpoint (%i)', async (uri, unnamed, named) => {
    expect([await statusAt('ext-authz', uri), await statusAt('envoy', uri)]).toEqual([unnamed, named]);
  });

  it('opens nothing', async () => {
    const headers = { Host: 'query.example.com', 'X-Forwarded-Proto': 'https', Accept: 'text/html' };
    expect((await gateway.verify('https://query.example.com/?token=abc')).status).toBe(200);
    expect((await gateway.ask('GET', '/api/authz/envoy//?token=abc', { headers })).status).toBe(302);
  });

  it('stays out of the redirect', async () => {
    const headers = { Host: 'two.example.com', 'X-Forwarded-Proto': 'https', Accept: 'text/html' };
    expect((await gateway.ask('GET', '/api/authz/envoy//x?code=1', { headers })).headers.location).toBe(
      'https://auth.example.com/?rd=https%3A%2F%2Ftwo.example.com%2Fx&rm=GET',
    );
  });
});

describe('somebody who may not', () => {
  it('yet is sent to sign in, and back', async () => {
    const answer = await gateway.verify(`${ONE}a?b=c`);
    expect([answer.status, answer.headers.location]).toEqual([302, 'https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2Fa%3Fb%3Dc&rm=GET']);
    expect(remoteOf(answer)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('by a script, or through nginx, is told 401 and where', async () => {
    const location = 'https://auth.example.com/?rd=https%3A%2F%2Fone.example.com%2F&rm=GET';
    for (const answer of [await gateway.verify(ONE, { Accept: 'application/json' }), await original(ONE)]) {
      expect([answer.status, answer.headers.location, answer.body, answer.headers['content-length']]).toEqual([401, location, '', '0']);
    }
  });

  it('with one factor where two are asked for is sent to give the other', async () => {
    expect((await gateway.verify('https://two.example.com/', { session: await gateway.session.signedIn('bob') })).status).toBe(302);
    expect((await gateway.verify('https://two.example.com/', { session: await gateway.session.signedIn('bob', 2) })).status).toBe(200);
  });

  it.each(['https://deny.example.com/', 'https://unknown.example.com/'])('ever is told 403, signed in or not: %s', async (url) => {
    const session = await gateway.session.signedIn('bob', 2);
    expect([(await gateway.verify(url)).status, (await gateway.verify(url, { session })).status, (await original(url)).status]).toEqual([
      403, 403, 403,
    ]);
  });

  it('as who they are is told 403, and as a stranger is asked who they are', async () => {
    const session = await gateway.session.signedIn('bob', 2);
    expect((await gateway.verify('https://admin.example.com/', { session })).status).toBe(403);
    expect((await gateway.verify('https://admin.example.com/')).status).toBe(302);
  });

  it.each([basic('bob:wrong'), basic('bob'), 'Basic !!!', 'Basic '])('with %j is asked again, cookie or not', async (authorization) => {
    const session = await gateway.session.signedIn('bob');
    const answer = await gateway.verify(ONE, { Authorization: authorization, session });
    expect([answer.status, answer.headers['www-authenticate']]).toEqual([401, 'Basic realm="Authorization Required"']);
    expect((await gateway.verify('https://public.example.com/', { Authorization: authorization })).status).toBe(200);
  });

  it('at the portal’s own host is not let in for that (attack 18)', async () => {
    for (const url of ['https://auth.example.com/', 'https://auth.example.com/api/health', 'https://auth.example.com/api/verify']) {
      expect((await gateway.verify(url)).status).toBe(403);
    }
  });

  it.each(['kube-probe/1.29', 'GoogleHC/1.0', 'Amazon-Route53-Health-Check-Service', 'ELB-HealthChecker/2.0'])(
    'as %s is nobody special (attack 19)',
    async (agent) => {
      expect((await gateway.verify(ONE, { 'User-Agent': agent })).status).toBe(302);
    },
  );

  it('by a method of the request alone is judged by that of the target (attack 20)', async () => {
    const api = 'https://api.example.com/private';
    expect((await gateway.verify(api, { 'X-HTTP-Method-Override': 'OPTIONS' })).status).toBe(302);
    expect((await gateway.verify(api, { 'X-Forwarded-Method': 'OPTIONS' })).status).toBe(200);
    expect((await gateway.verify(ONE, { 'X-Forwarded-Method': 'OPTIONS' })).status).toBe(302);
  });

  it('by a path that can be read in two ways is judged by the stricter (attacks 10, 11)', async () => {
    for (const path of [
      '/public/../private',
      '/public/%2e%2e/private',
      '/public/..%2fprivate',
      '/public/%252e%252e%252fprivate',
      '/public/..%5cprivate',
      '/public;/../private',
    ]) {
      expect([path, (await gateway.verify(`https://api.example.com${path}`)).status]).toEqual([path, 302]);
    }
    expect((await gateway.verify('https://api.example.com/public/a')).status).toBe(200);
  });
});

describe('a cookie', () => {
  it.each(['', 'garbage', 'A'.repeat(43), `${'A'.repeat(43)}B`, '%00', '"x"'])('that is %j is nobody’s (attack 8)', async (value) => {
    expect((await gateway.verify(ONE, { Cookie: `authelia_session=${value}` })).status).toBe(302);
  });

  it('that comes twice is refused, and nothing is ended (attack 53)', async () => {
    const session = await gateway.session.signedIn('bob');
    const twice = `authelia_session=${session}; authelia_session=${session}`;
    expect((await gateway.verify(ONE, { Cookie: twice })).status).toBe(400);
    expect((await gateway.verify(ONE, { session })).status).toBe(200);
  });

  it('among a thousand is found, and more than a head may hold is refused (attack 53)', async () => {
    const session = await gateway.session.signedIn('bob');
    const many = Array.from({ length: 1000 }, (_, i) => `c${i}=`).join(';');
    expect((await gateway.verify(ONE, { Cookie: `${many}; authelia_session=${session}` })).status).toBe(200);
    expect((await gateway.verify(ONE, { Cookie: `a=${'x'.repeat(9000)}; authelia_session=${session}` })).status).toBe(431);
  });

  it('of another cookie domain is refused and its session ended (attack 51)', async () => {
    const session = await gateway.session.signedIn('bob');
    expect((await gateway.verify('https://x.other.test/', { session })).status).toBe(302);
    expect(gateway.session.ended).toContainEqual([session, 'moved_domain']);
  });

  it('of somebody else than Session-Username is ended', async () => {
    const session = await gateway.session.signedIn('bob');
    expect((await gateway.verify(ONE, { session, 'Session-Username': 'BOB' })).status).toBe(200);
    expect((await gateway.verify(ONE, { session, 'Session-Username': 'alice' })).status).toBe(302);
    expect(gateway.session.records.has(session)).toBe(false);
  });
});

describe('while it cannot be told who asks', () => {
  it('who must be known is told to come again: 503, never the way to sign in', async () => {
    const session = await gateway.session.signedIn('bob', 2);
    gateway.storeAway = true;
    for (const url of [ONE, 'https://two.example.com/', 'https://admin.example.com/']) {
      const answer = await gateway.verify(url, { session });
      expect([answer.status, answer.headers['retry-after'], answer.headers.location, answer.body]).toEqual([503, '2', undefined, '']);
    }
    expect(gateway.told).toMatchObject([{ result: 'unavailable', fault: { message: 'Redis does not answer' } }, {}, {}]);
  });

  it('what is open to everybody is open, and what is closed to everybody closed', async () => {
    const session = await gateway.session.signedIn('bob', 2);
    gateway.storeAway = true;
    const open = await gateway.verify('https://public.example.com/', { session });
    expect([open.status, remoteOf(open)]).toEqual([200, nobody]);
    expect((await gateway.verify('https://deny.example.com/', { session })).status).toBe(403);
  });

  it('who shows nothing is sent to sign in as ever', async () => {
    gateway.storeAway = true;
    expect((await gateway.verify(ONE)).status).toBe(302);
  });

  it('a password that cannot be checked is not wrong', async () => {
    const right = gateway.identity.authenticate;
    onTestFinished(() => void (gateway.identity.authenticate = right));
    gateway.identity.authenticate = () => Promise.reject(new RpcFault('RPC_OVERLOADED', 'identity.v1.authenticate', 'the lane is full'));
    const answer = await gateway.verify(ONE, { Authorization: basic(`bob:${passwordOf('bob')}`) });
    expect([answer.status, answer.headers['retry-after'], answer.headers['www-authenticate']]).toEqual([503, '2', undefined]);
  });
});

it('every refusal is told with the number that the proxy gave the request', async () => {
  const number = { 'X-Request-Id': '0af7651916cd43dd8448eb211c80319c' };
  await gateway.verify('https://deny.example.com/', number);
  await gateway.verify(ONE, number);
  await gateway.verify('https://elsewhere.test/', number);
  gateway.storeAway = true;
  await gateway.verify(ONE, { ...number, session: 'x'.repeat(43) });
  expect(gateway.told.map(({ result, requestId }) => [result, requestId])).toEqual(
    ['forbidden', 'sign_in', 'refused', 'unavailable'].map((result) => [result, number['X-Request-Id']]),
  );
});
