import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { CODE, passwordOf, RECOVERY_CODES } from '../fake-identity.fixture.js';
import { type Answer, cookieOf, Gateway, PROXY } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

const ONE = 'https://one.example.com/a?b=c';
const OWN = { ...PROXY, Origin: 'https://auth.example.com', 'Sec-Fetch-Site': 'same-origin' };
const get = (path: string, session?: string): Promise<Answer> => gateway.ask('GET', path, { session });
const post = (path: string, form: Readonly<Record<string, string>>, session?: string): Promise<Answer> =>
  gateway.ask('POST', path, { form, session, headers: OWN });
const query = (fields: Readonly<Record<string, string>>): string => `?${new URLSearchParams(fields).toString()}`;
const titleOf = ({ body }: Answer): string | undefined => /<h1>(.*?)<\/h1>/.exec(body)?.[1];
/** The hidden fields of a page's form. */
const hiddenOf = ({ body }: Answer): unknown =>
  Object.fromEntries(
    [...body.matchAll(/type="hidden" name="(\w+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')]),
  );
const TWO = 'https://two.example.com/';
const bob = { username: 'bob', password: passwordOf('bob') };

describe('GET /', () => {
  it('asks a stranger for name and password, and keeps where they were going', async () => {
    const answer = await get(`/${query({ rd: ONE, rm: 'POST' })}`);
    expect([answer.status, titleOf(answer), hiddenOf(answer)]).toEqual([200, 'Sign in', { rd: ONE, rm: 'POST' }]);
    expect(answer.body).toContain('to continue to one.example.com');
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(answer.headers['set-cookie']).toBeUndefined();
  });

  it('takes an rd that was not encoded as it was meant', async () => {
    expect(hiddenOf(await get(`/?rd=${ONE}`))).toMatchObject({ rd: ONE });
  });

  it.each(['https://evil.test/', '//evil.test', 'javascript:alert(1)', '"><script>alert(1)</script>'])(
    'names no site that is not protected here: %s',
    async (rd) => {
      const { body } = await get(`/${query({ rd })}`);
      expect(body).not.toContain('to continue to');
      expect(body).not.toContain('<script');
      expect(body).not.toMatch(/href="(?:https:\/\/evil|\/\/evil|javascript)/);
    },
  );

  it('asks who has one of two factors for the other', async () => {
    const answer = await get(`/${query({ rd: TWO })}`, await gateway.session.signedIn('alice'));
    expect([titleOf(answer), hiddenOf(answer)]).toEqual(['Second factor', { rd: TWO, rm: '' }]);
  });

  it('sends who has no second factor yet to set one up', async () => {
    expect(titleOf(await get(`/${query({ rd: TWO })}`, await gateway.session.signedIn('bob')))).toBe('One more step');
  });

  it.each([
    ['alice', '/second-factor'],
    ['bob', '/enrol'],
  ])('asks %s, who is going nowhere, for nothing, and offers %s', async (name, offer) => {
    const answer = await get('/', await gateway.session.signedIn(name));
    expect(titleOf(answer)).toBe('Signed in');
    expect(answer.body).toContain(`<a class="button" href="${offer}">`);
    expect((await get('/', await gateway.session.signedIn(name, 2))).body).not.toContain('class="button" ');
  });

  it('sends who has enough on to where they were going', async () => {
    const answer = await get(`/${query({ rd: ONE })}`, await gateway.session.signedIn('bob'));
    expect([answer.status, answer.headers.location]).toEqual([303, ONE]);
  });

  it('explains a site that will say no, instead of sending there', async () => {
    const answer = await get(`/${query({ rd: 'https://deny.example.com/' })}`, await gateway.session.signedIn('bob', 2));
    expect([answer.status, titleOf(answer)]).toEqual([403, 'No access']);
  });

  it('names the portal of another cookie domain', async () => {
    const answer = await get(`/${query({ rd: 'https://x.other.test/' })}`, await gateway.session.signedIn('bob', 2));
    expect([titleOf(answer), answer.body]).toEqual(['Another portal', expect.stringContaining('href="https://auth.other.test/"') as string]);
  });

  it('says who one is', async () => {
    const profile = { username: 'bob', displayName: '<b>Bob</b>', emails: [], groups: [] };
    const answer = await get('/', await gateway.session.signedIn('bob', 2, { profile }));
    expect([titleOf(answer), answer.body]).toEqual([
      'Signed in',
      expect.stringContaining('signed in as &lt;b&gt;Bob&lt;/b&gt;, with two factors') as string,
    ]);
  });
});

it('who is signed in sees their groups, and the sites they may open with the factor each needs, as text', async () => {
  const profile = { username: 'bob', displayName: 'Bob', emails: [], groups: ['<i>users</i>'] };
  const { body } = await get('/', await gateway.session.signedIn('bob', 2, { profile }));
  expect(body).toContain('<li>&lt;i&gt;users&lt;/i&gt;</li>');
  expect(body).toContain('<li><a href="https://two.example.com/">two.example.com</a><span>password and code</span></li>');
  expect(body).not.toContain('deny.example.com');
});

it('the sites one may open are at the scheme and port of the portal, as they are behind the same proxy', async () => {
  const headers = { ...PROXY, 'X-Forwarded-Host': 'auth.example.com:8443' };
  const { body } = await gateway.ask('GET', '/', { session: await gateway.session.signedIn('bob', 2), headers });
  expect(body).toContain('<a href="https://two.example.com:8443/">two.example.com</a>');
});

describe('POST /sign-in', () => {
  it('with the right password goes on', async () => {
    const answer = await post('/sign-in', { ...bob, rd: ONE, rm: 'GET' });
    expect([answer.status, answer.headers.location, cookieOf(answer)]).toEqual([303, ONE, expect.stringMatching(/^[\w-]{43}$/)]);
  });

  it('to a site that asks for two factors stays for the other', async () => {
    const rd = 'https://two.example.com/';
    expect((await post('/sign-in', { ...bob, rd })).headers.location).toBe(`/${query({ rd })}`);
  });

  it('with a wrong password asks again, and keeps the name and the way', async () => {
    const answer = await post('/sign-in', { username: '"bob"', password: 'wrong', rd: ONE });
    expect([answer.status, cookieOf(answer), hiddenOf(answer)]).toEqual([401, undefined, { rd: ONE, rm: '' }]);
    expect(answer.body).toContain('role="alert">Sign-in failed. Check your user name and your password.');
    expect(answer.body).toContain('value="&#34;bob&#34;"');
    expect(answer.body).not.toContain('wrong');
  });

  it.each([{ username: '', password: 'x' }, { username: 'bob', password: '' }, {}])('with %j is 400 and no attempt', async (form) => {
    const attempts = gateway.identity.asked('authenticate').length;
    expect([(await post('/sign-in', form)).status, gateway.identity.asked('authenticate').length]).toEqual([400, attempts]);
  });

  it('remembers who ticks the box', async () => {
    const answer = await post('/sign-in', { ...bob, remember: 'on' });
    expect(gateway.session.records.get(cookieOf(answer) ?? '')?.remembered).toBe(true);
  });

  it.each(['https://evil.test/', '//evil.test/', 'https://localhost/', 'javascript:alert(1)', 'https://u:p@one.example.com/'])(
    'with %s for a target never leads there (attack 54)',
    async (rd) => {
      const answer = await post('/sign-in', { ...bob, rd });
      expect([answer.status, answer.headers.location?.startsWith('/?rd=')]).toEqual([303, true]);
      expect(titleOf(await gateway.ask('GET', answer.headers.location ?? '', { session: cookieOf(answer) }))).toBe('Signed in');
    },
  );

  it('with a target beyond ASCII is sent there in ASCII', async () => {
    const answer = await post('/sign-in', { ...bob, rd: 'https://one.example.com/a?q=日本é' });
    expect([answer.status, answer.headers.location]).toEqual([303, 'https://one.example.com/a?q=%E6%97%A5%E6%9C%AC%C3%A9']);
  });

  it('takes no JSON: that has a route of its own', async () => {
    expect((await gateway.ask('POST', '/sign-in', { json: bob, headers: OWN })).status).toBe(415);
  });
});

describe('GET /second-factor', () => {
  it('asks who lacks it for the code, or a recovery code, and keeps where they were going', async () => {
    const session = await gateway.session.signedIn('alice');
    for (const [path, title] of [
      ['/second-factor', 'Second factor'],
      ['/second-factor/recovery', 'Recovery code'],
    ]) {
      const answer = await get(`${path}${query({ rd: TWO })}`, session);
      expect([answer.status, titleOf(answer), hiddenOf(answer)]).toEqual([200, title, { rd: TWO, rm: '' }]);
    }
  });

  it('sends who has none to set one up', async () => {
    expect(titleOf(await get('/second-factor', await gateway.session.signedIn('bob')))).toBe('One more step');
  });

  it.each(['/second-factor', '/second-factor/recovery'])('%s sends everybody else to the door', async (path) => {
    for (const session of [undefined, await gateway.session.signedIn('alice', 2)]) {
      const answer = await get(`${path}${query({ rd: TWO })}`, session);
      expect([answer.status, answer.headers.location]).toEqual([303, `/${query({ rd: TWO })}`]);
    }
  });
});

describe('POST /sign-in/recovery-code', () => {
  it('with a right one goes on, under a new id', async () => {
    gateway.identity.recoveryCodes.set('alice', new Set(RECOVERY_CODES));
    const session = await gateway.session.signedIn('alice');
    const answer = await post('/sign-in/recovery-code', { code: RECOVERY_CODES[0] ?? '', rd: TWO }, session);
    expect([answer.status, answer.headers.location, gateway.session.records.has(session)]).toEqual([303, TWO, false]);
  });

  it.each([
    ['wrong', 'This recovery code is wrong.'],
    ['used', 'was used already'],
    ['none', 'This recovery code is wrong.'],
  ] as const)('that is refused as %s asks again', async (reason, said) => {
    const { verifyRecoveryCode } = gateway.identity;
    onTestFinished(() => void (gateway.identity.verifyRecoveryCode = verifyRecoveryCode));
    gateway.identity.verifyRecoveryCode = () => Promise.resolve({ outcome: 'refused', reason });
    const answer = await post('/sign-in/recovery-code', { code: 'x', rd: TWO }, await gateway.session.signedIn('alice'));
    expect([answer.status, titleOf(answer), hiddenOf(answer), cookieOf(answer)]).toEqual([403, 'Recovery code', { rd: TWO, rm: '' }, undefined]);
    expect(answer.body).toContain(said);
  });

  it.each([
    [Date.UTC(2026, 0, 2, 13, 4), 'You can try again at 1:04:00 PM UTC.'],
    [null, 'Please try again later.'],
  ])('after too many says until when (%s)', async (untilMs, said) => {
    const { verifyRecoveryCode } = gateway.identity;
    onTestFinished(() => void (gateway.identity.verifyRecoveryCode = verifyRecoveryCode));
    gateway.identity.verifyRecoveryCode = () => Promise.resolve({ outcome: 'banned', untilMs });
    const { body } = await post('/sign-in/recovery-code', { code: 'x' }, await gateway.session.signedIn('alice'));
    expect(body.replaceAll('\u202f', ' ')).toContain(said);
  });

  it('of nobody is 403', async () => {
    expect((await post('/sign-in/recovery-code', { code: 'x' })).status).toBe(403);
  });
});

describe('POST /sign-in/code', () => {
  it('with a right code goes on, under a new id', async () => {
    const session = await gateway.session.signedIn('alice');
    const rd = 'https://two.example.com/x';
    const answer = await post('/sign-in/code', { code: CODE, rd }, session);
    expect([answer.status, answer.headers.location]).toEqual([303, rd]);
    expect([gateway.session.records.has(session), gateway.session.records.get(cookieOf(answer) ?? '')?.totpAtMs]).toEqual([
      false,
      expect.any(Number),
    ]);
  });

  it.each([
    ['000000', 403],
    ['12', 400],
  ])('with %s asks again', async (code, status) => {
    const answer = await post('/sign-in/code', { code, rd: ONE }, await gateway.session.signedIn('alice'));
    expect([answer.status, titleOf(answer), hiddenOf(answer), cookieOf(answer)]).toEqual([status, 'Second factor', { rd: ONE, rm: '' }, undefined]);
  });

  it('of nobody is 403, and too many are 429', async () => {
    expect((await post('/sign-in/code', { code: CODE })).status).toBe(403);
    onTestFinished(() => {
      gateway.waits.clear();
    });
    gateway.waits.set('second_factor_totp', 1000);
    expect((await post('/sign-in/code', { code: CODE }, await gateway.session.signedIn('alice'))).status).toBe(429);
  });
});

describe('signing out', () => {
  it('is asked for on a page, and done by its button', async () => {
    const session = await gateway.session.signedIn('bob');
    const page = await get('/logout', session);
    expect([page.status, page.body]).toEqual([200, expect.stringContaining('method="post" action="/sign-out"') as string]);
    const answer = await post('/sign-out', {}, session);
    expect([answer.status, titleOf(answer), cookieOf(answer)]).toEqual([200, 'Signed out', '']);
    expect(gateway.session.records.has(session)).toBe(false);
  });

  it.each([
    ['same-origin', true],
    ['same-site', true],
    ['none', true],
    ['cross-site', false],
    [undefined, false],
  ])('by script is at once for who comes from %s: %s', async (site, atOnce) => {
    const headers = { ...PROXY, ...(site === undefined ? {} : { 'Sec-Fetch-Site': site }) };
    const { body } = await gateway.ask('GET', '/logout', { headers });
    expect(body.includes('action="/sign-out" data-at-once>')).toBe(atOnce);
  });

  it('leads on to a safe place alone', async () => {
    expect(hiddenOf(await get(`/logout${query({ rd: ONE })}`))).toMatchObject({ rd: ONE });
    const safe = await post('/sign-out', { rd: ONE }, await gateway.session.signedIn('bob'));
    expect([safe.status, safe.headers.location]).toEqual([303, ONE]);
    const unsafe = await post('/sign-out', { rd: 'https://evil.test/' }, await gateway.session.signedIn('bob'));
    expect([unsafe.status, unsafe.headers.location]).toEqual([200, undefined]);
  });

  it('while the session cannot be ended says so, and leaves the cookie (attack 71)', async () => {
    const broken = await Gateway.start();
    onTestFinished(() => broken.stop());
    const session = await broken.session.signedIn('bob');
    broken.storeAway = true;
    const answer = await broken.ask('POST', '/sign-out', { form: {}, session, headers: OWN });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([503, undefined]);
  });
});

describe('the language', () => {
  const ask = (headers: Readonly<Record<string, string>>): Promise<Answer> => gateway.ask('GET', '/', { headers: { ...PROXY, ...headers } });

  it('is the one that the browser asks for', async () => {
    expect(titleOf(await ask({ 'Accept-Language': 'de-CH, en;q=0.5' }))).toBe('Anmelden');
  });

  it('is kept when it was chosen by the menu, with the way', async () => {
    const answer = await post('/language', { language: 'fr', rd: ONE });
    expect([answer.status, answer.headers.location]).toEqual([303, `/${query({ rd: ONE })}`]);
    const cookie = answer.headers['set-cookie']?.[0] ?? '';
    expect(cookie).toBe('portcullis_language=fr; Path=/; Max-Age=31536000; Secure; SameSite=Lax');
    expect(titleOf(await ask({ Cookie: cookie.split(';', 1)[0] ?? '', 'Accept-Language': 'de' }))).toBe('Connexion');
  });

  it.each(['xx', '', '"><script>', '__proto__'])('%j is none', async (language) => {
    const answer = await post('/language', { language });
    expect([answer.status, answer.headers['set-cookie']]).toEqual([303, undefined]);
  });
});

it('no page leads to plain http, and each names where its forms may lead', async () => {
  const pages = [
    await get('/'),
    await get('/logout'),
    await get('/', await gateway.session.signedIn('bob', 2)),
    await get('/enrol', await gateway.session.signedIn('bob')),
  ];
  for (const { body, headers } of pages) {
    expect(body).not.toMatch(/(?:href|action)="http:/);
    expect(headers['content-security-policy']).toContain("form-action 'self' https://example.com:* https://*.example.com:* https://other.test:*");
  }
});

it('an absent reset leads nowhere, one of somebody else’s leads there', async () => {
  const [without, elsewhere] = [
    await Gateway.start({ settings: { resetDisabled: true } }),
    await Gateway.start({ settings: { resetDisabled: true, resetUrl: 'https://reset.example.com/' } }),
  ];
  onTestFinished(async () => {
    await without.stop();
    await elsewhere.stop();
  });
  expect((await get('/')).body).toContain('href="/reset-password/step1"');
  expect((await without.ask('GET', '/')).body).not.toContain('Forgot');
  expect((await elsewhere.ask('GET', '/')).body).toContain('href="https://reset.example.com/"');
});
