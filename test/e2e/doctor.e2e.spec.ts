import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { certificates, describeWith, freePort, startNginx, startSmtp, usersFile } from '../support/index.js';
import { caddyFront, type Front, haproxyFront, nginxFront } from './fronts.js';
import { config, gatePort, type Installation, people, startInstallation } from './installation.js';

interface Finding {
  readonly check: string;
  readonly state: 'ok' | 'warning' | 'problem';
  readonly message: string;
  readonly fix?: string;
}

interface Told {
  readonly code: number | null;
  readonly findings: readonly Finding[];
}

/** The command on a running installation; hosts are found at a front. */
async function doctor({ portcullis }: Installation, front: Pick<Front, 'port'>, ...more: readonly string[]): Promise<Told> {
  const hosts = ['auth', 'app', 'public', 'nextcloud'].flatMap((name) => ['--resolve', `${name}.example.com:443:127.0.0.1:${front.port}`]);
  const { code, stdout, stderr } = await portcullis.cli('doctor', '--json', ...hosts, ...more);
  if (stdout === '') throw new Error(stderr);
  return { code, findings: (JSON.parse(stdout) as { readonly findings: readonly Finding[] }).findings };
}

const lines = (findings: readonly Finding[], check: string): readonly string[] =>
  findings.filter((finding) => finding.check === check).map(({ state, message }) => `${state}: ${message}`);
const problems = (findings: readonly Finding[]): readonly string[] =>
  findings.filter(({ state }) => state !== 'ok').map(({ check, message }) => `${check}: ${message}`);

const APP = 'https://app.example.com';

describe.each([
  { proxy: 'nginx', start: nginxFront, endpoint: 'auth-request' },
  { proxy: 'caddy', start: caddyFront, endpoint: 'forward-auth' },
  { proxy: 'haproxy', start: haproxyFront, endpoint: 'forward-auth' },
] as const)('portcullis doctor', ({ proxy, start, endpoint }) => {
  describeWith(['redis', proxy], `behind ${proxy} with the shipped files`, () => {
    let world: Installation;
    beforeAll(async () => {
      world = await startInstallation(start);
    });

    it('finds all well, and that nothing a client sends has an effect', async () => {
      const { code, findings } = await doctor(world, world.front, '--through', APP, '--ca', world.front.caFile);
      expect(problems(findings)).toEqual([]);
      expect(code).toBe(0);
      const through = lines(findings, 'through');
      expect(through).toContain(`ok: ${APP}/: a stranger is asked to sign in (302)`);
      expect(through).toContain(`ok: the gate is asked about app.example.com: ${endpoint} was asked by 127.0.0.1, for a client at 127.0.0.1`);
      expect(through).toHaveLength(13);
      expect(lines(findings, 'certificate')).toHaveLength(2);
    });

    it('is answered also where the rule would have let everybody in, and says that it does', async () => {
      const { code, findings } = await doctor(world, world.front, '--through', 'https://public.example.com', '--insecure');
      expect(problems(findings)).toEqual(['through: https://public.example.com/ is open to everybody (200)']);
      expect(code).toBe(1);
      expect(lines(findings, 'through')).toHaveLength(13);
    });

    it('leaves no line of refusal in the log', () => {
      const log = world.portcullis.logs('verify-gateway');
      expect(log).toContain('A probe of portcullis doctor was answered');
      expect(log).not.toContain('Error getting Target URL');
    });

    it('names a certificate that is not trusted', async () => {
      const { code, findings } = await doctor(world, world.front);
      expect(lines(findings, 'certificate')[0]).toMatch(/^problem: that of auth\.example\.com is not trusted \(/);
      expect(code).toBe(2);
    });
  });
});

describeWith(['redis', 'nginx', 'caddy'], 'portcullis doctor finds', () => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(nginxFront, { users: await usersFile(people) });
  });

  const nginx = async (http: (port: number) => string): Promise<Pick<Front, 'port'>> => {
    const port = await freePort();
    await startNginx(http(port));
    return { port };
  };
  const through = async (front: Pick<Front, 'port'>, site: string): Promise<readonly Finding[]> =>
    (await doctor(world, front, '--insecure', '--through', site)).findings.filter(({ check }) => check === 'through');

  /** The shipped lines with one of them spoiled. */
  const spoiled = (lines: string) => async (): Promise<Pick<Front, 'port'>> => {
    const { certFile, keyFile } = await certificates();
    return nginx(
      (port) => `
        server {
          listen 127.0.0.1:${port} ssl;
          server_name app.example.com;
          ssl_certificate ${certFile};
          ssl_certificate_key ${keyFile};
          location / { auth_request /ask; proxy_pass ${world.backend.url}; }
          location = /ask {
            internal;
            proxy_pass http://127.0.0.1:${gatePort(world.portcullis)}/api/authz/auth-request;
            proxy_pass_request_body off;
            ${lines}
          }
        }`,
    );
  };

  it("a proxy that lets the client name the target, as the guide's nginx.conf does", async () => {
    const { certFile, keyFile } = await certificates();
    const guide = readFileSync(new URL('fixtures/guide/nginx.conf', import.meta.url), 'utf8')
      .replace('localhost:9091', `127.0.0.1:${gatePort(world.portcullis)}`)
      .replace('http://localhost:8080', world.backend.url);
    const tls = (port: number): string => `listen 127.0.0.1:${port} ssl;\n    ssl_certificate ${certFile};\n    ssl_certificate_key ${keyFile}`;
    const front = await nginx((port) => guide.replace('listen 80', tls(port)));
    const findings = await through(front, 'https://nextcloud.example.com');
    const [, plain, forged] = findings;
    expect(plain).toMatchObject({ state: 'problem' });
    expect(plain?.message).toMatch(/^the proxy does not say what it asks about \(legacy was asked by 127\.0\.0\.1/);
    expect(plain?.fix).toContain('use the files of deploy/');
    expect(forged?.message).toMatch(/^X-Original-URL and -Method of a client: the client chose what was asked about/);
  });

  it.each([
    [
      "a proxy that passes on a client's address",
      'proxy_set_header X-Original-URL $scheme://$host$request_uri; proxy_set_header X-Original-Method $request_method;',
      "a client's address of its own making (X-Forwarded-For): the client chose its address, 198.51.100.7 in the place of 127.0.0.1",
    ],
    [
      'a proxy that says http',
      'proxy_set_header X-Original-URL http://$host$request_uri; proxy_set_header X-Original-Method $request_method;',
      'the proxy says http where the client came by https',
    ],
    [
      'a proxy that asks about the host that the client names',
      'proxy_set_header X-Original-URL $scheme://$http_x_forwarded_host$request_uri; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Forwarded-For $remote_addr;',
      'X-Forwarded-Host, -Uri and -Method of a client: the client chose what was asked about, GET https://forged.app.example.com/',
    ],
    [
      'a proxy that asks about the host of the Host header, and goes by that of the first line',
      'proxy_set_header X-Original-URL $scheme://$http_host$request_uri; proxy_set_header X-Original-Method $request_method; proxy_set_header X-Forwarded-For $remote_addr;',
      'another host in Host than in the first line: the client chose what was asked about, GET https://forged.app.example.com/',
    ],
  ])('%s', async (_, lines_, message) => {
    const findings = await through(await spoiled(lines_)(), APP);
    const found = findings.filter(({ state }) => state === 'problem').map((finding) => finding.message);
    expect(found.some((text) => text.startsWith(message))).toBe(true);
  });

  it('a site that has no gate in front', async () => {
    const { certFile, keyFile } = await certificates();
    const front = await nginx(
      (port) =>
        `server { listen 127.0.0.1:${port} ssl; ssl_certificate ${certFile}; ssl_certificate_key ${keyFile}; location / { proxy_pass ${world.backend.url}; } }`,
    );
    const findings = await through(front, APP);
    expect(findings.map(({ state, message }) => `${state}: ${message}`)).toEqual([
      `warning: ${APP}/ is open to everybody (200)`,
      'problem: nothing reached the gate (app.example.com answered 200)',
    ]);
  });

  it('a host that is nowhere, and a proxy that does not run', async () => {
    const nobody = await freePort();
    expect((await through({ port: nobody }, 'https://nowhere.invalid'))[0]).toMatchObject({ state: 'problem' });
    expect((await through({ port: nobody }, APP))[0]?.message).toMatch(/does not answer \(connect ECONNREFUSED/);
  });

  it('a service that is down, and a mail server that takes nothing', async () => {
    await world.portcullis.kill('notifier');
    const { code, findings } = await doctor(world, world.front, '--insecure');
    expect(lines(findings, 'notifier')[0]).toMatch(/^problem: nobody listens on 127\.0\.0\.1:\d+: it does not run/);
    expect(code).toBe(2);
  });
});

describeWith(['redis', 'nginx'], 'portcullis doctor and the mail server', () => {
  it('says whether it would take mail, and sends one where asked', async () => {
    const smtp = await startSmtp({ tls: 'none' });
    const notifier = { smtp: { address: `smtp://127.0.0.1:${smtp.port}`, sender: 'gate@example.com', disable_require_tls: true } };
    const world = await startInstallation(nginxFront, { config: { ...config, notifier } });
    expect(lines((await doctor(world, world.front, '--insecure')).findings, 'mail')).toEqual([
      `ok: the mail server 127.0.0.1:${smtp.port} takes mail`,
    ]);
    const told = lines((await doctor(world, world.front, '--insecure', '--mail-to', 'jane@example.com')).findings, 'mail');
    expect(told).toEqual([`ok: the mail server 127.0.0.1:${smtp.port} took a mail to jane@example.com`]);
    expect((await smtp.mail(({ text }) => text.includes('portcullis doctor'))).text).toContain('codes and links reach you');
    smtp.receive({ refuse: 451 });
    expect(lines((await doctor(world, world.front, '--insecure', '--mail-to', 'jane@example.com')).findings, 'mail')[0]).toMatch(/^problem: .*451/);
  });
});
