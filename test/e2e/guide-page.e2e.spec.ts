import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  certificates,
  describeWith,
  freePort,
  freePorts,
  needs,
  root,
  type RunningBackend,
  type RunningRedis,
  runCommand,
  startBackend,
  startNginx,
  startProcess,
  startRedis,
  tempDir,
  until,
} from '../support/index.js';
import { enrol } from './enrol.js';
import { caddyFileFront } from './fronts.js';
import { type Person, person } from './person.js';

interface Block {
  readonly language: string;
  /** What stands behind the language: the name of a file, `background`, `step 5`. */
  readonly about: string;
  readonly text: string;
}

const page = readFileSync(join(root, 'docs/guide.md'), 'utf8');
const blocks: readonly Block[] = [...page.matchAll(/^```(\w+)(?: ([^\n]*))?\n(.*?)^```$/gms)].map(([, language = '', about = '', text = '']) => ({
  language,
  about,
  text,
}));
const blockOf = (language: string, about: string): string => {
  const found = blocks.find((block) => block.language === language && block.about === about);
  if (found === undefined) throw new Error(`the page has no ${language} ${about}`);
  return found.text;
};

const portal = 'https://auth.example.com';
const site = 'https://nextcloud.example.com';
const REDIS_PASSWORD = 'kN7wq2Zt9LrXv4Mb';

describeWith(['redis', 'caddy', 'nginx'], 'docs/guide.md, typed as it stands', () => {
  const dir = join(tempDir('guide-page'), 'portcullis');
  const digests: string[] = [];
  const ran: string[] = [];
  let redis: RunningRedis;
  let gate: number;
  let backends: readonly [nextcloud: RunningBackend, jellyfin: RunningBackend];
  let fronts: { readonly caddy: number; readonly nginx: number };

  /** Where this run is not as the page: the directory, ports, secrets and the ways to programs. All there is. */
  const asHere = (text: string, front = 0): string =>
    [
      ['npx --no-install portcullis', `${process.execPath} ${join(root, 'apps/cli/dist/main.js')}`],
      ['/srv/portcullis', dir],
      ['<the password of Redis>', REDIS_PASSWORD],
      ['<the first digest>', digests[0] ?? ''],
      ['<the second digest>', digests[1] ?? ''],
      ['127.0.0.1:9091', `127.0.0.1:${gate}`],
      ['localhost:9091', `localhost:${gate}`],
      ['port: 6379', `port: ${redis.settings.port}`],
      ['localhost:8080', `localhost:${backends[0].port}`],
      ['localhost:8096', `localhost:${backends[1].port}`],
      ['listen 443 ssl', `listen 127.0.0.1:${front} ssl`],
      [':443:127.0.0.1', `:443:127.0.0.1:${front}`],
      ['curl -sk', `curl -sk --noproxy '*'`],
    ]
      .reduce((edited, [written = '', here = '']) => edited.replaceAll(written, () => here), text)
      .replaceAll(/<a secret>/g, () => randomBytes(32).toString('base64url'))
      .replace(/(curl .*)--resolve/, '$1--connect-to');

  /** A program that the machine may lack, and what does the same. */
  const standIn = (line: string): Promise<string> | undefined => {
    const redisCommand = /^redis-cli .*' (\w+)$/.exec(line)?.[1];
    if (redisCommand !== undefined) return redis.cli(redisCommand).then((answer) => String(answer));
    if (line.startsWith('openssl rand')) return Promise.resolve(randomBytes(48).toString('base64'));
    return undefined;
  };

  const metrics = async (): Promise<Readonly<Record<string, string>>> => {
    const first = await freePorts(4);
    const names = ['', 'IDENTITY_', 'SESSION_', 'NOTIFIER_'];
    return Object.fromEntries(
      names.map((name, index) => [`PORTCULLIS_TELEMETRY_METRICS_${name}ADDRESS`, `tcp://127.0.0.1:${first + index}/metrics`]),
    );
  };
  let environment: Readonly<Record<string, string>>;

  /** Every line of the block whose first line begins so; what they say together. */
  async function run(beginning: string, front = 0): Promise<string> {
    const index = blocks.findIndex(({ language, about, text }) => language === 'sh' && about === '' && text.startsWith(beginning));
    const block = blocks[index];
    if (block === undefined) throw new Error(`the page has no command ${beginning}`);
    ran.push(block.text);
    let output = '';
    for (const line of block.text.trim().split('\n')) {
      const said = standIn(line);
      if (said !== undefined) output += `${await said}\n`;
      else {
        const { code, stdout, stderr } = await runCommand('/bin/sh', ['-c', asHere(line, front)], { env: environment, cwd: dir, timeoutMs: 40_000 });
        expect({ line, code, ...(code === 0 ? {} : { stdout, stderr }) }).toEqual({ line, code: 0 });
        output += stdout;
      }
    }
    const next = blocks[index + 1];
    if (next?.language === 'output') for (const line of next.text.trim().split('\n')) expect(output).toContain(line);
    return output;
  }

  const write = (name: string): void => {
    writeFileSync(join(dir, name), asHere(blockOf('yaml', `/srv/portcullis/${name}`)));
  };

  beforeAll(async () => {
    mkdirSync(dir);
    expect(blockOf('sh', 'background')).toMatch(/^redis-server .*--requirepass '<the password of Redis>' --appendonly yes$/m);
    redis = await startRedis({ password: REDIS_PASSWORD, appendonly: true });
    gate = await freePort();
    backends = [await startBackend(), await startBackend()];
    environment = { PATH: [dirname(needs('redis')), process.env['PATH'] ?? ''].join(':'), HOME: dir, ...(await metrics()) };
  });
  afterAll(() => {
    const commands = blocks.filter(({ language, about }) => language === 'sh' && about === '').map(({ text }) => text);
    expect(commands.filter((text) => !ran.includes(text))).toEqual([]);
  });

  // Steps 1 to 3, and the start of step 4. What these start lives as long as the file.
  beforeAll(async () => {
    expect((await run('openssl')).length).toBeGreaterThan(60);
    const told = await run('npx --no-install portcullis crypto hash');
    digests.push(...[...told.matchAll(/^Digest: (.*)$/gm)].map(([, digest = '']) => digest));
    expect(digests).toHaveLength(2);
    write('configuration.yml');
    write('users_database.yml');
    await run('chmod 600');
  });

  beforeAll(async () => {
    const caddy = await caddyFileFront(asHere(blockOf('caddyfile', '')));
    const nginx = await freePort();
    const { certFile, keyFile } = await certificates();
    const shipped = readdirSync(join(root, 'deploy/nginx')).filter((name) => name.endsWith('.conf'));
    const text = asHere(blockOf('nginx', ''), nginx).replaceAll('/etc/ssl/example.com.pem', certFile).replaceAll('/etc/ssl/example.com.key', keyFile);
    await startNginx(text, {
      files: Object.fromEntries(shipped.map((name) => [name, asHere(readFileSync(join(root, 'deploy/nginx', name), 'utf8'))])),
    });
    fronts = { caddy: caddy.port, nginx };
  });

  beforeAll(async () => {
    const [, start = ''] = blocks.filter(({ about }) => about === 'background').map(({ text }) => text.trim());
    expect(start).toMatch(/^npm start -- --config /);
    const args = asHere(start.replace('npm start -- ', '')).split(' ');
    await startProcess(process.execPath, [join(root, 'deploy/local/src/start.mjs'), ...args], {
      env: environment,
      ready: 'Portcullis answers on',
      readyTimeoutMs: 50_000,
    });
  });

  const open = (front: keyof typeof fronts): Person => person(`https://127.0.0.1:${fronts[front]}`);
  const mail = (): string => (existsSync(join(dir, 'notification.txt')) ? readFileSync(join(dir, 'notification.txt'), 'utf8') : '');
  let user: Person;

  it('step 2: the files are refused as long as secrets of your own are not there', async () => {
    const raw = join(tempDir('guide-raw'), 'configuration.yml');
    writeFileSync(raw, blockOf('yaml', '/srv/portcullis/configuration.yml'));
    const { code, stdout } = await runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), 'validate-config', '--config', raw]);
    expect(code).toBe(1);
    for (const name of ['session.secret', 'session.redis.password', 'storage.encryption_key', 'jwt_secret'])
      expect(stdout).toMatch(new RegExp(`${name} is still the example's placeholder`));
  });

  it('step 4: a stranger is sent to sign in, and somebody with both factors let in', async () => {
    for (const front of [fronts.caddy, fronts.nginx]) await run('curl', front);

    user = open('caddy');
    const app = await (async () => {
      expect((await user.post(`${portal}/api/firstfactor`, { username: 'user', password: 'Us3r-of-the-guide' })).status).toBe(200);
      return enrol(user, portal, 'user@example.com', mail);
    })();
    expect((await user.post(`${portal}/api/secondfactor/totp`, { token: await app.code() })).status).toBe(200);
    expect((await user.open(`${site}/`)).json()).toMatchObject({ headers: { 'remote-user': 'user', 'remote-groups': 'users' } });
    expect((await user.open('https://jellyfin.example.com/')).status).toBe(200);
    await run('npx --no-install portcullis doctor', fronts.caddy);
    await run('npx --no-install portcullis doctor', fronts.nginx);
  });

  it('step 5: other rules count without a restart', async () => {
    const file = join(dir, 'configuration.yml');
    const text = readFileSync(file, 'utf8');
    writeFileSync(
      file,
      text.replace(/^access_control:\n(?:(?: .*)?\n)*?(?=regulation:)/m, () => `${blockOf('yaml', 'step 5')}\n`),
    );
    await run('npx --no-install portcullis access-control');
    await run('chmod 600');
    expect((await user.open(`${site}/`)).status).toBe(200);
  });

  it('sessions end by the commands that are told, and by FLUSHDB', async () => {
    expect(await run('npx --no-install portcullis sessions')).toContain('user');
    await until(async () => (await user.open(`${site}/`)).status === 302, { timeoutMs: 2000, what: 'the session to be gone' });
    await run("redis-cli -p 6379 -a '<the password of Redis>' FLUSHDB");
    await until(async () => (await open('nginx').open(`${site}/`)).status === 302, { what: 'the gate to answer again' });
  });

  it('a failed sign-in is found in the log, and Redis answers', async () => {
    expect((await open('caddy').post(`${portal}/api/firstfactor`, { username: 'user', password: 'wrong' })).status).toBe(401);
    const log = (): string => readFileSync(join(dir, 'portcullis.log'), 'utf8');
    await until(() => log().includes('authentication failed'), { what: 'the line in the log' });
    await run('grep');
    await run("redis-cli -p 6379 -a '<the password of Redis>' PING");
  });
});
