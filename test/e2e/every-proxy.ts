import { expect, it } from 'vitest';
import { http, type HttpResponse, type RunningBackend, type SeenRequest, until } from '../support/index.js';
import { type Installation, people, portal, signIn, signInAddress, tryPassword } from './installation.js';
import type { Person } from './person.js';
import { shakeHands } from './websocket.js';

/** The refusals of a protected site: to sign in, no, or malformed. Never an answer of the application. */
export const refusals = [302, 303, 400, 401, 403];

/** What an application could take for one of the four identity headers, whatever it folds. */
function identitySeen({ rawHeaders }: SeenRequest): Record<string, string[]> {
  const seen: Record<string, string[]> = {};
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const name = rawHeaders[i]!.toLowerCase().replaceAll(/[^a-z0-9]/g, '-');
    if (/^remote-(user|groups|name|email)$/.test(name)) (seen[name] ??= []).push(Buffer.from(rawHeaders[i + 1]!, 'latin1').toString());
  }
  return seen;
}

const john = { 'remote-user': ['john'], 'remote-groups': ['users,dev'], 'remote-name': ['John Doe'], 'remote-email': ['john@example.com'] };

async function reaches(
  backend: RunningBackend,
  ask: () => Promise<HttpResponse>,
): Promise<{ readonly answer: HttpResponse; readonly seen: SeenRequest | undefined }> {
  const before = backend.requests.length;
  const answer = await ask();
  return { answer, seen: backend.requests[before] };
}

const forgeries: readonly Readonly<Record<string, string>>[] = [
  { 'Remote-User': 'mary' },
  { Connection: 'close, Remote-User, Remote-Groups' },
  { 'remote-user': 'mary' },
  { 'REMOTE-USER': 'mary', 'Remote-Groups': 'admins', 'Remote-Name': 'Mary', 'Remote-Email': 'mary@example.com' },
  { Remote_User: 'mary' },
  { REMOTE_GROUPS: 'admins' },
  { 'Remote.User': 'mary' },
  { 'Remote!User': 'mary', 'Remote~Groups': 'admins' },
  { Connection: 'close, Remote-User, Remote-Groups' },
  { 'Remote-Groups': 'admins' },
];

/** Headers by which a client names another target, another method or another address. */
const smuggled: readonly Readonly<Record<string, string>>[] = [
  { 'X-Original-URL': 'https://public.example.com/' },
  { 'X-Original-URL': 'https://mixed.example.com/public', 'X-Original-Method': 'GET' },
  { 'X-Original-URI': '/public' },
  { 'X-Forwarded-Host': 'public.example.com' },
  { 'X-Forwarded-Host': 'public.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Uri': '/', 'X-Forwarded-Method': 'GET' },
  { 'X-Forwarded-URI': '/public' },
  { 'X-Forwarded-Server': 'public.example.com', Forwarded: 'host=public.example.com;proto=https' },
  { 'X-Rewrite-URL': '/public', 'X-HTTP-Method-Override': 'OPTIONS' },
  { 'X-Authelia-URL': 'https://evil.example.com/' },
];

/** Each has a reading that is open to everybody and one that is not. */
const paths = [
  '/public/../admin',
  '/public/%2e%2e/admin',
  '/public/..%2fadmin',
  '/public/%2E%2E%2Fadmin',
  '/public/%252e%252e%252fadmin',
  '/public/./../admin',
  '/public//../../admin',
  '/admin/../public',
  '/admin/%2e%2e/public',
  '/public\\..\\admin',
  '/public/..;/admin',
  '//admin/x/../../public/../admin',
  '/x/..//public/../admin',
];

export interface Differences {
  /** What the proxy answers while the gate is away. */
  readonly away: { readonly status: number; readonly retryAfter: string | undefined };
  /** Whether people come back to the address they asked for without its query: so it is with Envoy's endpoint. */
  readonly losesQuery?: boolean;
  /** Whether it resolves the dots of a path before it asks, so that gate and application get one reading and the same. */
  readonly resolvesPaths?: boolean;
}

/** What holds behind every proxy whose files are shipped; registers its tests. */
export function everyProxy(world: () => Installation, { away, losesQuery = false, resolvesPaths = false }: Differences): void {
  const comesBackTo = (url: string): string => (losesQuery ? url.replace(/\?.*$/, '') : url);
  const askJohn = async (): Promise<Person> => signIn(world().person(), 'john');

  it('sends a stranger to the portal with the address they asked for', async () => {
    const { backend, person } = world();
    const { answer, seen } = await reaches(backend, () => person().open('https://app.example.com/a/b?x=1&y=%2F2'));
    expect(answer.status).toBe(302);
    expect(answer.headers.location).toBe(signInAddress(comesBackTo('https://app.example.com/a/b?x=1&y=%2F2')));
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(seen).toBeUndefined();
  });

  it('keeps the port of the address they asked for', async () => {
    const { headers } = await world().person().open('https://app.example.com:8443/a');
    expect(headers.location).toBe(signInAddress('https://app.example.com:8443/a'));
  });

  it.each([401, 403, 404, 500, 503])("passes on the application's own %i", async (status) => {
    const answer = await (await askJohn()).open(`https://live.example.com/status/${status}`);
    expect(answer).toMatchObject({ status, body: '' });
    expect(answer.headers).not.toHaveProperty('location');
    expect(answer.headers).not.toHaveProperty('retry-after');
  });

  it('shows the application who is signed in, in UTF-8, and to nobody else', async () => {
    const { backend, person } = world();
    const { seen } = await reaches(backend, async () => (await askJohn()).open('https://app.example.com/a?b=c'));
    expect(seen).toMatchObject({ method: 'GET', url: '/a?b=c', headers: { host: 'app.example.com' } });
    expect(identitySeen(seen!)).toEqual(john);
    const mary = await signIn(person(), 'mary');
    const { seen: other } = await reaches(backend, () => mary.open('https://app.example.com/'));
    expect(identitySeen(other!)).toMatchObject({ 'remote-user': ['mary'], 'remote-name': ['Märy Poppins'], 'remote-groups': ['admins,users'] });
  });

  it.each(forgeries)('never shows the application %o of a client, on an open site nor signed in', async (headers) => {
    const { backend, person } = world();
    const open = await reaches(backend, () => person().open('https://public.example.com/', headers));
    // What the gate refuses (400) reaches nobody.
    if (open.answer.status === 200) expect(Object.values(identitySeen(open.seen!)).flat().join('')).toBe('');
    else expect(open).toMatchObject({ answer: { status: 400 }, seen: undefined });
    const signedIn = await reaches(backend, async () => (await askJohn()).open('https://app.example.com/', headers));
    if (signedIn.answer.status === 200) expect(identitySeen(signedIn.seen!)).toEqual(john);
    else expect(signedIn).toMatchObject({ answer: { status: 400 }, seen: undefined });
  });

  it.each(smuggled)('judges the address that was asked for, whatever %o says', async (headers) => {
    const { backend, person } = world();
    const stranger = await reaches(backend, () => person().open('https://admin.example.com/', headers));
    expect(refusals).toContain(stranger.answer.status);
    expect(stranger.answer.headers.location ?? portal).toMatch(/^https:\/\/auth\.example\.com/);
    expect(stranger.seen).toBeUndefined();
    const signedIn = await reaches(backend, async () => (await askJohn()).open('https://admin.example.com/', headers));
    expect([400, 403]).toContain(signedIn.answer.status);
    expect(signedIn.seen).toBeUndefined();
  });

  it('judges the host that the proxy serves, when the first line and the Host header name two', async () => {
    const { backend, front } = world();
    const ask = (path: string, host: string) => () => http(front.base, { path, headers: { Host: host, Accept: 'text/html' } });
    for (const [asked, told] of [
      ['admin', 'public'],
      ['mixed', 'public'],
      ['admin', 'app'],
    ] as const) {
      const { answer, seen } = await reaches(backend, ask(`https://${asked}.example.com/admin`, `${told}.example.com`));
      expect(refusals, asked).toContain(answer.status);
      expect(seen).toBeUndefined();
    }
    const { answer, seen } = await reaches(backend, ask('https://public.example.com/', 'admin.example.com'));
    // HAProxy takes no such request.
    expect([200, 400]).toContain(answer.status);
    if (answer.status === 200) expect(seen?.headers['host']).toBe('public.example.com');
    else expect(seen).toBeUndefined();
  });

  it('does not let a client choose its address for the ban', async () => {
    const { person, portcullis } = world();
    const who = person();
    await who.send(`${portal}/api/firstfactor`, {
      method: 'POST',
      body: { username: 'nobody-of-this-name', password: 'x' },
      headers: { 'X-Forwarded-For': '198.51.100.7', 'X-Real-IP': '198.51.100.7' },
    });
    const line = await until(() =>
      portcullis
        .logs('identity')
        .split('\n')
        .find((each) => each.includes('nobody-of-this-name')),
    );
    expect(line).toContain('127.0.0.1');
    expect(portcullis.logs()).not.toContain('198.51.100.7');
  });

  it('keeps a form of a stranger from the application, and brings the browser back with a GET', async () => {
    const { backend, person } = world();
    const { answer, seen } = await reaches(backend, () =>
      person().send('https://app.example.com/save?x=1', {
        method: 'POST',
        headers: { Accept: 'text/html', 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'a=b',
      }),
    );
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toBe(signInAddress(comesBackTo('https://app.example.com/save?x=1'), 'POST'));
    expect(seen).toBeUndefined();
  });

  it('passes on the whole body of somebody who is signed in', async () => {
    const body = 'a'.repeat(300_000);
    const answer = await (await askJohn()).send('https://live.example.com/save', { method: 'PUT', body });
    expect(answer).toMatchObject({ status: 200, body: '300000' });
  });

  it.each([{ 'X-Requested-With': 'XMLHttpRequest' }, { Accept: 'application/json' }])('answers a script (%o) 401', async (headers) => {
    const { backend, person } = world();
    const { answer, seen } = await reaches(backend, () => person().open('https://app.example.com/data', headers));
    expect(answer.status).toBe(401);
    expect(seen).toBeUndefined();
  });

  it('takes a password in the Authorization header where one factor is enough, and there alone', async () => {
    const { backend, person } = world();
    const basic = (name: string, password: string) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` });
    const right = await reaches(backend, () => person().open('https://app.example.com/', basic('john', people.john.password)));
    expect(right.answer.status).toBe(200);
    expect(identitySeen(right.seen!)).toEqual(john);
    const wrong = await reaches(backend, () => person().open('https://app.example.com/', basic('john', 'wrong')));
    expect(wrong.answer.status).toBe(401);
    expect(wrong.answer.headers['www-authenticate']).toMatch(/^Basic realm=/);
    expect(wrong.seen).toBeUndefined();
    const tooLittle = await reaches(backend, () => person().open('https://bank.example.com/', basic('john', people.john.password)));
    expect(tooLittle.answer.status).toBe(401);
    expect(tooLittle.seen).toBeUndefined();
  });

  it('answers 403 to somebody who is signed in and may not, and to nobody 200', async () => {
    const { person } = world();
    expect((await (await askJohn()).open('https://admin.example.com/')).status).toBe(403);
    expect((await (await signIn(person(), 'mary')).open('https://admin.example.com/')).status).toBe(200);
    const half = await (await askJohn()).open('https://bank.example.com/');
    expect(half.status).toBe(302);
    expect(half.headers.location).toBe(signInAddress('https://bank.example.com/'));
  });

  it('opens what is open in every reading of its path', async () => {
    for (const path of ['/public', '/public/', '/public/a%20b?x=/admin', '/public/%C3%A4'])
      expect((await world().person().open(`https://mixed.example.com${path}`)).status, path).toBe(200);
  });

  it.each(paths)('does not open %s to a stranger, nor what is for admins to others', async (path) => {
    const { backend, person } = world();
    const ask = (who: Person) => reaches(backend, () => who.open(`https://mixed.example.com${path}`));
    const [stranger, signedIn] = [await ask(person()), await ask(await askJohn())];
    if (resolvesPaths && stranger.seen !== undefined) {
      expect([stranger.seen.url, signedIn.seen?.url]).toEqual(['/public', '/public']);
      return;
    }
    expect(refusals).toContain(stranger.answer.status);
    expect(stranger.seen).toBeUndefined();
    expect([400, 403]).toContain(signedIn.answer.status);
    expect(signedIn.seen).toBeUndefined();
  });

  it.each([
    '/api/verify?rd=https://auth.example.com',
    '/api/verify/',
    '/api/authz/auth-request',
    '/api/authz/forward-auth',
    '/api/authz/ext-authz/x',
    '/authelia/api/verify',
    '/API/Verify',
    '/api/%76erify',
    '//api/verify',
    '/x/../api/verify',
    '/.portcullis/verify',
  ])('does not answer %s on the public portal', async (path) => {
    const headers = { 'X-Original-URL': 'https://public.example.com/', 'X-Original-Method': 'GET' };
    expect([400, 404]).toContain((await world().person().open(`${portal}${path}`, headers)).status);
  });

  it('lets nobody ask for the questions of the proxy on a protected site', async () => {
    const { backend, person } = world();
    const { answer, seen } = await reaches(backend, () => person().open('https://app.example.com/.portcullis/verify'));
    expect([302, 404]).toContain(answer.status);
    expect(seen).toBeUndefined();
  });

  it('bans after three wrong passwords', async () => {
    const { person, portcullis } = world();
    for (const attempt of ['one', 'two', 'three']) expect((await tryPassword(person(), 'victim', attempt)).status).toBe(401);
    expect((await tryPassword(person(), 'victim', people.victim.password)).status).toBe(401);
    await until(() => /authentication attempt by user 'victim'.*authentication failed/.test(portcullis.logs('identity')));
  });

  it('opens a WebSocket to somebody who is signed in, and to nobody else', async () => {
    const { front, echo } = world();
    const host = 'live.example.com';
    const refused = await shakeHands(front.base, host, '');
    expect([302, 401]).toContain(refused.status);
    expect(echo.handshakes).toHaveLength(0);
    expect(await shakeHands(front.base, host, (await askJohn()).cookieFor(host))).toEqual({ status: 101, echo: 'hello' });
    expect(echo.handshakes[0]?.headers).toMatchObject({ 'remote-user': 'john' });
    const made = `authelia_session=${'A'.repeat(43)}`;
    expect([302, 401]).toContain((await shakeHands(front.base, host, made)).status);
    expect(echo.handshakes).toHaveLength(1);
  });

  it('lets nobody through while the gate is away, and signs nobody out', async () => {
    const { backend, person, portcullis } = world();
    const who = await askJohn();
    await portcullis.kill('verify-gateway');
    for (const [each, host] of [
      [who, 'app'],
      [person(), 'app'],
      [person(), 'public'],
      [who, 'admin'],
    ] as const) {
      const { answer, seen } = await reaches(backend, () => each.open(`https://${host}.example.com/`));
      expect({ status: answer.status, retryAfter: answer.headers['retry-after'] }).toEqual(away);
      expect(answer.headers['set-cookie']).toBeUndefined();
      expect(seen).toBeUndefined();
    }
    await portcullis.start('verify-gateway');
    await until(async () => (await who.open('https://app.example.com/')).status === 200, { what: 'the gate to answer again' });
  });
}
