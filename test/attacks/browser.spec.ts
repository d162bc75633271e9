import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { type Client, describeWith, digest, type HttpResponse, until } from '../support/index.js';
import { accepted, identityOf, levelOf, passwordOf, persons, PORTAL, startWorld, tryPassword, type World } from './world.js';

const APP = 'https://app.example.com/';
const SCRIPT = `"><script>alert(1)</script><img src=x onerror=alert(1)>'`;
/** What a page of another site, or of a neighbour below the same domain, cannot help saying of itself. */
const ELSEWHERE: readonly Readonly<Record<string, string>>[] = [
  { Origin: 'https://evil.test' },
  { Origin: 'https://app.example.com' },
  { Origin: 'http://auth.example.com' },
  { Origin: 'https://auth.example.com.evil.test' },
  { Origin: 'https://auth.example.com:8443' },
  { Origin: 'null' },
  { 'Sec-Fetch-Site': 'cross-site' },
  { 'Sec-Fetch-Site': 'same-site' },
  { 'Sec-Fetch-Site': 'cross-site', Origin: PORTAL },
];

describeWith(['redis'], "somebody's browser, used by another site", () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({ people: persons('v58', 'v58b', 'v77') });
  });

  /** Adds somebody to the users file, as its owner wrote it. */
  const add = async (name: string, user: object): Promise<void> => {
    const { usersFile } = world.portcullis;
    const whole = { displayname: name, email: `${name}@example.com`, password: await digest(passwordOf(name)), groups: [], ...user };
    writeFileSync(usersFile, readFileSync(usersFile, 'utf8') + stringify({ users: { [name]: whole } }).replace(/^users:\n/, ''));
  };
  /** Signs them in as soon as the file is read; each try from an address of its own. */
  const enter = (name: string): Promise<Client> =>
    until(
      async () => {
        const who = world.visitor();
        return (await tryPassword(who, name, passwordOf(name))).status === 200 && who;
      },
      { what: `${name} to sign in` },
    );

  const form = (
    who: Client,
    path: string,
    fields: Readonly<Record<string, string>>,
    headers: Readonly<Record<string, string>>,
  ): Promise<HttpResponse> =>
    who.send(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams(fields).toString(),
    });

  it.each(ELSEWHERE)('attack 58: %o signs nobody in', async (headers) => {
    const credentials = { username: 'v58', password: passwordOf('v58') };
    for (const answer of [
      await world.visitor().post('/api/firstfactor', credentials, { headers }),
      await form(world.visitor(), '/sign-in', credentials, headers),
    ])
      expect([answer.status, answer.headers['set-cookie']]).toEqual([403, undefined]);
  });

  it.each(ELSEWHERE)('attack 58: nor out, nor changes anything', async (headers) => {
    const who = await world.signIn('v58b');
    const id = who.cookieHeader();
    for (const [method, path] of [
      ['POST', '/api/logout'],
      ['POST', '/api/firstfactor/reauthenticate'],
      ['POST', '/api/user/session/elevation'],
      ['PUT', '/api/user/session/elevation'],
      ['POST', '/api/user/info/2fa_method'],
      ['DELETE', '/api/secondfactor/totp'],
      ['PUT', '/api/secondfactor/totp/register'],
      ['POST', '/api/change-password'],
      ['POST', '/api/reset-password/identity/start'],
    ] as const) {
      const answer = await who.send(path, { method, headers, body: { username: 'v58b', password: passwordOf('v58b'), method: 'totp' } });
      expect([answer.status, answer.headers['set-cookie']], `${method} ${path}`).toEqual([403, undefined]);
    }
    for (const path of ['/sign-out', '/enrol/mail', '/reset-password/step1']) expect((await form(who, path, {}, headers)).status, path).toBe(403);
    expect([who.cookieHeader(), (await world.verify(APP, { as: who })).status]).toEqual([id, 200]);
    for (const path of ['/api/logout', '/logout', '/sign-out']) await who.get(path, { headers });
    expect((await world.verify(APP, { as: who })).status).toBe(200);
  });

  it('attack 59: every answer forbids frames, and scripts that are not of a file of ours', async () => {
    const john = await world.signIn('john');
    for (const path of [
      '/',
      '/logout',
      '/enrol',
      '/reset-password/step1',
      '/reset-password/step2',
      '/revoke/reset-password?token=x',
      '/nothing-here',
      '/api/state',
      '/api/nothing',
      '/authelia/',
      '/%zz',
      '/.env',
      '/sign-in',
    ])
      for (const who of [world.visitor(), john]) {
        const { status, headers } = await who.get(path);
        expect(status, path).toBeLessThan(500);
        const policy = String(headers['content-security-policy']);
        expect(policy, path).toContain("default-src 'none'");
        expect(policy).not.toMatch(/unsafe-(inline|eval|hashes)|script-src[^;]*(\*|data:|https?:)/);
        if (String(headers['content-type']).startsWith('text/html')) expect(policy).toContain("frame-ancestors 'none'");
        expect(headers).toMatchObject({ 'x-frame-options': 'DENY', 'x-content-type-options': 'nosniff' });
        expect(headers['cache-control']).toContain('no-store');
      }
  });

  it('attack 59: what a cookie, a header or an address says of a language is never markup', async () => {
    const john = await world.signIn('john');
    for (const who of [world.visitor(), john])
      for (const name of ['language', 'portcullis_language', 'i18next', 'theme']) {
        const Cookie = [...who.cookies]
          .map(([key, value]) => `${key}=${value}`)
          .concat(`${name}=%22%3E%3Cscript%3Ealert(1)%3C/script%3E`, `x${name}=${SCRIPT.replaceAll('"', '')}`)
          .join('; ');
        const answer = await who.get(
          `/?${new URLSearchParams({ rd: `https://app.example.com/${SCRIPT}`, rm: SCRIPT, lang: SCRIPT, [name]: SCRIPT }).toString()}`,
          {
            headers: { Cookie, 'Accept-Language': `${SCRIPT},en;q=0.5`, 'User-Agent': SCRIPT, Referer: SCRIPT },
          },
        );
        expect(answer.status).toBeLessThan(500);
        expect(answer.body).not.toMatch(/<script>alert|<img src=x/i);
      }
  });

  it('attack 60: a name with markup in it is text, in every page and answer', async () => {
    await add('scripted', { displayname: SCRIPT, groups: ['<b>bold</b>'] });
    const scripted = await enter('scripted');
    for (const path of ['/', '/enrol', '/logout', '/api/user/info', '/api/portal', '/settings', '/api/user/overview']) {
      const answer = await scripted.get(path);
      if (answer.headers['content-type']?.startsWith('text/html') === true)
        expect(answer.body, path).not.toMatch(/<script>alert|<img src=x|<b>bold/i);
      else expect(answer.headers['content-type'], path).toMatch(/^(application\/json|text\/plain)/);
    }
    expect(identityOf(await world.verify(APP, { as: scripted }))[2]).toBe(SCRIPT);
  });

  it('attack 61: names and groups beyond ASCII arrive as UTF-8, each header once', async () => {
    await add('nihon', { displayname: '日本 Ünï \u{1F3F0}', groups: ['日本', 'dev'] });
    const answer = await world.verify(APP, { as: await enter('nihon') });
    expect(identityOf(answer)).toEqual(['nihon', '日本,dev', '日本 Ünï \u{1F3F0}', 'nihon@example.com']);
    const names = answer.rawHeaders.filter((name) => /^remote-/i.test(name)).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual(['remote-email', 'remote-groups', 'remote-name', 'remote-user']);
  });

  it.each([
    ['a comma in a group', { groups: ['users,admins'] }],
    ['a line end in a group', { groups: ['a\r\nRemote-Groups: admins'] }],
    ['a line end in a name', { displayname: 'A\r\nRemote-User: mary\r\n\r\nB' }],
    ['a NUL in a name', { displayname: 'A\u0000B' }],
    ['a line end in an address', { email: 'a@example.com\r\nRemote-User: mary' }],
  ])('attack 61: a users file with %s is refused, and the users stay as they were', async (_title, user) => {
    const { usersFile } = world.portcullis;
    const before = readFileSync(usersFile, 'utf8');
    const refusals = () => world.lines(/cannot be used: the users stay as they were/).length;
    const refused = refusals();
    await add('crafted', user);
    await until(() => refusals() > refused, { what: 'the report' });
    expect((await tryPassword(world.visitor(), 'crafted', passwordOf('crafted'))).status).toBe(401);
    expect((await world.verify(APP, { as: await world.signIn('john') })).status).toBe(200);
    writeFileSync(usersFile, before);
  });

  it.each([
    'text/plain',
    'text/plain; charset=utf-8',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
    'application/jsonx',
    'text/json',
    '',
  ])('attack 77: a body of the type %j signs nobody in or out', async (type) => {
    const who = await world.signIn('v77');
    const headers = { 'Content-Type': type };
    const body = JSON.stringify({ username: 'v77', password: passwordOf('v77') });
    for (const more of [{}, { Origin: 'https://evil.test' }, { 'Sec-Fetch-Site': 'cross-site' }]) {
      const signIn = await world.visitor().send('/api/firstfactor', { method: 'POST', headers: { ...headers, ...more }, body });
      expect([403, 415]).toContain(signIn.status);
      expect(signIn.headers['set-cookie']).toBeUndefined();
      const signOut = await who.copy().send('/api/logout', { method: 'POST', headers: { ...headers, ...more }, body: '{"targetURL":""}' });
      expect([403, 415]).toContain(signOut.status);
    }
    expect(await levelOf(who)).toBe(1);
    await accepted(who.post('/api/logout'));
  });
});
