import { createServer } from 'node:http';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  certificates,
  client,
  describeWith,
  freePort,
  freePorts,
  root,
  type RunningBackend,
  runCommand,
  startBackend,
  startNginx,
  startProcess,
  startRedis,
  tempDir,
  until,
  usersFile,
} from '../support/index.js';
import { listenLocally } from '../support/listen-locally.js';
import { caddyFileFront } from './fronts.js';
import { accept, type Person, person } from './person.js';

const page = readFileSync(join(root, 'docs/migrating-from-authelia.md'), 'utf8');
/** The block of that language, whatever it is indented by. */
const blockOf = (language: string): string => {
  const [, indent = '', text] = new RegExp(`^( *)\`\`\`${language}\\n(.*?)^ *\`\`\`$`, 'ms').exec(page) ?? [];
  if (text === undefined) throw new Error(`the page has no ${language}`);
  return text.replaceAll(new RegExp(`^${indent}`, 'gm'), '');
};

/** What the page moves away from: lets in whoever has its cookie, and knows nothing of ours. */
async function startOldServer(): Promise<{ readonly port: number; readonly cookies: readonly string[] }> {
  const cookies: string[] = [];
  const server = createServer((request, response) => {
    const { cookie = '' } = request.headers;
    cookies.push(cookie);
    if (!request.url?.startsWith('/api/verify')) return response.end('the old portal');
    if (/(^|; )authelia_session=old(;|$)/.test(cookie)) return response.writeHead(200, { 'Remote-User': 'john' }).end();
    const rd = /[?&]rd=([^&]*)/.exec(request.url)?.[1];
    return rd === undefined ? response.writeHead(401).end() : response.writeHead(302, { Location: decodeURIComponent(rd) }).end();
  });
  return { port: await listenLocally(server), cookies };
}

const NEXTCLOUD = 'https://nextcloud.example.com/';
const JELLYFIN = 'https://jellyfin.example.com/';
const LOGIN = 'https://login.example.com';
const PASSWORD = 'Apple-pie-1';

describeWith(['redis', 'nginx', 'caddy'], 'the page for people who come from Authelia, on the configuration of the usual guide', () => {
  const dir = join(tempDir('side-by-side'), 'portcullis');
  let ports: { readonly gate: number; readonly old: number };
  let backends: readonly [nextcloud: RunningBackend, jellyfin: RunningBackend];
  let seenByOld: readonly string[];

  /** Where this run is not as the page: addresses and directories. */
  const asHere = (text: string, front = 0): string =>
    [
      ['/srv/portcullis', dir],
      ['localhost:9091', `127.0.0.1:${ports.old}`],
      [/\b(127\.0\.0\.1|localhost):909[12]\b/g, `127.0.0.1:${ports.gate}`],
      ['localhost:8080', `127.0.0.1:${backends[0].port}`],
      ['localhost:8096', `127.0.0.1:${backends[1].port}`],
      ['listen 443 ssl', `listen 127.0.0.1:${front} ssl`],
    ].reduce((edited, [written, here]) => edited.replaceAll(written as string, () => here as string), text);
  /** The files that are copied, with the port of the gate. */
  const shipped = (kind: 'nginx' | 'caddy'): Readonly<Record<string, string>> =>
    Object.fromEntries(
      readdirSync(join(root, 'deploy', kind))
        .filter((name) => name.startsWith('portcullis'))
        .map((name) => [name, asHere(readFileSync(join(root, 'deploy', kind, name), 'utf8').replaceAll(':9091', ':9092'))]),
    );
  const cli = (...args: readonly string[]) => runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args]);

  beforeAll(async () => {
    const redis = await startRedis({ password: 'kN7wq2Zt9LrXv4Mb' });
    const old = await startOldServer();
    seenByOld = old.cookies;
    ports = { gate: await freePort(), old: old.port };
    backends = [await startBackend(), await startBackend()];
    mkdirSync(dir, { recursive: true });
    const users = join(dir, 'users_database.yml');
    writeFileSync(users, await usersFile({ john: { password: PASSWORD, groups: ['users'] } }));
    const guide = readFileSync(join(root, 'test/integration/configuration/guide.yml'), 'utf8');
    const configuration = join(dir, 'configuration.yml');
    writeFileSync(
      configuration,
      guide
        .replace('use_a_random_64_char_string_here', 'jW8pDn5sLqYc2Vb9RtX4kMz7HfGaUeQ1')
        .replace('another_random_64_char_string_here', 'Zt9LrXv4MbkN7wq2HfGaUeQ1jW8pDn5s')
        .replace('/config/users_database.yml', users)
        .replace('host: redis', `host: ${redis.settings.host}`)
        .replace('port: 6379', `port: ${String(redis.settings.port)}`)
        .replace('your_redis_password', 'kN7wq2Zt9LrXv4Mb')
        // One password is enough for what is shown here.
        .replaceAll('two_factor', 'one_factor'),
    );
    await cli('config', 'upgrade', configuration, '--authelia-url', LOGIN, '--write');
    writeFileSync(join(dir, 'portcullis.yml'), asHere(blockOf('yaml /srv/portcullis/portcullis.yml')));
    const checked = await cli('validate-config', '--config', configuration);
    expect(checked, checked.stdout + checked.stderr).toMatchObject({ code: 0 });
    const metrics = await freePorts(4);
    const names = ['', 'IDENTITY_', 'SESSION_', 'NOTIFIER_'];
    const env = Object.fromEntries(
      names.map((name, index) => [`PORTCULLIS_TELEMETRY_METRICS_${name}ADDRESS`, `tcp://127.0.0.1:${metrics + index}/metrics`]),
    );
    for (const app of ['identity', 'session', 'notifier', 'verify-gateway']) {
      await startProcess(process.execPath, [join(root, 'apps', app, 'dist/main.js'), '--config', configuration], { name: app, env });
    }
    const asked = { username: 'john', password: PASSWORD };
    const behind = client(`http://127.0.0.1:${ports.gate}`, { host: new URL(LOGIN).host });
    const signsIn = async () => (await behind.post('/api/firstfactor', asked)).status === 200;
    await until(signsIn, { timeoutMs: 40_000, what: 'somebody to sign in' });
  });

  const fronts = {
    nginx: async (edit: (text: string) => string) => {
      const port = await freePort();
      const { certFile, keyFile } = await certificates();
      const tls = `ssl_certificate ${certFile}; ssl_certificate_key ${keyFile};\n`;
      await startNginx(tls + asHere(edit(blockOf('nginx')), port), { files: shipped('nginx') });
      return `https://127.0.0.1:${port}`;
    },
    caddy: async (edit: (text: string) => string) => {
      const folder = tempDir('side-by-side-caddy');
      for (const [name, text] of Object.entries(shipped('caddy'))) writeFileSync(join(folder, name), text);
      return (await caddyFileFront(asHere(edit(blockOf('caddyfile'))).replace('import portcullis.caddy', `import ${folder}/portcullis.caddy`))).base;
    },
  };

  const signIn = async (who: Person): Promise<void> => {
    const answer = await who.post(`${LOGIN}/api/firstfactor`, { username: 'john', password: PASSWORD, keepMeLoggedIn: false });
    expect(answer.status, answer.body).toBe(200);
  };
  const oldCookie = { Cookie: 'authelia_session=old' };

  describe.each(Object.entries(fronts))('with %s', (_, start) => {
    let base: string;
    beforeAll(async () => {
      base = await start((text) => text);
    });

    it('the host that has moved asks ours, the other the old server, and each leads to its own portal', async () => {
      const who = person(base);
      expect((await who.open(NEXTCLOUD)).headers.location).toMatch(/^https:\/\/login\.example\.com\/\?rd=https(:|%3A)/);
      expect((await who.open(JELLYFIN)).headers.location).toMatch(/^https:\/\/auth\.example\.com/);
      expect((await who.open('https://auth.example.com/')).body).toBe('the old portal');
    });

    it("both sessions live in one browser under two names, and neither opens the other's host", async () => {
      const who = person(base);
      await signIn(who);
      expect(who.cookieFor('nextcloud.example.com')).toMatch(/^portcullis_session=/);
      const both = { Cookie: `${who.cookieFor('nextcloud.example.com')}; ${oldCookie.Cookie}`, Accept: accept };
      const site = await who.open(NEXTCLOUD, both);
      expect([site.status, site.json().headers['remote-user']]).toEqual([200, 'john']);
      expect((await who.open(JELLYFIN, both)).status).toBe(200);
      expect((await person(base).open(NEXTCLOUD, oldCookie)).status).toBe(302);
      expect((await who.open(JELLYFIN)).status).toBe(302);
      expect(seenByOld.length).toBeGreaterThan(0);
    });
  });

  it('the next host is moved by the same lines, and goes back by the old ones, with everybody still signed in', async () => {
    const moved = (text: string): string =>
      text.replace(/(jellyfin\.example\.com \{\n)[^]*?(\treverse_proxy localhost:8096)/, '$1\timport protected\n\timport protected_away\n$2');
    const before = person(await fronts.caddy((text) => text));
    await signIn(before);
    const cookie = { Cookie: `${before.cookieFor('jellyfin.example.com')}; ${oldCookie.Cookie}`, Accept: accept };
    const after = person(await fronts.caddy(moved));
    expect((await after.open(JELLYFIN, { ...cookie, Cookie: before.cookieFor('jellyfin.example.com') })).status).toBe(200);
    expect((await after.open(JELLYFIN, oldCookie)).status).toBe(302);
    const back = person(await fronts.caddy((text) => text));
    expect((await back.open(JELLYFIN, cookie)).status).toBe(200);
    expect((await back.open(NEXTCLOUD, cookie)).status).toBe(200);
  });

  it("the old server's own file and database are untouched", () => {
    expect(existsSync(join(dir, 'configuration.yml.before-upgrade'))).toBe(true);
    expect(readFileSync(join(dir, 'configuration.yml'), 'utf8')).not.toContain('portcullis_session');
  });
});
