import { beforeAll, describe, expect, it } from 'vitest';
import { caddyFront, type Front, haproxyFront, nginxFront } from '../e2e/fronts.js';
import { accept, person, type Person } from '../e2e/person.js';
import {
  describeWith,
  freePort,
  http,
  type HttpResponse,
  type RunningBackend,
  type SeenRequest,
  sendRaw,
  startBackend,
  startNginx,
  statusOf,
} from '../support/index.js';
import { sendRawTls } from './raw-tls.js';
import { passwordOf, persons, PORTAL, PORTAL_HOST, startWorld, type World } from './world.js';

const REFUSALS = [302, 303, 400, 401, 403, 404];
const SITES = ['public', 'mixed', 'tight', 'admin', 'app', 'bank', 'inside', 'cors', 'john.home', 'mary.home'].map((name) => `${name}.example.com`);
const FRONTS = { nginx: nginxFront, caddy: caddyFront, haproxy: haproxyFront } as const;

describeWith(['redis', 'nginx', 'caddy', 'haproxy'], 'an attack through a proxy', () => {
  let world: World;
  let backend: RunningBackend;
  const fronts: Partial<Record<keyof typeof FRONTS, Front>> = {};
  beforeAll(async () => {
    world = await startWorld({ people: persons('v24') });
    backend = await startBackend();
    const options = {
      gate: Number(new URL(world.portcullis.base).port),
      portal: PORTAL_HOST,
      sites: Object.fromEntries(SITES.map((host) => [host, { backend: backend.url }])),
    };
    await Promise.all(
      Object.entries(FRONTS).map(async ([name, start]) => {
        fronts[name as keyof typeof FRONTS] = await start(options);
      }),
    );
  });

  interface Reached {
    readonly answer: HttpResponse;
    /** What the application saw of it. */
    readonly seen: SeenRequest | undefined;
  }
  const reaches = async (ask: () => Promise<HttpResponse>): Promise<Reached> => {
    const before = backend.requests.length;
    const answer = await ask();
    return { answer, seen: backend.requests[before] };
  };
  /** Everything an application could take for one of the four identity headers, whatever it folds. */
  function told({ rawHeaders }: SeenRequest): readonly string[] {
    const values: string[] = [];
    for (let at = 0; at + 1 < rawHeaders.length; at += 2)
      if (/^remote[-_. ](user|groups|name|email)\s*$/i.test(rawHeaders[at]!)) values.push(rawHeaders[at + 1]!);
    return values.filter((value) => value !== '');
  }

  describe.each(Object.keys(FRONTS) as readonly (keyof typeof FRONTS)[])('%s', (name) => {
    const front = (): Front => fronts[name]!;
    const stranger = (): Person => person(front().base);
    const signIn = async (who: string): Promise<Person> => {
      const found = stranger();
      const answer = await found.post(`${PORTAL}/api/firstfactor`, { username: who, password: passwordOf(who) });
      expect(answer.status).toBe(200);
      return found;
    };
    /** A proxy may break the handshake with a name it does not serve. */
    const asHost = (host: string, headers: Readonly<Record<string, string>> = {}): Promise<Reached> =>
      reaches(() =>
        http(front().base, { path: '/', headers: { Host: host, Accept: accept, ...headers } }).catch(() => ({ status: 0 }) as HttpResponse),
      );
    /** Nobody passes: neither a stranger nor somebody who may not. */
    const refused = async (url: string, headers: Readonly<Record<string, string>> = {}, john?: Person): Promise<void> => {
      for (const who of [stranger(), ...(john === undefined ? [] : [john])]) {
        const { answer, seen } = await reaches(() => who.open(url, headers));
        expect(REFUSALS, `${url} ${JSON.stringify(headers)}`).toContain(answer.status);
        expect(seen).toBeUndefined();
        expect(answer.headers.location ?? PORTAL).toMatch(/^https:\/\/auth\.example\.com/);
      }
    };

    it('attack 1, 2, 3: no header of a client names the target', async () => {
      const john = await signIn('john');
      for (const headers of [
        { 'X-Original-URL': 'https://public.example.com/', 'X-Original-Method': 'OPTIONS' },
        { 'X-Original-URI': '/public' },
        { 'X-Forwarded-Uri': '/public', 'X-Forwarded-Host': 'public.example.com' },
        { 'X-Forwarded-Host': 'public.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Uri': '/', 'X-Forwarded-Method': 'GET' },
        { 'X-Original-URL': 'https://public.example.com/', 'X-Forwarded-Host': 'mixed.example.com', 'X-Forwarded-Uri': '/public' },
        { Forwarded: 'for=10.0.0.1;host=public.example.com;proto=https', 'X-Forwarded-Server': 'public.example.com' },
        { 'X-Rewrite-URL': '/public', 'X-Forwarded-Prefix': '/public', 'X-Forwarded-Port': '80' },
      ]) {
        await refused('https://admin.example.com/', headers, john);
        await refused('https://mixed.example.com/admin', headers, john);
      }
    });

    it.each([
      ['two Host headers', 'admin.example.com', ['GET / HTTP/1.1', 'Host: admin.example.com', 'Host: public.example.com']],
      ['a list in Host', 'admin.example.com', ['GET / HTTP/1.1', 'Host: public.example.com, admin.example.com']],
      ['another host in the first line', 'admin.example.com', ['GET https://admin.example.com/ HTTP/1.1', 'Host: public.example.com']],
      [
        'two X-Forwarded-Host',
        'mixed.example.com',
        ['GET /admin HTTP/1.1', 'Host: mixed.example.com', 'X-Forwarded-Host: public.example.com', 'X-Forwarded-Host: admin.example.com'],
      ],
      ['a line folded into Host', 'admin.example.com', ['GET / HTTP/1.1', 'Host: admin.example.com', ' public.example.com']],
      ['a blank before the colon', 'admin.example.com', ['GET / HTTP/1.1', 'Host : public.example.com', 'Host: admin.example.com']],
      [
        'two lengths',
        'admin.example.com',
        ['POST / HTTP/1.1', 'Host: admin.example.com', 'Content-Length: 0', 'Content-Length: 5', 'Accept: text/html'],
      ],
    ])('attack 4: %s let nobody in', async (_title, host, lines) => {
      const before = backend.requests.length;
      const answer = await sendRawTls(front().base, host, lines);
      expect([0, 421, ...REFUSALS]).toContain(statusOf(answer));
      expect(backend.requests).toHaveLength(before);
    });

    it.each([
      { 'Remote-User': 'mary' },
      { 'remote-user': 'mary', 'Remote-Groups': 'admins' },
      { 'REMOTE-USER': 'mary' },
      { Remote_User: 'mary' },
      { 'Remote.User': 'mary' },
      { REMOTE_GROUPS: 'admins' },
      { Connection: 'Remote-User, Remote-Groups, Remote-Name, Remote-Email' },
      { Connection: 'close, X-Forwarded-Host, X-Original-URL', 'Remote-Email': 'mary@example.com' },
    ])('attack 6, 7: the application is not told %o', async (headers) => {
      const open = await reaches(() => stranger().open('https://public.example.com/', headers));
      if (open.seen === undefined) expect(open.answer.status).toBe(400);
      else expect(told(open.seen)).toEqual([]);
      const john = await signIn('john');
      const own = await reaches(() => john.open('https://app.example.com/', headers));
      if (own.seen === undefined) expect(own.answer.status).toBe(400);
      else expect([...told(own.seen)].sort()).toEqual(['John Doe', 'john', 'john@example.com', 'users,dev']);
    });

    it('attack 8, 53: a cookie that is none, or two of them, opens nothing', async () => {
      for (const value of ['garbage', 'A'.repeat(43), '', '%00', `${'A'.repeat(43)}; authelia_session=${'B'.repeat(43)}`])
        await refused('https://app.example.com/', { Cookie: `authelia_session=${value}` });
    });

    it.each(['/%%zz', '/%ff', '/%00', '/a%0d%0ab', '/%c0%ae%c0%ae/'])('attack 9: %s reaches no application', async (path) => {
      await refused(`https://mixed.example.com${path}`, {}, await signIn('john'));
    });

    it.each([
      '/public/../admin',
      '/public/%2e%2e/admin',
      '/public/..%2fadmin',
      '/public/.%2e/admin',
      '//admin',
      '/public//../admin',
      '/public/..;/admin',
      '/admin/../public',
      '/admin%2f..%2fpublic',
      '/public/%252e%252e%252fadmin',
      '/public%2f..%2fadmin',
      '/./admin',
      '/%61dmin/../admin',
    ])('attack 10, 11: %s is judged by its strictest reading', async (path) => {
      await refused(`https://mixed.example.com${path}`, {}, await signIn('john'));
    });

    it('attack 12: a fragment in the first line is malformed', async () => {
      for (const path of ['/#/public', '/admin#/../public', '/public#/admin']) await refused(`https://mixed.example.com${path}`);
    });

    it('attack 13: a query string opens no path', async () => {
      await refused('https://tight.example.com/private?path=/status');
      await refused('https://mixed.example.com/x?/public');
      await refused('https://mixed.example.com/admin?x=/public', {}, await signIn('john'));
    });

    it('attack 14, 15, 16: a host in capitals, with a dot or a port is that host', async () => {
      const john = await signIn('john');
      for (const host of [
        'ADMIN.example.com',
        'admin.EXAMPLE.com:443',
        'admin.example.com.',
        'admin.example.com.:8443',
        'mary.home.example.com',
        'MARY.home.example.com',
      ]) {
        for (const headers of [{ Cookie: john.cookieFor('app.example.com') }, {}]) {
          const { seen } = await asHost(host, headers);
          expect(seen, host).toBeUndefined();
        }
      }
      expect((await john.open('https://john.home.example.com/')).status).toBe(200);
    });

    it('attack 17: a host that begins or ends like one of ours is not one of ours', async () => {
      for (const host of [
        'public.example.com.evil.test',
        'evilpublic.example.com',
        'xapp.example.com',
        'example.com',
        'public.example.com.example.com',
      ]) {
        const { seen } = await asHost(host);
        // A proxy may serve its first site to a name it does not know, and then asks the gate about that.
        if (seen !== undefined) expect(seen.headers['host']).toBe('public.example.com');
      }
    });

    it("attack 18: nothing of the portal's is open on a site, nothing of the gate's on the portal", async () => {
      for (const path of ['/api/authz/forward-auth', '/api/verify', '/.portcullis/verify', '/outpost.goauthentik.io/', '/oauth2/auth', '/api/health'])
        await refused(`https://app.example.com${path}`);
      for (const path of [
        '/api/verify',
        '/api/verify/',
        '/api/authz/forward-auth',
        '/api/authz/ext-authz/x',
        '/authelia/api/verify',
        '/API/VERIFY',
        '/api/%76erify',
        '//api/verify',
        '/api/./verify',
      ]) {
        const { answer } = await reaches(() =>
          stranger().open(`${PORTAL}${path}`, { 'X-Original-URL': 'https://public.example.com/', 'X-Original-Method': 'GET' }),
        );
        expect([400, 404], path).toContain(answer.status);
      }
    });

    it("attack 6: no client has an application's own proxy drop what the gate said", async () => {
      const john = await signIn('john');
      for (const Connection of ['Remote-User, Remote-Groups', 'close, remote-email', 'X-Forwarded-For, X-Forwarded-Host']) {
        const { seen } = await reaches(() => john.open('https://app.example.com/', { Connection }));
        expect(seen?.headers.connection ?? '').not.toMatch(/remote|forwarded/i);
      }
    });

    it('attack 19: a health checker is a stranger', async () => {
      for (const agent of ['kube-probe/1.29', 'GoogleHC/1.0', 'ELB-HealthChecker/2.0'])
        await refused('https://app.example.com/', { 'User-Agent': agent });
    });

    it('attack 20, 21: the method that is judged is the one that is used', async () => {
      const send = (method: string, headers = {}) =>
        reaches(() => stranger().send('https://cors.example.com/', { method, headers: { Accept: accept, ...headers } }));
      expect((await send('OPTIONS')).answer.status).toBe(200);
      for (const method of ['GET', 'POST', 'DELETE', 'PROPFIND'])
        for (const header of ['X-HTTP-Method-Override', 'X-Forwarded-Method', 'X-Original-Method', 'X-HTTP-Method']) {
          const { answer, seen } = await send(method, { [header]: 'OPTIONS' });
          expect(REFUSALS).toContain(answer.status);
          expect(seen).toBeUndefined();
        }
      const before = backend.requests.length;
      for (const method of ['options', 'Options', 'OPTIONS GET', 'OPTIONS,GET', 'OPTIONSX'])
        expect(statusOf(await sendRawTls(front().base, 'cors.example.com', [`${method} / HTTP/1.1`, 'Host: cors.example.com'])), method).not.toBe(
          200,
        );
      expect(backend.requests).toHaveLength(before);
    });

    it('attack 22, 23: a client says nothing of where it comes from that opens anything', async () => {
      for (const ip of ['10.0.0.1', '10.0.0.1, 10.0.0.2', 'a', '127.0.0.1', 'fd00::1', '::ffff:10.0.0.1', '10.0.0.1,']) {
        await refused('https://inside.example.com/', {
          'X-Forwarded-For': ip,
          'X-Real-IP': ip,
          'True-Client-IP': ip,
          'CF-Connecting-IP': ip,
          'X-Client-IP': ip,
          Forwarded: `for=${ip}`,
        });
      }
    });

    it('attack 57: a client names no portal', async () => {
      await refused('https://app.example.com/?authelia_url=https://evil.example.com/&rd=https://evil.example.com/', {
        'X-Authelia-URL': 'https://evil.example.com/',
      });
    });

    it('attack 80: a site behind it is sent to sign in over https', async () => {
      const { headers } = await stranger().open('https://app.example.com/a');
      expect(headers.location).toBe(`${PORTAL}/?rd=https%3A%2F%2Fapp.example.com%2Fa&rm=GET`);
    });
  });

  it('attack 24: behind each proxy a client that names other addresses is banned all the same', async () => {
    for (const [index, front] of Object.values(fronts).entries()) {
      const who = person(front.base);
      const headers = { 'X-Forwarded-For': `198.18.0.${index}`, 'X-Real-IP': `198.18.0.${index}` };
      const answer = await who.send(`${PORTAL}/api/firstfactor`, { method: 'POST', headers, body: { username: 'v24', password: `wrong ${index}` } });
      expect(answer.status).toBe(401);
    }
    const right = await person(Object.values(fronts)[0]!.base).post(`${PORTAL}/api/firstfactor`, { username: 'v24', password: passwordOf('v24') });
    expect(right.status).toBe(401);
    expect(world.portcullis.logs()).not.toContain('198.18.0.');
  });

  it('attack 3: a proxy of an older guide that leaves the address to the client lets nobody in', async () => {
    const port = await freePort();
    await startNginx(`server { listen 127.0.0.1:${port};
      location / { auth_request /verify; proxy_pass ${backend.url}; }
      location = /verify { internal; proxy_pass ${world.portcullis.base}/api/verify?rd=${PORTAL}/; proxy_pass_request_body off; proxy_set_header Content-Length ""; } }`);
    const ask = (headers: Readonly<Record<string, string>>) =>
      reaches(() => http(`http://127.0.0.1:${port}`, { path: '/', headers: { Host: 'admin.example.com', ...headers } }));
    for (const headers of [{}, { 'X-Original-URI': '/public' }]) expect((await ask(headers)).answer.status).not.toBe(200);
    expect(statusOf(await sendRaw(`http://127.0.0.1:${port}`, 'GET / HTTP/1.0\r\n\r\n'))).not.toBe(200);
  });
});
