import { cpSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import {
  certificates,
  client,
  describeWith,
  freePorts,
  http,
  root,
  runCommand,
  type RunningRedis,
  startBackend,
  startCaddy,
  startNginx,
  startProcess,
  startRedis,
  tempDir,
  usersFile,
} from '../support/index.js';

/** Of a compose file, what is asked about here. */
interface Service {
  readonly image: string;
  readonly user?: string;
  readonly read_only?: boolean;
  readonly cap_drop?: readonly string[];
  readonly security_opt?: readonly string[];
  readonly ports?: readonly string[];
  readonly networks?: readonly string[];
  readonly volumes?: readonly string[];
  readonly secrets?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly command?: readonly string[];
  readonly healthcheck?: object;
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>;
  readonly networks?: Readonly<Record<string, { readonly internal?: boolean }>>;
  readonly secrets?: Readonly<Record<string, { readonly file: string }>>;
}

const folder = join(root, 'deploy/compose');
const compose = (name: string): Compose => parse(readFileSync(join(folder, name), 'utf8'), { merge: true }) as Compose;
const files = globSync('*.yml', { cwd: folder }).sort();
const whole = compose('compose.yml');
const own = ['gateway', 'session', 'identity', 'notifier'] as const;
const held = (what: 'secrets' | 'volumes', part: string): readonly string[] =>
  Object.entries(whole.services).flatMap(([name, service]) => (service[what]?.some((each) => each.includes(part)) === true ? [name] : []));

describe('the compose files', () => {
  it('are these', () => {
    expect(files).toEqual(['all-in-one.yml', 'compose.caddy.yml', 'compose.nginx.yml', 'compose.yml']);
  });

  it.each(files)('publish nothing but to this machine, and let nobody write to an image or gain rights: %s', (name) => {
    for (const [service, { ports = [], ...rest }] of Object.entries(compose(name).services)) {
      for (const port of ports) expect(port, service).toMatch(/^(127\.0\.0\.1|\$\{PORTCULLIS_LISTEN:-127\.0\.0\.1\}):/);
      expect([service, rest.read_only, rest.security_opt]).toEqual([service, true, ['no-new-privileges:true']]);
    }
  });

  it.each(['compose.yml', 'all-in-one.yml'])('keep Redis on a network of its own without a way out: %s', (name) => {
    const { services, networks } = compose(name);
    expect(services['redis']).toMatchObject({ networks: ['redis'], user: '999:1000', cap_drop: ['ALL'] });
    expect(services['redis']).not.toHaveProperty('ports');
    expect(networks?.['redis']).toEqual({ internal: true });
    expect(services['redis']?.healthcheck).toBeDefined();
  });

  it('run every service as nobody in particular, without capabilities, and without a core dump that would hold keys', () => {
    for (const name of [...own, 'cli'])
      expect(whole.services[name], name).toMatchObject({ user: '1000:1000', cap_drop: ['ALL'], ulimits: { core: 0 } });
    expect(compose('all-in-one.yml').services['portcullis']).toMatchObject({ ulimits: { core: 0 } });
  });

  it('hand each secret to who needs it alone: the gateway holds no key of the store, no users file, no password of the mail server', () => {
    expect(held('secrets', 'session_secret')).toEqual(['gateway', 'session']);
    expect(held('secrets', 'storage_encryption_key')).toEqual(['identity']);
    expect(held('secrets', 'jwt_secret')).toEqual(['identity']);
    expect(held('secrets', 'smtp_password')).toEqual(['notifier']);
    expect(held('volumes', 'people')).toEqual(['identity']);
    expect(held('volumes', 'identity-data')).toEqual(['identity']);
    expect(whole.services['gateway']).toMatchObject({ secrets: ['session_secret', 'rpc_secret', 'redis_gateway'], volumes: ['./config:/config:ro'] });
    for (const name of own) expect(held('secrets', `redis_${name}`)).toEqual([name]);
  });

  it('write no secret down, in no file', () => {
    for (const name of files) expect(readFileSync(join(folder, name), 'utf8')).not.toMatch(/(secret|password|key): *['"]?[A-Za-z0-9]{12}/i);
    for (const { environment = {} } of Object.values(whole.services))
      for (const [name, value] of Object.entries(environment))
        if (/SECRET|PASSWORD|KEY/.test(name))
          expect([name, value]).toEqual([expect.stringMatching(/_FILE$/), expect.stringMatching(/^\/run\/secrets\//)]);
    expect(readFileSync(join(folder, 'config/configuration.yml'), 'utf8')).not.toMatch(/^\s*(secret|password|encryption_key|jwt_secret):/m);
  });
});

describeWith(['redis', 'nginx', 'caddy'], 'the services of compose.yml, run by hand in the same shape', () => {
  const apps = { gateway: 'verify-gateway', session: 'session', identity: 'identity', notifier: 'notifier' } as const;
  const password = 'Apple-pie-1';
  let base: string;
  let copy: string;
  let redis: RunningRedis;
  let ports: number;

  /** What a service is given there: its own view of the configuration, the folders that it mounts, the secrets that it is handed. */
  function given(name: string, port: number): { readonly configFile: string; readonly env: Readonly<Record<string, string>> } {
    const service = whole.services[name]!;
    const dir = join(copy, 'views', name);
    mkdirSync(dir, { recursive: true });
    const mounts = new Map((service.volumes ?? []).map((volume) => [volume.split(':')[1]!, join(copy, volume.split(':')[0]!)] as const));
    for (const place of mounts.values()) mkdirSync(place, { recursive: true });
    const text = readFileSync(join(copy, 'config/configuration.yml'), 'utf8')
      .replaceAll(/ (\/(?:people|data|notices))\b/g, (_, place: string) => ` ${mounts.get(place) ?? join(dir, 'not-mounted')}`)
      .replace('tcp://0.0.0.0:9091', `tcp://127.0.0.1:${ports}`)
      // Nobody here has a second factor.
      .replace("'*.example.com'\n      policy: two_factor", "'*.example.com'\n      policy: one_factor")
      .replace('host: redis', `host: ${redis.settings.host}`)
      .replace('port: 6379', `port: ${String(redis.settings.port)}`);
    const configFile = join(dir, 'configuration.yml');
    writeFileSync(configFile, text);
    const env = Object.entries(service.environment ?? {}).map(([key, value]) => {
      const secret = /^\/run\/secrets\/(\w+)$/.exec(value)?.[1];
      if (secret === undefined) return [key, value.replace('${TZ:-UTC}', 'UTC')];
      if (service.secrets?.includes(secret) !== true) throw new Error(`${name} is not handed ${secret}`);
      return [key, join(copy, whole.secrets![secret]!.file)];
    });
    const address = name === 'gateway' ? 'ADDRESS' : `${name.toUpperCase()}_ADDRESS`;
    return {
      configFile,
      env: { HOME: dir, ...Object.fromEntries(env), [`PORTCULLIS_TELEMETRY_METRICS_${address}`]: `tcp://127.0.0.1:${port}/metrics` },
    };
  }

  beforeAll(async () => {
    const clone = tempDir('compose');
    copy = join(clone, 'deploy/compose');
    for (const name of ['deploy/compose', 'deploy/nginx', 'deploy/caddy', 'docs/redis.md'])
      cpSync(join(root, name), join(clone, name), { recursive: true });
    for (const time of ['the first time', 'the second']) {
      const { code, stderr } = await runCommand('sh', [join(copy, 'setup.sh')]);
      expect([time, code, stderr]).toEqual([time, 0, '']);
    }
    writeFileSync(join(copy, 'people/users_database.yml'), await usersFile({ john: { password, groups: ['admins'] } }));
    const user = { username: 'cli', password: readFileSync(join(copy, 'secrets/redis_cli'), 'utf8') };
    redis = await startRedis({ appendonly: true, args: ['--aclfile', join(copy, 'secrets/redis_acl'), '--maxmemory-policy', 'noeviction'], user });
    ports = await freePorts(6);
    base = `http://127.0.0.1:${ports}`;
    await Promise.all(
      own.map((name, index) => {
        const port = ports + 1 + index;
        const { configFile, env } = given(name, port);
        return startProcess(process.execPath, [join(root, 'apps', apps[name], 'dist/main.js'), '--config', configFile], {
          name,
          env,
          ready: async () => (await http(`http://127.0.0.1:${port}`, { path: '/health/ready', timeoutMs: 1000 })).status === 200,
          readyTimeoutMs: 40_000,
        });
      }),
    );
  });

  it('sign somebody in, tell the proxy who it is, and are asked by the command line', async () => {
    const john = client(base, { host: 'auth.example.com' });
    const answer = await john.post('/api/firstfactor', { username: 'john', password });
    expect([answer.status, answer.body]).toEqual([200, expect.stringContaining('OK')]);
    const state: unknown = (await john.get('/api/state')).json();
    expect(state).toMatchObject({ data: { username: 'john', authentication_level: 1 } });
    const { configFile, env } = given('cli', ports + 5);
    const { code, stdout, stderr } = await runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), 'sessions', 'list', '--json'], {
      env: { ...env, X_AUTHELIA_CONFIG: configFile },
    });
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toContain('john');
  });

  /** A proxy's files as setup.sh left them, the containers' names being this machine. */
  const proxyFiles = (proxy: string, backend: string): Readonly<Record<string, string>> =>
    Object.fromEntries(
      globSync('*', { cwd: join(copy, proxy) }).map((name) => [
        name,
        readFileSync(join(copy, proxy, name), 'utf8')
          .replaceAll('gateway:9091', `127.0.0.1:${ports}`)
          .replaceAll('nextcloud:80', backend.slice(7)),
      ]),
    );

  /** What a stranger and somebody who is signed in are answered at the site of the example, and whom it sees. */
  async function visit(front: string) {
    const ask = (host: string, request: object) => http(front, { headers: { Host: host, Accept: 'text/html' }, ...request });
    const { status, headers } = await ask('nextcloud.example.com', { path: '/files' });
    const body = { username: 'john', password, keepMeLoggedIn: false };
    const signIn = await ask('auth.example.com', { path: '/api/firstfactor', method: 'POST', headers: { Host: 'auth.example.com' }, body });
    const Cookie = [signIn.headers['set-cookie']].flat().join(';').split(';')[0]!;
    const inside = await ask('nextcloud.example.com', { headers: { Host: 'nextcloud.example.com', Cookie } });
    return { stranger: [status, headers.location], portal: (await ask('auth.example.com', {})).status, inside: inside.status };
  }
  const asked = encodeURIComponent('https://nextcloud.example.com/files');
  const answered = { stranger: [302, `https://auth.example.com/?rd=${asked}&rm=GET`], portal: 200, inside: 200 };

  it('are asked by nginx with the files of compose.nginx.yml', async () => {
    const backend = await startBackend();
    const port = await freePorts(1);
    const { certFile, keyFile } = await certificates();
    const files = Object.entries(proxyFiles('nginx', backend.url)).map(([name, text]) => [
      `conf.d/${name}`,
      text
        .replaceAll('listen 443 ssl', `listen 127.0.0.1:${port} ssl`)
        .replaceAll('/certificates/fullchain.pem', certFile)
        .replaceAll('/certificates/privkey.pem', keyFile),
    ]);
    await startNginx('include conf.d/*.conf;', { files: Object.fromEntries(files) as Readonly<Record<string, string>> });
    expect(await visit(`https://127.0.0.1:${port}`)).toEqual(answered);
    expect(backend.requests.map(({ headers }) => headers['remote-user'])).toEqual(['john']);
  });

  it('are asked by Caddy with the files of compose.caddy.yml', async () => {
    const backend = await startBackend();
    const dir = tempDir('compose-caddy');
    const { Caddyfile = '', 'portcullis.caddy': snippets = '' } = proxyFiles('caddy', backend.url);
    writeFileSync(join(dir, 'portcullis.caddy'), snippets);
    const { httpsPort } = await startCaddy(Caddyfile.replace('import portcullis.caddy', `import ${join(dir, 'portcullis.caddy')}`));
    expect(await visit(`https://127.0.0.1:${httpsPort}`)).toEqual(answered);
    expect(backend.requests.map(({ headers }) => headers['remote-user'])).toEqual(['john']);
  });
});
