import fc from 'fast-check';
import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, describeWith, type HttpResponse, random } from '../support/index.js';
import { portalRoutes, type Route } from './portal-routes.js';
import { CONFIGURATION, freshAddress, passwordOf, persons, startWorld, tryPassword, type World } from './world.js';

const RUNS = random.full ? 20_000 : 1200;
const ROUTES = portalRoutes();

/** What may succeed for somebody who has not signed in. Everything else must not. */
const OPEN = new Set([
  ...['GET /api/state', 'GET /api/health', 'GET /health/ready', 'GET /api/portal', 'GET /api/configuration/password-policy', 'POST /api/logout'],
  ...['POST /api/firstfactor', 'POST /api/reset-password/identity/start'],
]);

/** A field of every request there is, so that a random body comes past the first door now and then. */
const FIELDS = {
  username: ['john', 'mary', 'JOHN', 'nobody', '', ' john', '../john', 'john\u0000', '__proto__'],
  password: [passwordOf('john'), passwordOf('mary'), 'wrong', '', 'x'.repeat(5000), '\ud800'],
  token: ['123456', '000000', '１２３４５６', '', 'a.b.c', 'x'.repeat(5000)],
  otc: ['ABCDEFGH', '', 'x'.repeat(300)],
  code: ['ABCD-EFGH-JKLM', ''],
  targetURL: ['https://app.example.com/', 'https://evil.test/', 'javascript:alert(1)', '//x', 'https://', '%'],
  requestMethod: ['GET', 'get', '\u0000'],
  keepMeLoggedIn: [true, false],
  uri: ['https://app.example.com/', 'nonsense', ''],
  method: ['totp', 'webauthn', 'nonsense', ''],
  algorithm: ['SHA1', 'SHA512', ''],
  length: [6, 8, 0, -1, 1e308],
  period: [30, 0],
  old_password: [passwordOf('john'), 'wrong'],
  new_password: [passwordOf('john'), 'x', '   '],
  continue: [true],
  description: ['key'],
  response: [{}],
} as const;

const anything = fc.oneof(
  fc.jsonValue({ maxDepth: 3 }),
  fc.constantFrom<unknown>(null, [], {}, [[[[]]]], 0, -1, 1e308, true, '', '\u0000', { toString: 'x' }, { length: 1e9 }, 'y'.repeat(9000)),
);
const field = fc
  .constantFrom(...Object.entries(FIELDS))
  .chain(([name, values]) =>
    fc.tuple(fc.constant(name), fc.oneof({ weight: 4, arbitrary: fc.constantFrom<unknown>(...values) }, { weight: 1, arbitrary: anything })),
  );
const jsonBody = fc
  .tuple(
    fc.array(field, { maxLength: 6 }),
    fc.array(fc.tuple(fc.constantFrom('__proto__', 'constructor', 'then', 'toJSON', 'USERNAME', 'status'), anything), { maxLength: 1 }),
  )
  .map(([fields, others]) => `{${[...fields, ...others].map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`);
const body = fc.oneof(
  { weight: 6, arbitrary: jsonBody },
  { weight: 1, arbitrary: anything.map((value) => JSON.stringify(value)) },
  {
    weight: 1,
    arbitrary: fc.constantFrom(
      '',
      '{',
      'x',
      '{"a":1}x',
      '\ufeff{}',
      '[',
      '"\\ud800"',
      '['.repeat(5000),
      `{"a":"${'z'.repeat(70_000)}"}`,
      'username=john&password=x',
    ),
  },
);
const headers = fc.record(
  {
    'Content-Type': fc.constantFrom(
      ...['application/json', 'application/json', 'application/json', 'application/json;charset=utf-16', 'text/plain', 'multipart/form-data', ''],
      ...['application/x-www-form-urlencoded', 'application/json, text/plain'],
    ),
    Origin: fc.constantFrom('https://auth.example.com', 'https://evil.test', 'null', ''),
    'Sec-Fetch-Site': fc.constantFrom('same-origin', 'cross-site', 'none', 'x'),
    Accept: fc.constantFrom('application/json', 'text/html', '*/*', ''),
    'Accept-Language': fc.constantFrom('de', 'xx', '*;q=nonsense', '../../etc'),
    Cookie: fc.constantFrom('authelia_session=x', 'language=../../x', 'portcullis_device=x', 'portcullis_reset=x; portcullis_enrol=y', '=', ';;;'),
    'X-HTTP-Method-Override': fc.constantFrom('DELETE', 'PUT'),
  },
  { requiredKeys: ['Content-Type'] },
);
const request = fc.record({ route: fc.constantFrom(...ROUTES), body, headers });
type RandomRequest = { readonly route: Route; readonly body: string; readonly headers: Readonly<Record<string, string>> };

const send = (who: Client, { route: { method, path }, body: text, headers: given }: RandomRequest): Promise<HttpResponse> => {
  const { Cookie, ...others } = given;
  // Added to the session's own, as one header.
  const cookies = [who.cookieHeader(), ...(Cookie === undefined ? [] : [Cookie])].filter((each) => each !== '').join('; ');
  return who.send(path, {
    method,
    headers: { ...others, ...(cookies === '' ? {} : { Cookie: cookies }) },
    ...(method === 'GET' ? {} : { body: text }),
  });
};

/** OK and KO with what belongs to them, one line of text, or a page; nothing of the inside of a fault. */
function expectContract({ status, headers: { 'content-type': type = '' }, body: text, ...answered }: HttpResponse, path: string): void {
  expect(status === 503 || status < 500, `${status} ${text}`).toBe(true);
  expect(text).not.toMatch(/\bat [\w./]+:\d+|node_modules|Error:|SQLITE|ioredis|RPC_/);
  if (!path.startsWith('/api/') || status === 204 || text === '') return;
  if (type.startsWith('text/plain')) expect(text).toMatch(new RegExp(`^${status} [A-Z][\\w -]+$`));
  else if (type.startsWith('text/html')) expect(status).toBeGreaterThanOrEqual(400);
  else {
    expect(type).toBe('application/json; charset=utf-8');
    const answer = answered.json() as Record<string, unknown>;
    expect(['OK', 'KO']).toContain(answer['status']);
    expect(Object.keys(answer).filter((key) => !['status', 'data', 'message'].includes(key))).toEqual([]);
    expect(typeof (answer['message'] ?? '')).toBe('string');
    if (answer['status'] === 'OK') expect(status).toBe(200);
  }
}

const succeeded = ({ status, headers: { 'content-type': type = '' }, body: text }: HttpResponse): boolean =>
  status >= 200 && status < 300 && !(type.startsWith('application/json') && text.includes('"status":"KO"'));

describeWith(['redis'], "random requests at every route of the portal's", () => {
  let world: World;
  beforeAll(async () => {
    console.info(`The seed of these requests: ${random.seed}`);
    // Nobody is locked out: what is asked here is what one request does.
    const config = { ...CONFIGURATION, regulation: { max_retries: 1_000_000, find_time: '1m', ban_time: '1m' } };
    world = await startWorld({ config, people: persons('p1') });
  });

  it('the routes are those of the controllers', () => {
    expect(ROUTES.length).toBeGreaterThan(60);
    for (const path of ['/api/firstfactor', '/api/user/sessions/en', '/api/secondfactor/recovery-code', '/revoke/session', '/sign-in/code'])
      expect(ROUTES.map((route) => route.path)).toContain(path);
  });

  describe.each(['nobody', 'john'])('from %s', (name) => {
    it('are answered as the contract says, never 5xx but 503, and never do for nobody what wants a session', { timeout: 900_000 }, async () => {
      let who = name === 'nobody' ? undefined : await world.signIn(name);
      await fc.assert(
        fc.asyncProperty(request, async (asked) => {
          const asks = who?.copy({ ip: freshAddress() }) ?? world.visitor();
          const answer = await send(asks, asked);
          expectContract(answer, asked.route.path);
          if (name === 'nobody' && asked.route.path.startsWith('/api/') && succeeded(answer))
            expect(OPEN).toContain(`${asked.route.method} ${asked.route.path}`);
          if (who === undefined) return;
          // Whoever it is after that, it is not somebody else, unless their own password was in it.
          const state = await who.get('/api/state');
          if (state.json().data.username !== 'john') who = await world.signIn('john');
          const after = (await asks.get('/api/state')).json().data.username as string;
          expect(['', 'john', ...(asked.body.includes(passwordOf('mary')) ? ['mary'] : [])]).toContain(after);
        }),
        { seed: random.seed, numRuns: RUNS },
      );
    });
  });

  it('leave everybody as they were', async () => {
    for (const each of ['john', 'mary', 'p1']) expect((await tryPassword(world.visitor(), each, passwordOf(each))).status).toBe(200);
    expect(Object.values(world.portcullis.processes).filter((each) => each.exit() !== undefined)).toEqual([]);
    expect(world.lines(/by a fault of ours/)).toEqual([]);
  });
});
