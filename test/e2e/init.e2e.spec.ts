import { readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import {
  certificates,
  type CommandResult,
  describeWith,
  freePort,
  freePorts,
  needs,
  type Part,
  root,
  type RunningBackend,
  runCommand,
  startBackend,
  startHaproxy,
  startNginx,
  startProcess,
  tempDir,
} from '../support/index.js';
import { enrol } from './enrol.js';
import { caddyFileFront, type Front } from './fronts.js';
import { person } from './person.js';

const PASSWORD = 'Horse-battery-9-staple';
const portal = 'https://auth.example.com';
const site = 'https://app.example.com';

const command = (...words: readonly string[]): Promise<CommandResult> =>
  runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...words]);

/** The made file as it is, on a port of this run. */
async function behindNginx(file: string): Promise<Pick<Front, 'base'>> {
  const port = await freePort();
  writeFileSync(file, readFileSync(file, 'utf8').replaceAll('listen 443 ssl;', `listen 127.0.0.1:${port} ssl;`));
  await startNginx(`include ${file};`);
  return { base: `https://127.0.0.1:${port}` };
}

/** The made file with the certificate that it leaves to the operator, on a port of this run. */
async function behindHaproxy(file: string): Promise<Pick<Front, 'base'>> {
  const port = await freePort();
  const { cert, key } = await certificates();
  const text = readFileSync(file, 'utf8').replace('bind :443 ssl crt /etc/haproxy/certs/', `bind 127.0.0.1:${port} ssl crt @DIR@/site.pem`);
  await startHaproxy(text, { port, files: { 'site.pem': `${cert}\n${key}` } });
  return { base: `https://127.0.0.1:${port}` };
}

const behindCaddy = (file: string): Promise<Front> => caddyFileFront(readFileSync(file, 'utf8'));

interface Installation {
  readonly dir: string;
  readonly front: Pick<Front, 'base'>;
  readonly backend: RunningBackend;
  readonly told: { readonly made: readonly string[]; readonly kept: readonly string[]; readonly next: readonly string[] };
}

/** `init`, then the first two of the commands it tells. */
async function makeAndStart(proxy: Part, behind: (file: string) => Promise<Pick<Front, 'base'>>): Promise<Installation> {
  const dir = join(tempDir('init'), 'portcullis');
  const gate = await freePort();
  const { certFile, keyFile } = await certificates();
  const backend = await startBackend();
  const flags = ['--yes', '--domain', 'example.com', '--proxy', proxy, '--backend', backend.url, '--address', `127.0.0.1:${gate}`];
  const files = proxy === 'nginx' ? ['--certificate', certFile, '--certificate-key', keyFile] : [];
  const { code, stdout, stderr } = await command('init', dir, ...flags, ...files, '--user', 'jane', '--password', PASSWORD, '--json');
  if (code !== 0) throw new Error(`${stdout}${stderr}`);
  const told = JSON.parse(stdout) as Installation['told'];

  const [start = '', include = ''] = told.next;
  const management = await freePorts(4);
  const metrics = ['', 'IDENTITY_', 'SESSION_', 'NOTIFIER_'].map((name, index) => [
    `PORTCULLIS_TELEMETRY_METRICS_${name}ADDRESS`,
    `tcp://127.0.0.1:${management + index}/metrics`,
  ]);
  expect(start).toMatch(/^npm start -- /);
  await startProcess(process.execPath, [join(root, 'deploy/local/src/start.mjs'), ...start.replace('npm start -- ', '').split(' ')], {
    env: {
      PATH: [dirname(needs('redis')), process.env['PATH'] ?? ''].join(':'),
      HOME: dir,
      ...(Object.fromEntries(metrics) as Record<string, string>),
    },
    ready: 'Portcullis answers on',
    readyTimeoutMs: 50_000,
  });
  const file = /\S+(?:sites\.conf|Caddyfile|haproxy\.cfg)/.exec(include)?.[0] ?? '';
  return { dir, told, backend, front: await behind(file) };
}

for (const [proxy, behind] of [
  ['nginx', behindNginx],
  ['caddy', behindCaddy],
  ['haproxy', behindHaproxy],
] as const) {
  describeWith(['redis', proxy], `what portcullis init makes, behind ${proxy}`, () => {
    let made: Installation;
    beforeAll(async () => {
      made = await makeAndStart(proxy, behind);
    });

    it('is valid without a warning', async () => {
      const { stdout } = await command('validate-config', '--config', join(made.dir, 'configuration.yml'));
      expect(stdout).toBe('Configuration parsed and loaded successfully without errors.\n');
    });

    it('sends a stranger to sign in, and lets the first person in with both factors', async () => {
      const { front, backend, dir } = made;
      expect((await person(front.base).open(`${site}/a?b`)).headers.location).toBe(`${portal}/?rd=https%3A%2F%2Fapp.example.com%2Fa%3Fb&rm=GET`);
      const jane = person(front.base);
      expect((await jane.post(`${portal}/api/firstfactor`, { username: 'jane', password: PASSWORD })).status).toBe(200);
      expect((await jane.open(`${site}/`)).status).toBe(302);
      const app = await enrol(jane, portal, 'jane@example.com', () => read(join(dir, 'notification.txt')));
      expect((await jane.post(`${portal}/api/secondfactor/totp`, { token: await app.code() })).status).toBe(200);
      const seen = await jane.open(`${site}/`);
      expect(seen.json()).toMatchObject({ headers: { 'remote-user': 'jane', 'remote-groups': 'admins', 'remote-email': 'jane@example.com' } });
      expect(backend.requests).toHaveLength(1);
    });
  });
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}
