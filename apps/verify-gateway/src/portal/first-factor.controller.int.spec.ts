import { RpcFault } from '@portcullis/platform-rpc';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { DEVICE_TOKEN, passwordOf } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const bob = { username: 'bob', password: passwordOf('bob') };
const signIn = (json: unknown, asked: Parameters<Gateway['ask']>[2] = {}): Promise<Answer> =>
  gateway.ask('POST', '/api/firstfactor', { json, ...asked });
const stateOf = async (session: string | undefined): Promise<unknown> => (await gateway.ask('GET', '/api/state', { session })).json.data;
const KO = { status: 'KO', message: 'Authentication failed. Check your credentials.' };
const hostAttributes = 'Path=/; HttpOnly; Secure; SameSite=Lax';
const domainAttributes = `Domain=example.com; ${hostAttributes}`;

describe('POST /api/firstfactor', () => {
  it('with the right password begins a session', async () => {
    const answer = await signIn(bob);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    expect(answer.headers['set-cookie']).toEqual([
      expect.stringMatching(new RegExp(`^authelia_session=[\\w-]{43}; Expires=[^;]+ GMT; ${domainAttributes}$`)),
      expect.stringMatching(new RegExp(`^portcullis_device=${DEVICE_TOKEN}; Expires=[^;]+ GMT; ${hostAttributes}$`)),
    ]);
    expect(await stateOf(cookieOf(answer))).toMatchObject({ username: 'bob', authentication_level: 1 });
  });

  describe('from a browser', () => {
    const device = (answer: Answer): string | undefined => cookieOf(answer, 'portcullis_device');

    it('that is known by its cookie says which, and keeps it; so does the form', async () => {
      const headers = { ...PROXY, 'User-Agent': 'Firefox', Cookie: `portcullis_device=${'k'.repeat(43)}` };
      const answers = [
        await signIn(bob, { headers: { ...headers, 'Content-Type': 'application/json' } }),
        await gateway.ask('POST', '/sign-in', { form: bob, headers: { ...headers, 'Content-Type': 'application/x-www-form-urlencoded' } }),
      ];
      for (const answer of answers) {
        expect(device(answer)).toBe('k'.repeat(43));
        const { handle } = gateway.session.records.get(cookieOf(answer) ?? '') ?? {};
        const known = { userAgent: 'Firefox', deviceToken: 'k'.repeat(43) };
        expect(gateway.identity.asked('recordSignIn')).toContainEqual({
          username: 'bob',
          handle,
          domain: 'example.com',
          ip: '203.0.113.7',
          ...known,
        });
      }
    });

    it.each(['', 'portcullis_device=', 'portcullis_device="x"', `portcullis_device=${'k'.repeat(257)}`, 'portcullis_device=a; portcullis_device=b'])(
      'with the cookies %j is known by none',
      async (cookie) => {
        await signIn(bob, { headers: { ...PROXY, Cookie: cookie, 'Content-Type': 'application/json' } });
        expect(gateway.identity.asked('recordSignIn').at(-1)).toMatchObject({ deviceToken: null });
      },
    );

    it('signs in though nobody can be told of a new one, and the log says so', async () => {
      const { recordSignIn } = gateway.identity;
      onTestFinished(() => void (gateway.identity.recordSignIn = recordSignIn));
      gateway.identity.recordSignIn = () => Promise.reject(new RpcFault('RPC_TIMEOUT', 'identity.v1.recordSignIn', 'late'));
      const answer = await signIn(bob);
      expect([answer.status, device(answer)]).toEqual([200, undefined]);
      expect(await stateOf(cookieOf(answer))).toMatchObject({ authentication_level: 1 });
      expect(gateway.logged.at(-1)).toContain('nobody is told of a new one');
    });

    it('is not written down where the password is wrong', async () => {
      const before = gateway.identity.asked('recordSignIn').length;
      expect(device(await signIn({ ...bob, password: 'wrong' }))).toBeUndefined();
      expect(gateway.identity.asked('recordSignIn')).toHaveLength(before);
    });
  });

  it('tells identity where it comes from', async () => {
    await signIn({ ...bob, targetURL: 'https://one.example.com/a', requestMethod: 'POST' });
    expect(gateway.identity.asked('authenticate').at(-1)).toEqual({
      ...bob,
      origin: {
        ip: '203.0.113.7',
        method: 'POST',
        path: '/api/firstfactor',
        via: 'portal',
        targetUrl: 'https://one.example.com/a',
        targetMethod: 'POST',
      },
    });
  });

  it.each<[string, unknown]>([
    ['a wrong password', { ...bob, password: 'wrong' }],
    ['an unknown name', { ...bob, username: 'nobody' }],
    ['a name with a NUL', { ...bob, username: 'bob\u0000' }],
  ])('with %s is 401, and nothing changes (attack 75)', async (_, json) => {
    const before = gateway.session.records.size;
    const answer = await signIn(json);
    expect([answer.status, answer.json, cookieOf(answer), gateway.session.records.size]).toEqual([401, KO, undefined, before]);
  });

  it.each<[string, unknown]>([
    ['no name', { password: 'x' }],
    ['no password', { username: 'bob' }],
    ['an empty name', { ...bob, username: '' }],
    ['an empty password', { ...bob, password: '' }],
    ['a number for a name', { ...bob, username: 1 }],
    ['a number for a password', { ...bob, password: 1 }],
    ['a list', []],
    ['null', null],
    ['a password of more than 4096 characters (attack 34)', { ...bob, password: 'x'.repeat(4097) }],
  ])('with %s is 400 and no attempt', async (_, json) => {
    const attempts = gateway.identity.asked('authenticate').length;
    const answer = await signIn(json);
    expect([answer.status, answer.json.status, gateway.identity.asked('authenticate').length]).toEqual([400, 'KO', attempts]);
  });

  it('takes field names in any case, and ignores the ones it does not know', async () => {
    expect((await signIn({ USERNAME: 'bob', Password: passwordOf('bob'), admin: true, flow: 'nonsense' })).status).toBe(200);
  });

  it('remembers who wants it', async () => {
    const days = (answer: Answer): number =>
      (Date.parse(/Expires=([^;]+)/.exec(String(answer.headers['set-cookie']))?.[1] ?? '') - Date.now()) / 86_400_000;
    expect(days(await signIn({ ...bob, keepMeLoggedIn: true }))).toBeGreaterThan(29);
    expect(days(await signIn({ ...bob, keepMeLoggedIn: null }))).toBeLessThan(1);
  });

  it('never adopts an id that the client chose (attack 45)', async () => {
    const chosen = 'C'.repeat(43);
    const answer = await signIn(bob, { session: chosen });
    expect(cookieOf(answer)).not.toBe(chosen);
    expect(await stateOf(chosen)).toMatchObject({ authentication_level: 0 });
  });

  it('ends the session that one had, and a failed try does not', async () => {
    const first = await gateway.session.signedIn('alice', 2);
    expect((await signIn({ ...bob, password: 'wrong' }, { session: first })).status).toBe(401);
    expect(await stateOf(first)).toMatchObject({ username: 'alice', authentication_level: 2 });
    const second = cookieOf(await signIn(bob, { session: first }));
    expect([await stateOf(first), await stateOf(second)]).toMatchObject([{ username: '' }, { username: 'bob', authentication_level: 1 }]);
  });

  it.each<[string, string, unknown]>([
    ['a safe target', 'https://one.example.com/a?b=c#d', { redirect: 'https://one.example.com/a?b=c#d' }],
    ['one that asks for two factors', 'https://two.example.com/', undefined],
    ['one that will answer 403', 'https://deny.example.com/', { forbidden: true }],
    ['one of another cookie domain', 'https://x.other.test/', { portal: 'https://auth.other.test/' }],
    ['a strange one', 'https://evil.test/', undefined],
    ['plain http', 'http://one.example.com/', undefined],
    ['no dot', 'https://localhost/', undefined],
    ['a script', 'javascript:alert(1)', undefined],
    ['one that is too long', `https://one.example.com/${'a'.repeat(9000)}`, undefined],
    ['half a character', 'https://one.example.com/\ud800', undefined],
  ])('with %s for a target signs in all the same (attacks 54, 69)', async (_, targetURL, data) => {
    const answer = await signIn({ ...bob, targetURL });
    expect([answer.status, answer.json]).toEqual([200, data === undefined ? { status: 'OK' } : { status: 'OK', data }]);
    expect(cookieOf(answer)).toMatch(/^[\w-]{43}$/);
  });

  it('with a target that is no text signs in all the same', async () => {
    expect((await signIn({ ...bob, targetURL: 1 })).status).toBe(200);
  });

  it('by the portal of another domain begins a session there', async () => {
    const headers = { ...PROXY, 'X-Forwarded-Host': 'auth.other.test' };
    const answer = await signIn({ ...bob, targetURL: 'https://x.other.test/' }, { headers });
    expect(answer.json.data).toEqual({ redirect: 'https://x.other.test/' });
    expect(String(answer.headers['set-cookie'])).toContain('Domain=other.test;');
  });

  it('goes home where no rule asks for a second factor', async () => {
    const simple = await Gateway.start({ rules: [] });
    onTestFinished(() => simple.stop());
    expect((await simple.ask('POST', '/api/firstfactor', { json: bob })).json.data).toEqual({ redirect: 'https://www.example.com' });
  });

  it('is not chosen a domain by X-Original-URL (attack 78)', async () => {
    const answer = await signIn(bob, { headers: { ...PROXY, 'X-Original-URL': 'https://auth.other.test/' } });
    expect(String(answer.headers['set-cookie'])).toContain('Domain=example.com;');
  });
});

describe('POST /api/firstfactor/reauthenticate', () => {
  const again = (json: unknown, session?: string): Promise<Answer> => gateway.ask('POST', '/api/firstfactor/reauthenticate', { json, session });

  it('renews the time of the password, under a new id', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await again({ password: passwordOf('bob') }, session);
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK' }]);
    expect([await stateOf(session), await stateOf(cookieOf(answer))]).toMatchObject([{ username: '' }, { username: 'bob' }]);
    expect(gateway.identity.asked('authenticate').at(-1)).toMatchObject({ username: 'bob', origin: { via: 'reauthentication' } });
  });

  it('with a wrong password is 401, and the session as it was', async () => {
    const session = await gateway.session.signedIn('bob', 2);
    const answer = await again({ password: 'wrong' }, session);
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([401, KO, undefined]);
    expect(await stateOf(session)).toMatchObject({ authentication_level: 2 });
  });

  it('is for people who are signed in', async () => {
    const answer = await again({ password: 'x' });
    expect([answer.status, answer.body]).toEqual([403, '403 Forbidden']);
  });
});

describe('POST /api/logout', () => {
  const logout = (asked: Parameters<Gateway['ask']>[2]): Promise<Answer> => gateway.ask('POST', '/api/logout', asked);

  it('ends the session, and takes its cookie with every attribute it was set with', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await logout({ session, json: {} });
    expect([answer.status, answer.json]).toEqual([200, { status: 'OK', data: { safeTargetURL: false } }]);
    expect(answer.headers['set-cookie']).toEqual([`authelia_session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; ${domainAttributes}`]);
    expect(gateway.session.ended.at(-1)).toEqual([session, 'logout']);
    expect(await stateOf(session)).toMatchObject({ username: '' });
  });

  it.each<[string, Parameters<Gateway['ask']>[2], boolean]>([
    ['no body', {}, false],
    ['a safe target', { json: { targetURL: 'https://one.example.com/' } }, true],
    ['an unsafe target', { json: { targetURL: 'https://evil.test/' } }, false],
    ['a plain http target', { json: { targetURL: 'http://one.example.com/' } }, false],
    ['a target that is no text', { json: { targetURL: 1 } }, false],
  ])('with %s', async (_, asked, safeTargetURL) => {
    const session = await gateway.session.signedIn('bob');
    const answer = await logout({ ...asked, session });
    expect([answer.json.data, cookieOf(answer)]).toEqual([{ safeTargetURL }, '']);
  });

  it('twice, or signed out, is as good as once', async () => {
    const session = await gateway.session.signedIn('bob');
    await logout({ session });
    expect((await logout({ session })).status).toBe(200);
    expect((await logout({})).json).toEqual({ status: 'OK', data: { safeTargetURL: false } });
  });

  it('says nothing of success, and leaves the cookie, while the session is not known to be dead (attack 71)', async () => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    const session = await broken.session.signedIn('bob');
    broken.storeAway = true;
    const answer = await broken.ask('POST', '/api/logout', { session });
    expect([answer.status, answer.headers['set-cookie'], answer.json.status]).toEqual([503, undefined, 'KO']);
    expect(broken.session.records.has(session)).toBe(true);
  });

  it('by GET signs nobody out', async () => {
    const session = await gateway.session.signedIn('bob');
    await gateway.ask('GET', '/logout', { session });
    expect(await stateOf(session)).toMatchObject({ username: 'bob' });
  });
});

describe('GET /api/state', () => {
  it.each([
    [undefined, { username: '', authentication_level: 0, factor_knowledge: false, default_redirection_url: 'https://www.example.com' }],
    [1, { username: 'bob', authentication_level: 1, factor_knowledge: true, default_redirection_url: 'https://www.example.com' }],
    [2, { username: 'bob', authentication_level: 2, factor_knowledge: true, default_redirection_url: 'https://www.example.com' }],
  ] as const)('at level %s', async (level, data) => {
    const answer = await gateway.ask('GET', '/api/state', {
      session: level === undefined ? undefined : await gateway.session.signedIn('bob', level),
    });
    expect([answer.status, answer.json, cookieOf(answer)]).toEqual([200, { status: 'OK', data }, undefined]);
  });

  it('at the portal of a domain without a home names none', async () => {
    const answer = await gateway.ask('GET', '/api/state', { headers: { ...PROXY, 'X-Forwarded-Host': 'auth.other.test' } });
    expect(answer.json.data).toEqual({ username: '', authentication_level: 0, factor_knowledge: false });
  });

  it('with a session of another domain is nobody, and ends it (attack 51)', async () => {
    const session = await gateway.session.signedIn('bob');
    const answer = await gateway.ask('GET', '/api/state', { session, headers: { ...PROXY, 'X-Forwarded-Host': 'auth.other.test' } });
    expect(answer.json.data).toMatchObject({ username: '' });
    expect(gateway.session.ended).toContainEqual([session, 'moved_domain']);
  });
});

describe('POST /api/checks/safe-redirection', () => {
  const check = async (uri: unknown): Promise<unknown> =>
    (await gateway.ask('POST', '/api/checks/safe-redirection', { json: { uri }, session: await gateway.session.signedIn('bob') })).json;

  it.each([
    ['https://one.example.com/', true],
    ['https://EXAMPLE.com/', true],
    ['https://one.example.com:8443/x?y#z', true],
    ['wss://one.example.com/', true],
    ['https://x.other.test/', true],
    ['http://one.example.com/', false],
    ['https://one.example.com.evil.test/', false],
    ['https://one.example.com@evil.test/', false],
    ['https://one.example.com./', false],
    ['//one.example.com/', false],
    ['/x', false],
    ['ftp://one.example.com/', false],
  ])('%s: %s', async (uri, ok) => {
    expect(await check(uri)).toEqual({ status: 'OK', data: { ok } });
  });

  it.each([['https://one.example.com\\@evil.test/'], ['nonsense'], ['two words'], [undefined]])('%j is no address', async (uri) => {
    expect(await check(uri)).toEqual({ status: 'KO', message: 'Operation failed.' });
  });

  it('is for people who are signed in', async () => {
    const answer = await gateway.ask('POST', '/api/checks/safe-redirection', { json: { uri: 'https://one.example.com/' } });
    expect([answer.status, answer.body]).toEqual([401, '401 Unauthorized']);
  });
});
