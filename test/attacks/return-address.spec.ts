import { beforeAll, expect, it } from 'vitest';
import { type Client, describeWith, type HttpResponse } from '../support/index.js';
import { accepted, passwordOf, persons, PORTAL, PORTAL_HOST, startWorld, tryPassword, type World } from './world.js';

const EVIL = [
  '//evil.test',
  '///evil.test',
  '////evil.test/a',
  '/\\evil.test',
  '\\\\evil.test',
  '\\/evil.test',
  'https:evil.test',
  'https:/evil.test',
  'https:\\\\evil.test',
  'https:///evil.test',
  '%09//evil.test',
  '\t//evil.test',
  '\n//evil.test',
  ' https://evil.test',
  'https://evil.test',
  'https://good.example.com@evil.test/',
  'https://app.example.com\\@evil.test/',
  'https://app.example.com%2f@evil.test/',
  'https://evil.test#app.example.com',
  'https://evil.test?app.example.com',
  'https://evil.test\\.example.com/',
  'https://app.example.com.evil.test/',
  'https://evilexample.com/',
  'https://app.example.com:443@evil.test/',
  'https://app.example.com\t.evil.test/',
  'https://ex\u0430mple.com/',
  'https://app.example.com\u3002evil.test/',
  'javascript:alert(1)',
  'JaVaScRiPt:alert(1)//https://app.example.com',
  'data:text/html,<script>alert(1)</script>',
  'vbscript:x',
  'ftp://app.example.com/',
  'view-source:https://app.example.com/',
];
/** Over a line that everybody on it can read. */
const PLAIN = ['http://app.example.com/', 'HTTP://app.example.com/', 'ws://app.example.com/', 'http://app.example.com:443/'];
/** No address of a site at all. */
const ODD = [
  'https://localhost/',
  'https://x/',
  '//x/',
  'https://',
  'https:///',
  'https://?',
  'x',
  '/',
  '?',
  '#',
  '%',
  '%zz',
  'https://[',
  'https://[::1',
  'https://app.example.com:99999/',
  'https://user:pass@app.example.com/',
  'https://app.example.com/\u0000',
  'mailto:john@example.com',
  'about:blank',
  'a'.repeat(8000),
];

describeWith(['redis'], 'where somebody is sent', () => {
  let world: World;
  let john: Client;
  beforeAll(async () => {
    world = await startWorld({ people: persons('v54', 'v69') });
    john = await world.signIn('john');
  });

  const form = (who: Client, path: string, fields: Readonly<Record<string, string>>): Promise<HttpResponse> =>
    who.send(path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded', 'Sec-Fetch-Site': 'same-origin' },
      body: new URLSearchParams(fields).toString(),
    });
  /** Where an answer leads, in a header, in its data, or in a page of it. */
  function leadsTo(answer: HttpResponse): string {
    const json = answer.headers['content-type']?.startsWith('application/json') === true ? JSON.stringify(answer.json().data ?? {}) : '';
    const links = [...answer.body.matchAll(/(?:href|src|action|formaction)\s*=\s*"([^"]*)"/gi)].map(([, url]) => url);
    return [answer.headers.location ?? '', answer.headers['refresh'] ?? '', json, ...links].join(' ');
  }
  const signInAgain = (rd: string) => tryPassword(world.visitor(), 'v54', passwordOf('v54'), { targetURL: rd });

  it.each([...EVIL, ...PLAIN])('attack 54, 55: nobody is sent to %j after signing in', async (rd) => {
    const signedIn = await signInAgain(rd);
    expect(signedIn.status).toBe(200);
    expect(signedIn.json()).toEqual({ status: 'OK' });
    const byForm = await form(world.visitor(), '/sign-in', { username: 'v54', password: passwordOf('v54'), rd, rm: 'GET' });
    expect(byForm.status).toBe(303);
    // On to the portal's own page, which carries the address along and does not follow it.
    expect(byForm.headers.location).toMatch(/^\/(\?|$)/);
    const query = new URLSearchParams({ rd, rm: 'GET' }).toString();
    const home = await john.get(`/?${query}`);
    expect(home.status).toBe(200);
    expect(leadsTo(home)).not.toMatch(/evil|script:|http:|ftp:|data:/i);
    const stranger = await world.visitor().get(`/?${query}`);
    expect(leadsTo(stranger)).not.toMatch(/evil|script:|http:|ftp:|data:/i);
    expect(stranger.body).not.toMatch(/to continue to/);
  });

  it.each([...EVIL, ...PLAIN])('attack 54, 55: nor after signing out', async (rd) => {
    const who = world.visitor();
    await accepted(tryPassword(who, 'v54', passwordOf('v54')));
    const other = who.copy();
    const byForm = await form(other, '/sign-out', { rd });
    expect([byForm.status, byForm.headers.location]).toEqual([200, undefined]);
    expect(leadsTo(byForm)).not.toMatch(/evil|script:|http:|ftp:|data:/i);
    expect(leadsTo(await john.get(`/logout?${new URLSearchParams({ rd }).toString()}`))).not.toMatch(/evil|script:|http:|ftp:|data:/i);
    const asked = await world.visitor().post('/api/logout', { targetURL: rd });
    expect(asked.json()).toEqual({ status: 'OK', data: { safeTargetURL: false } });
    const checked = await john.post('/api/checks/safe-redirection', { uri: rd });
    expect(checked.json().data?.ok ?? false).toBe(false);
  });

  it.each(['https://app.example.com/', 'https://app.example.com:8443/a?b=c', 'wss://app.example.com/socket', 'https://APP.example.com/'])(
    'attack 55: %s is where people wanted to go',
    async (rd) => {
      expect((await signInAgain(rd)).json()).toEqual({ status: 'OK', data: { redirect: rd } });
      expect((await john.post('/api/checks/safe-redirection', { uri: rd })).json().data).toEqual({ ok: true });
    },
  );

  it('attack 56: an address that carries itself along does not grow without end', async () => {
    let url = 'https://app.example.com/';
    let longest = 0;
    for (let round = 0; round < 12; round += 1) {
      const answer = await world.verify(url);
      expect([302, 400, 401, 431]).toContain(answer.status);
      if (answer.status !== 302) break;
      longest = Math.max(longest, answer.headers.location!.length);
      url = `https://app.example.com/?rd=${encodeURIComponent(answer.headers.location!)}`;
      // As an application does that sends everybody to the portal.
      const home = await john.get(answer.headers.location!.slice(PORTAL.length));
      expect([200, 303, 400, 414, 431]).toContain(home.status);
      expect(home.headers.location ?? '').toHaveLength(Math.min(home.headers.location?.length ?? 0, 8192));
    }
    expect(longest).toBeLessThanOrEqual(16_384);
    // The portal is no site behind the gate: an address of its own is never carried along.
    const own = `${PORTAL}/?rd=${encodeURIComponent(`${PORTAL}/?rd=x`)}`;
    expect((await world.verify(own)).status).toBe(403);
  });

  it.each(ODD)('attack 69: the target %j takes nobody anywhere, and right credentials are right', async (rd) => {
    const who = world.visitor();
    const answer = await tryPassword(who, 'v69', passwordOf('v69'), { targetURL: rd });
    expect([answer.status, answer.json()]).toEqual([200, { status: 'OK' }]);
    expect(who.cookies.has('authelia_session')).toBe(true);
    for (const targetURL of [null, 1, true, {}, ['https://evil.test']]) {
      const other = await tryPassword(world.visitor(), 'v69', passwordOf('v69'), { targetURL });
      expect([other.status, other.json()]).toEqual([200, { status: 'OK' }]);
    }
  });

  it('attack 80: no answer leads from https to http', async () => {
    const paths = [
      '/',
      '/authelia',
      '/authelia/',
      '/logout',
      '/logout/',
      '/api/state/',
      '/enrol',
      '/enrol/',
      '/reset-password/step1/',
      '//',
      '/settings',
      '/sign-in',
      '/?rd=http://app.example.com/',
      '/authelia/?rd=https://app.example.com/',
      '/2fa/one-time-password',
      '/authenticated',
      '/reset-password/step2',
    ];
    for (const who of [world.visitor(), john])
      for (const path of paths)
        for (const Host of [PORTAL_HOST, `${PORTAL_HOST}:80`, `${PORTAL_HOST}:443`, `${PORTAL_HOST}:8443`]) {
          const { status, headers } = await who.get(path, { headers: { Host, 'X-Forwarded-Host': Host } });
          expect(status, path).toBeLessThan(500);
          expect(headers.location ?? '', path).not.toMatch(/^(http:|\/\/|[^/h])/i);
        }
    for (const endpoint of ['forward-auth', 'auth-request', 'legacy'] as const) {
      const { headers } = await world.verify('https://app.example.com/', { endpoint });
      expect(headers.location).toMatch(/^https:\/\/auth\.example\.com\//);
      expect((await world.verify('http://app.example.com/', { endpoint })).headers.location).toBeUndefined();
      expect([400, 401]).toContain((await world.verify('http://public.example.com/', { endpoint })).status);
    }
  });
});
