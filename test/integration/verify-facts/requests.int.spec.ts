import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, http, statusOf, sendRaw } from '../../support/index.js';
import { ask, type Asked, type EndpointName, ENDPOINTS, EVERY_ENDPOINT, LEGACY, MODERN } from './endpoints.js';
import { basic, basicOf, REMOTE, signIn, type Who } from './people.js';
import type { Fact, Word } from './table.js';
import { type Answer, meaning, startWorld, type World } from './world.js';

const SITES = {
  lobby: 'https://lobby.house.test/x',
  parlour: 'https://parlour.house.test/x',
  safe: 'https://safe.house.test/x',
  cellar: 'https://cellar.house.test/x',
};
type Site = keyof typeof SITES;
const get = (site: Site): Fact => ({ method: 'GET', url: SITES[site] });
const PARLOUR = get('parlour');

/** A word of the tables, or whom the application is told. */
type Cell = Word | keyof typeof REMOTE;
const isPerson = (cell: Cell): cell is keyof typeof REMOTE => cell in REMOTE;
const meant = (cell: Cell, endpoint: EndpointName, who: Who, fact: Fact): Answer =>
  isPerson(cell) ? { status: 200, remote: REMOTE[cell] } : meaning(cell, endpoint, who, fact);

const GOOD = { Authorization: basicOf('ada') };
const BO = { Authorization: basicOf('bo') };

/** Credentials in headers: what was sent, who sent it, and what each site of the world answers. */
const CREDENTIALS: readonly {
  readonly at: readonly EndpointName[];
  readonly rows: readonly (readonly [title: string, who: Who, headers: Readonly<Record<string, string>>, answers: Readonly<Record<Site, Cell>>])[];
}[] = [
  {
    at: MODERN,
    rows: [
      ['a right password', 'nobody', GOOD, { lobby: 'ada', parlour: 'ada', safe: 'knock', cellar: 'no' }],
      ['a password with colons', 'nobody', { Authorization: basicOf('colm') }, { lobby: 'colm', parlour: 'colm', safe: 'knock', cellar: 'no' }],
      [
        'a scheme in capitals',
        'nobody',
        { Authorization: basicOf('ada').replace('Basic', 'BASIC') },
        { lobby: 'ada', parlour: 'ada', safe: 'knock', cellar: 'no' },
      ],
      ['a wrong password', 'nobody', { Authorization: basic('ada:wrong') }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['an unknown name', 'nobody', { Authorization: basic('ghost:wrong') }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['what is not base64', 'nobody', { Authorization: 'Basic !!!!' }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['a name without a password', 'nobody', { Authorization: basic('ada') }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['an empty password', 'nobody', { Authorization: basic('ada:') }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['nothing after Basic', 'nobody', { Authorization: 'Basic ' }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['another scheme', 'nobody', { Authorization: 'Bearer abc.def' }, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      [
        'a right password meant for a proxy',
        'nobody',
        { 'Proxy-Authorization': basicOf('ada') },
        { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' },
      ],
      ['junk meant for a proxy', 'nobody', { 'Proxy-Authorization': 'Basic %%%' }, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      ["a right password beside another's session", 'ada+2', BO, { lobby: 'bo', parlour: 'bo', safe: 'knock', cellar: 'no' }],
      ['junk beside a session', 'ada+2', { Authorization: 'Basic ?' }, { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' }],
      ['another scheme beside a session', 'ada+2', { Authorization: 'Bearer abc.def' }, { lobby: 'ada', parlour: 'ada', safe: 'ada', cellar: 'no' }],
    ],
  },
  {
    at: LEGACY,
    rows: [
      ['a right password', 'nobody', GOOD, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      ['what is not base64', 'nobody', { Authorization: 'Basic !!!!' }, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      ['nothing after Basic', 'nobody', { Authorization: 'Basic ' }, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      ['another scheme', 'nobody', { Authorization: 'Bearer abc.def' }, { lobby: 'nobody', parlour: 'ask', safe: 'ask', cellar: 'no' }],
      [
        'a right password meant for a proxy',
        'nobody',
        { 'Proxy-Authorization': basicOf('ada') },
        { lobby: 'ada', parlour: 'ada', safe: 'knock', cellar: 'no' },
      ],
      [
        'junk meant for a proxy',
        'nobody',
        { 'Proxy-Authorization': 'Basic %%%' },
        { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' },
      ],
      [
        'another scheme meant for a proxy',
        'nobody',
        { 'Proxy-Authorization': 'Bearer x' },
        { lobby: 'nobody', parlour: 'knock', safe: 'knock', cellar: 'knock' },
      ],
      ["a right password beside another's session", 'ada+2', BO, { lobby: 'ada', parlour: 'ada', safe: 'ada', cellar: 'no' }],
      ['junk beside a session', 'ada+2', { Authorization: 'Basic ?' }, { lobby: 'ada', parlour: 'ada', safe: 'ada', cellar: 'no' }],
    ],
  },
];

/** A header that the proxy left out, and what the unknown and a person after two factors are answered. */
const MISSING: readonly (readonly [endpoint: EndpointName, header: string, nobody: Word, ada2: Word])[] = [
  ['legacy with rd', 'X-Forwarded-Proto', 'bad', 'bad'],
  ['legacy with rd', 'X-Forwarded-Host', 'bad', 'bad'],
  ['legacy with rd', 'X-Forwarded-Method', 'ask', 'open'],
  ['legacy', 'X-Forwarded-Proto', 'bad', 'bad'],
  ['legacy', 'X-Forwarded-Host', 'bad', 'bad'],
  ['legacy', 'X-Forwarded-URI', 'ask', 'open'],
  ['legacy', 'X-Forwarded-Method', 'ask', 'open'],
  ['legacy with X-Original-URL', 'X-Original-URL', 'bad', 'bad'],
  ['legacy with X-Original-URL', 'X-Forwarded-Method', 'ask', 'open'],
  ['forward-auth', 'X-Forwarded-Proto', 'bad', 'bad'],
  ['forward-auth', 'X-Forwarded-Host', 'bad', 'bad'],
  ['forward-auth', 'X-Forwarded-Method', 'bad', 'bad'],
  ['auth-request', 'X-Original-URL', 'bad', 'bad'],
  ['auth-request', 'X-Original-Method', 'bad', 'bad'],
  ['ext-authz', 'X-Forwarded-Proto', 'bad', 'bad'],
  ['ext-authz', 'Host', 'bad', 'bad'],
];

/** The portal that a proxy names itself: where, and to which address the unknown are sent; null is a refusal. */
const target = 'rd=https%3A%2F%2Fparlour.house.test%2Fx&rm=GET';
const PORTALS: readonly (readonly [
  endpoint: EndpointName,
  where: 'rd' | 'authelia_url' | 'X-Authelia-URL',
  named: string,
  location: string | null,
])[] = [
  ['legacy', 'rd', 'https://door.house.test', `https://door.house.test/?${target}`],
  ['legacy', 'rd', 'https://door.house.test/', `https://door.house.test/?${target}`],
  ['legacy', 'rd', 'https://door.house.test/?a=b', `https://door.house.test/?a=b&${target}`],
  ['legacy', 'rd', 'https://door.house.test:9443/', `https://door.house.test:9443/?${target}`],
  ['legacy', 'rd', 'http://door.house.test/', null],
  ['legacy', 'rd', 'https://evil.test/', null],
  ['legacy', 'rd', 'https://gate.yard.test/', null],
  ['legacy', 'rd', '', null],
  ['legacy', 'rd', 'door.house.test', null],
  ['legacy', 'rd', '//door.house.test', null],
  ['legacy', 'rd', 'javascript:alert(1)', null],
  ['legacy', 'rd', 'https://door.house.test.evil.test/', null],
  ['legacy', 'rd', 'https://a@door.house.test/', null],
  ['legacy', 'X-Authelia-URL', 'https://door.house.test/', `https://door.house.test/?${target}`],
  ['legacy', 'X-Authelia-URL', 'https://evil.test/', null],
  ['ext-authz', 'X-Authelia-URL', 'https://door.house.test/', `https://door.house.test/?${target}`],
  ['ext-authz', 'X-Authelia-URL', 'https://evil.test/', null],
  ['forward-auth', 'authelia_url', 'https://door.house.test/', `https://door.house.test/?${target}`],
  ['forward-auth', 'authelia_url', 'https://sso.house.test/', null],
  ['forward-auth', 'authelia_url', 'https://evil.test/', null],
  ['forward-auth', 'authelia_url', 'http://door.house.test/', null],
  ['forward-auth', 'authelia_url', '', null],
  ['forward-auth', 'authelia_url', 'nonsense', null],
  ['auth-request', 'authelia_url', 'https://door.house.test/', `https://door.house.test/?${target}`],
  ['auth-request', 'authelia_url', 'https://evil.test/', null],
];

/** The method a proxy asks with, which is not the client's. */
const ASKED_WITH: readonly (readonly [endpoint: EndpointName, method: string, status: number])[] = [
  ['forward-auth', 'GET', 200],
  ['forward-auth', 'HEAD', 200],
  ['forward-auth', 'POST', 405],
  ['forward-auth', 'PUT', 405],
  ['forward-auth', 'DELETE', 405],
  ['forward-auth', 'OPTIONS', 405],
  ['auth-request', 'HEAD', 200],
  ['auth-request', 'POST', 405],
  ['auth-request', 'OPTIONS', 405],
  ['legacy', 'HEAD', 200],
  ['legacy', 'POST', 200],
  ['legacy', 'PUT', 200],
];

describeWith(['redis'], 'what verify reads of a request', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });
  const asked = (endpoint: EndpointName): Asked => ENDPOINTS[endpoint].request(PARLOUR);
  const browser = { 'X-Forwarded-For': '203.0.113.7', Accept: 'text/html' };

  describe.each(CREDENTIALS)('a password in a header, at $at', ({ at, rows }) => {
    it.concurrent.each(rows)('%s counts as written', async (_title, who, headers, answers) => {
      for (const site of Object.keys(SITES) as Site[]) {
        const fact = get(site);
        const answer = async (endpoint: EndpointName) => world.answer(ask(endpoint, fact, { ...world.cookieOf(who, fact.url), ...headers }));
        const found = await Promise.all(at.map(async (endpoint) => [endpoint, await answer(endpoint)] as const));
        expect({ site, ...Object.fromEntries(found) }).toEqual({
          site,
          ...Object.fromEntries(at.map((endpoint) => [endpoint, meant(answers[site], endpoint, who, fact)])),
        });
      }
    });
  });

  describe('auth=basic at /api/verify makes a password mandatory', () => {
    const verify = { ...asked('legacy'), path: '/api/verify?auth=basic' };
    const knock: Answer = { status: 401, challenge: 'Basic realm="Authorization Required"' };

    it.each([
      ['nothing is a knock', {}, knock],
      ['a right one is the person', BO, { status: 200, remote: REMOTE.bo }],
      ['junk is a knock', { Authorization: 'Basic !' }, knock],
    ] as const)('%s', async (_title, headers, expected) => {
      expect(await world.answer({ ...verify, headers: { ...verify.headers, ...browser, ...headers } })).toEqual(expected);
    });

    it('a session alone is a knock', async () => {
      const headers = { ...verify.headers, ...browser, ...world.cookieOf('ada+2', PARLOUR.url) };
      expect(await world.answer({ ...verify, headers })).toEqual(knock);
    });

    it('an address to sign in at changes nothing', async () => {
      const path = '/api/verify?auth=basic&rd=https%3A%2F%2Fdoor.house.test';
      expect(await world.answer({ ...verify, path, headers: { ...verify.headers, ...browser } })).toEqual(knock);
    });
  });

  it.each(MISSING)('%s without %s answers %s and %s', async (endpoint, header, nobody, ada2) => {
    const { headers, ...request } = asked(endpoint);
    const rest = Object.fromEntries(Object.entries(headers).filter(([name]) => name !== header));
    const answer = async (who: Who) =>
      (await world.answer({ ...request, headers: { ...rest, ...browser, ...world.cookieOf(who, PARLOUR.url) } })).status;
    expect([await answer('nobody'), await answer('ada+2')]).toEqual([
      meaning(nobody, endpoint, 'nobody', PARLOUR).status,
      meaning(ada2, endpoint, 'ada+2', PARLOUR).status,
    ]);
  });

  it.each(PORTALS)('%s with %s=%s sends to %s', async (endpoint, where, named, location) => {
    const { path, headers, ...request } = asked(endpoint);
    const query = where === 'X-Authelia-URL' ? '' : `?${where}=${encodeURIComponent(named)}`;
    const answer = await world.answer({
      ...request,
      path: path + query,
      headers: { ...headers, ...browser, ...(where === 'X-Authelia-URL' ? { [where]: named } : {}) },
    });
    const { signIn: statuses, refusal } = ENDPOINTS[endpoint];
    const sent = endpoint === 'legacy' ? 302 : statuses[0];
    expect(answer).toEqual(location === null ? { status: refusal } : { status: sent, location });
  });

  it.each(ASKED_WITH)('%s asked with %s answers %i to a person who may', async (endpoint, method, status) => {
    const { path, headers } = asked(endpoint);
    const answer = await world.answer({ method, path, headers: { ...headers, ...browser, ...world.cookieOf('ada+2', PARLOUR.url) } });
    expect(answer).toEqual(status === 200 ? { status, remote: REMOTE.ada } : { status });
  });

  it.each([
    ['/api/verify/anything', 200],
    ['/api/verify/', 200],
    ['/api/authz/ext-authz', 400],
    ['/api/authz/forward-auth/anything', 404],
    ['/api/authz/auth-request/', 404],
    ['/api/authz/nothing', 404],
    ['/api/authz/', 404],
    ['/authelia/api/verify', 404],
    ['/auth/api/authz/forward-auth', 404],
    ['/api/verifyx', 404],
  ])('%s is answered %i', async (path, status) => {
    const { headers } = asked('forward-auth');
    expect((await world.answer({ path, headers: { ...headers, ...browser, ...world.cookieOf('ada+2', PARLOUR.url) } })).status).toBe(status);
  });

  describe.each(EVERY_ENDPOINT)('%s', (endpoint) => {
    const answer = (more: Readonly<Record<string, string>>, fact = PARLOUR) => world.answer(ask(endpoint, fact, more));
    const session = () => world.cookieOf('ada+2', PARLOUR.url)['Cookie']!;

    it('answers a 200 and a 401 without a body, so that nginx keeps its connection', async () => {
      const allowed = await http(world.portcullis.base, ask(endpoint, PARLOUR, { Cookie: session() }));
      const told = await http(world.portcullis.base, ask(endpoint, { ...PARLOUR, script: true }));
      expect([allowed, told].map(({ status, headers, body }) => [status, headers['content-length'], body])).toEqual([
        [200, '0', ''],
        [401, '0', ''],
      ]);
    });

    it('sets no cookie, and lets nobody keep a refusal', async () => {
      const [allowed, ...refusals] = await Promise.all(
        (['lobby', 'parlour', 'cellar'] as const).map((site) => http(world.portcullis.base, ask(endpoint, get(site)))),
      );
      expect([allowed!, ...refusals].map(({ headers }) => headers['set-cookie'])).toEqual([undefined, undefined, undefined]);
      expect(refusals.map(({ headers }) => headers['cache-control'])).toEqual(['no-store', 'no-store']);
    });

    it('finds the session among other cookies', async () => {
      expect(await answer({ Cookie: `theme=dark; ${session()}; last=1` })).toEqual({ status: 200, remote: REMOTE.ada });
    });

    it('takes a name that ends like the session cookie for another cookie', async () => {
      expect(await answer({ Cookie: `x${session()}` })).toEqual(meaning('ask', endpoint, 'nobody', PARLOUR));
    });

    it('refuses two cookies of the session name', async () => {
      expect(await answer({ Cookie: `${session()}; ${session()}` })).toEqual({ status: 400 });
    });

    it('tells the application nobody, whatever the client says of itself', async () => {
      expect(await answer({ 'Remote-User': 'ada', 'Remote-Groups': 'staff' }, get('lobby'))).toEqual({ status: 200, remote: REMOTE.nobody });
    });

    it('takes Session-Username in any case for the same person, and another name for the end of the session', async () => {
      const own = (await signIn(world.portcullis.client({ host: 'door.house.test' }), 'bo')).cookieHeader();
      expect(await answer({ Cookie: own, 'Session-Username': 'BO' })).toEqual({ status: 200, remote: REMOTE.bo });
      expect(await answer({ Cookie: own, 'Session-Username': 'ada' })).toEqual(meaning('ask', endpoint, 'nobody', PARLOUR));
      await expect.poll(async () => (await answer({ Cookie: own })).status).toBe(meaning('ask', endpoint, 'nobody', PARLOUR).status);
    });
  });

  it('shows a person who is sent on a link, and nothing where only the head was asked for', async () => {
    const shown = await http(world.portcullis.base, ask('forward-auth', PARLOUR));
    const silent = await http(world.portcullis.base, ask('forward-auth', { ...PARLOUR, method: 'HEAD' }));
    expect(shown.body).toBe('<a href="https://door.house.test/?rd=https%3A%2F%2Fparlour.house.test%2Fx&amp;rm=GET">302 Found</a>');
    expect(silent.body).toBe('');
  });

  it.each([
    ['a space in the address', 'X-Original-URL: https://parlour.house.test/a b', 400],
    ['a control character in the address', 'X-Original-URL: https://parlour.house.test/a\x01b', 400],
    ['no scheme', 'X-Original-URL: //parlour.house.test/', 400],
    ['a path alone', 'X-Original-URL: /x', 400],
    ['no host', 'X-Original-URL: https:///x', 400],
    ['a second address', 'X-Original-URL: https://lobby.house.test/\r\nX-Original-URL: https://parlour.house.test/', 400],
  ])('auth-request with %s is refused', async (_title, lines, status) => {
    const request = `GET /api/authz/auth-request HTTP/1.1\r\nHost: x\r\n${lines}\r\nX-Original-Method: GET\r\nConnection: close\r\n\r\n`;
    expect(statusOf(await sendRaw(world.portcullis.base, request))).toBe(status);
  });

  it('legacy refuses two families of headers that name different addresses, and takes them when they agree', async () => {
    const { headers } = asked('legacy');
    const named = (url: string) =>
      world.answer({ path: '/api/verify', headers: { ...headers, ...browser, 'X-Original-URL': url, ...world.cookieOf('ada+2', PARLOUR.url) } });
    expect((await named('https://lobby.house.test/x')).status).toBe(400);
    expect((await named('https://parlour.house.test/y')).status).toBe(400);
    expect((await named(PARLOUR.url)).status).toBe(200);
  });

  it.each([
    ['forward-auth', { 'X-Original-URL': 'https://lobby.house.test/', 'X-Original-Method': 'OPTIONS' }],
    [
      'auth-request',
      { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'lobby.house.test', 'X-Forwarded-URI': '/', 'X-Forwarded-Method': 'OPTIONS' },
    ],
    ['ext-authz', { 'X-Original-URL': 'https://lobby.house.test/', 'X-Forwarded-Host': 'lobby.house.test', 'X-Forwarded-URI': '/' }],
  ] as const)('%s looks at no other family of headers', async (endpoint, others) => {
    expect(await world.answer(ask(endpoint, PARLOUR, others))).toEqual(meaning('ask', endpoint, 'nobody', PARLOUR));
  });
});
