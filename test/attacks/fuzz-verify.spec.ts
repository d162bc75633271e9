import fc from 'fast-check';
import { beforeAll, expect, it } from 'vitest';
import { type Client, describeWith, type HeaderList, http, type HttpRequest, random, sendRaw, statusOf, totp, until } from '../support/index.js';
import { addressBits } from '../support/oracle/network.js';
import { answerOf, clientAddressOf, decision, type Level, type Person, readPolicy } from '../support/oracle/index.js';
import { randomRequest, type RandomRequest, type Who } from './random-requests.js';
import { accepted, CONFIGURATION, ENDPOINTS, identityOf, mailedCode, persons, startWorld, type World } from './world.js';

const BATCH = 20;
const BATCHES = random.full ? 2500 : 250;
const POLICY = readPolicy(CONFIGURATION.access_control, CONFIGURATION.definitions.network);

const PEOPLE: Readonly<Record<Who, { readonly person: Person | null; readonly level: Level }>> = {
  nobody: { person: null, level: 0 },
  garbage: { person: null, level: 0 },
  'two cookies': { person: null, level: 0 },
  john: { person: { username: 'john', groups: ['users', 'dev'] }, level: 1 },
  mary: { person: { username: 'mary', groups: ['admins', 'users'] }, level: 1 },
  zoe: { person: { username: 'zoe', groups: ['users'] }, level: 2 },
};

describeWith(['redis'], 'random requests', () => {
  let world: World;
  /** By cookie domain and person. */
  const cookies: Record<string, Partial<Record<Who, string>>> = { 'example.com': {}, 'other.test': {} };
  beforeAll(async () => {
    console.info(`The seed of these requests: ${random.seed}`);
    world = await startWorld({ people: persons('zoe') });
    let secret = '';
    for (const [domain, steps] of [
      ['example.com', [0, 1]],
      ['other.test', [-1]],
    ] as const) {
      for (const name of ['john', 'mary', 'zoe'] as const) {
        const who = await world.signIn(name, undefined, `auth.${domain}`);
        if (name === 'zoe') {
          if (secret === '') secret = await enrol(who, totp);
          await accepted(who.post('/api/secondfactor/totp', { token: totp(secret, steps.at(-1)) }));
        }
        cookies[domain]![name] = who.cookieHeader();
      }
    }
  });

  const enrol = async (who: Client, codeOf: typeof totp): Promise<string> => {
    const elevation = '/api/user/session/elevation';
    const register = '/api/secondfactor/totp/register';
    await accepted(who.send(elevation, { method: 'PUT', body: { otc: await mailedCode(world, who, 'zoe') } }));
    const begun = await accepted(who.send(register, { method: 'PUT', body: { algorithm: 'SHA1', length: 6, period: 30 } }));
    const { base32_secret: secret } = begun.json().data as { base32_secret: string };
    await accepted(who.post(register, { token: codeOf(secret) }));
    return secret;
  };

  function cookieOf({ who, host }: RandomRequest): string | undefined {
    if (who === 'nobody') return undefined;
    if (who === 'garbage') return 'authelia_session=\u00ff%00"; authelia_session_=x';
    const own = cookies[/other\.test/i.test(host) ? 'other.test' : 'example.com']!;
    return who === 'two cookies' ? `${own.mary!}; ${own.john!}` : own[who];
  }

  function asSent(asked: RandomRequest): HttpRequest {
    const url = `${asked.scheme}://${asked.host}${asked.path}${asked.query === '' ? '' : `?${asked.query}`}`;
    const named =
      asked.endpoint === 'auth-request'
        ? { 'X-Original-URL': url, 'X-Original-Method': asked.method }
        : {
            'X-Forwarded-Proto': asked.scheme,
            'X-Forwarded-Host': asked.host,
            'X-Forwarded-URI': `${asked.path}${asked.query === '' ? '' : `?${asked.query}`}`,
            'X-Forwarded-Method': asked.method,
          };
    const cookie = cookieOf(asked);
    const headers: HeaderList = [
      ...Object.entries(named),
      ['X-Forwarded-For', asked.ip],
      ['Accept', 'text/html'],
      ...(cookie === undefined ? [] : [['Cookie', cookie] as const]),
      ...asked.noise,
    ];
    return { path: ENDPOINTS[asked.endpoint].path, headers };
  }

  /** What the reference gives to a request in its plainest reading; null: there is none, and nobody may be let in. */
  function rightAnswer(asked: RandomRequest): 'in' | 'sign in' | 'no' | null {
    const { scheme, who, ip } = asked;
    const isUrl = asked.endpoint === 'auth-request';
    // Blanks around a value are no part of it; a proxy that names no method means its own (reference 1.2).
    const host = isUrl ? asked.host : asked.host.trim();
    const method = asked.endpoint === 'legacy' && asked.method === '' ? 'GET' : asked.method;
    const [path = '', ...rest] = `${asked.path}${asked.query === '' ? '' : `?${asked.query}`}`.split('?');
    const query = rest.join('?');
    const name = /^([a-z0-9.-]+?)\.?(?::\d{1,5})?$/i.exec(host)?.[1]?.toLowerCase();
    const address = ip.trim() === '' ? '127.0.0.1' : clientAddressOf(ip, []);
    if (name === undefined || address === null || addressBits(address) === null || !/^(https|wss)$/i.test(scheme)) return null;
    if (!/(^|\.)(example\.com|other\.test)$/.test(name) || !/^[A-Z]+$/.test(method) || !/^(\/.*)?$/.test(path)) return null;
    if (who === 'two cookies') return null;
    try {
      const { person, level } = PEOPLE[who];
      return answerOf(decision(POLICY, { host: name, path: Buffer.from(path, 'latin1').toString(), query, method, ip: address }, person), level);
    } catch {
      return null;
    }
  }

  const judge = async (asked: RandomRequest): Promise<void> => {
    const answer = await http(world.portcullis.base, asSent(asked));
    const { status } = answer;
    const shown = `${JSON.stringify(asked)} was answered ${status}`;
    if (status >= 500) expect(status, shown).toBe(503);
    expect(status, shown).not.toBe(503);
    expect(answer.headers['set-cookie'], shown).toBeUndefined();
    if (status === 200) {
      // Who shows a password in a header is judged as whose it is: none of these is anybody's.
      expect(rightAnswer(asked), shown).toBe('in');
      const [user] = identityOf(answer);
      const own = PEOPLE[asked.who].person?.username ?? '';
      expect(asked.noise.some(([name]) => /authorization/i.test(name)) ? ['', own] : [own], shown).toContain(user);
    } else {
      expect(answer.headers['remote-user'], shown).toBeUndefined();
      expect(answer.headers.location ?? 'https://auth.', shown).toMatch(/^https:\/\/auth\.(example\.com|other\.test)?/);
    }
    if (!isPlain(asked)) return;
    const statuses = { in: [200], 'sign in': [302, 303, 401], no: [403] }[rightAnswer(asked) ?? 'no'];
    expect(statuses, shown).toContain(status);
  };
  /** Nothing in it that anybody could read in two ways. */
  const isPlain = ({ scheme, host, path, query, method, ip, noise, who }: RandomRequest): boolean =>
    scheme === 'https' &&
    /^[a-z.]+\.example\.com$/.test(host) &&
    !host.includes('..') &&
    !host.startsWith('.') &&
    /^(\/[a-z]+)*\/?$/.test(path) &&
    path !== '' &&
    /^[a-z=1/&]*$/.test(query) &&
    !query.includes('..') &&
    /^[A-Z]{2,10}$/.test(method) &&
    /^[\d.]+$/.test(ip) &&
    addressBits(ip) !== null &&
    noise.length === 0 &&
    who !== 'two cookies';

  it(`are let in only by a rule, and as who they are`, { timeout: 1_800_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(randomRequest, { minLength: BATCH, maxLength: BATCH }), async (batch) => {
        await Promise.all(batch.map(judge));
      }),
      { seed: random.seed, numRuns: BATCHES, endOnFailure: !random.full },
    );
    for (const name of ['john', 'mary', 'zoe'] as const)
      expect(identityOf(await world.verify('https://app.example.com/', { headers: { Cookie: cookies['example.com']![name]! } }))[0]).toBe(name);
  });

  it('of bytes that are hardly HTTP are refused, and the gate goes on', { timeout: 600_000 }, async () => {
    const line = fc.oneof(
      fc.constantFrom(
        'Host: gate',
        'X-Original-URL: https://admin.example.com/',
        'X-Original-Method: GET',
        'Content-Length: 5',
        'Content-Length: -1',
        'Transfer-Encoding: chunked',
        'Transfer-Encoding: xchunked',
        'Cookie: authelia_session=x',
        ': x',
        'X',
        '',
        ' folded',
        'Remote-User: mary',
        'Upgrade: h2c',
        'Expect: 100-continue',
      ),
      fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    const first = fc.constantFrom(
      'GET /api/authz/auth-request HTTP/1.1',
      'POST /api/verify HTTP/1.1',
      'GET /api/authz/auth-request HTTP/9.9',
      'GET  /api/verify HTTP/1.1',
      'PRI * HTTP/2.0',
      'GET http://x/api/verify HTTP/1.1',
      'OPTIONS * HTTP/1.1',
      '\x16\x03\x01',
      'GET /api/authz/auth-request',
    );
    await fc.assert(
      fc.asyncProperty(first, fc.array(line, { maxLength: 8 }), async (start, lines) => {
        const sent = await sendRaw(world.portcullis.base, [start, ...lines, 'Connection: close', '', ''].join('\r\n'), 300);
        const answer = sent.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, '');
        expect(
          [0, 101].includes(statusOf(answer)) || (statusOf(answer) >= 300 && statusOf(answer) < 500),
          `${start} ${JSON.stringify(lines)}: ${answer.slice(0, 100)}`,
        ).toBe(true);
        expect(statusOf(answer)).not.toBe(101);
      }),
      { seed: random.seed, numRuns: random.full ? 2000 : 100 },
    );
    await until(async () => (await world.verify('https://public.example.com/')).status === 200);
    expect(world.lines(/fault of ours|uncaught|unhandled/i)).toEqual([]);
  });
});
