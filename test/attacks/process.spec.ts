import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { type Client, describeWith, root, runCommand, serviceNames, totp } from '../support/index.js';
import { atEnd } from '../support/lifetime.js';
import { accepted, CONFIGURATION, mailedCode, passwordOf, persons, resetMail, startWorld, tryPassword, type World } from './world.js';

const REGISTER = '/api/secondfactor/totp/register';
const NEW = 'Another-Pass:word-2';

describeWith(['redis'], 'what lies about while the services run', () => {
  let world: World;
  /** What passed through Redis, as its MONITOR shows it. */
  let seen = '';
  beforeAll(async () => {
    world = await startWorld({ people: persons('p1', 'p2'), config: { ...CONFIGURATION, log: { level: 'trace', decisions: 'all' } } });
    const redis = new Redis({ path: world.portcullis.redis!.socket! });
    const monitor = await redis.monitor();
    monitor.on('monitor', (_time: string, args: readonly string[]) => {
      seen += `${args.join(' ')}\n`;
    });
    atEnd({
      end: () => {
        monitor.disconnect();
        redis.disconnect();
      },
    });
  });

  /** One of everything that is secret, used once. */
  async function secretsOfALife(): Promise<readonly string[]> {
    const who: Client = await world.signIn('p1');
    const first = who.cookies.get('authelia_session')!;
    const otc = await mailedCode(world, who, 'p1');
    await accepted(who.send('/api/user/session/elevation', { method: 'PUT', body: { otc } }));
    const begun = await accepted(who.send(REGISTER, { method: 'PUT', body: { algorithm: 'SHA1', length: 6, period: 30 } }));
    const { base32_secret: secret } = begun.json().data as { base32_secret: string };
    await accepted(who.post(REGISTER, { token: totp(secret) }));
    await accepted(who.post('/api/secondfactor/totp', { token: totp(secret, 1) }));
    await tryPassword(world.visitor(), 'p1', 'a-wrong-Pass:word-9');
    const Authorization = `Basic ${Buffer.from(`p1:${passwordOf('p1')}`).toString('base64')}`;
    expect((await world.verify('https://app.example.com/', { headers: { Authorization } })).status).toBe(200);
    expect((await world.verify('https://app.example.com/', { as: who })).status).toBe(200);
    const { token, cancel } = await resetMail(world, 'p2');
    const resetting = world.visitor();
    await accepted(resetting.post('/api/reset-password/identity/finish', { token }));
    const grant = resetting.cookies.get('portcullis_reset')!;
    await accepted(resetting.post('/api/reset-password', { password: NEW }));
    const cookie = who.cookies.get('authelia_session')!;
    return [
      passwordOf('p1'),
      passwordOf('p2'),
      NEW,
      'a-wrong-Pass:word-9',
      Authorization.slice('Basic '.length),
      first,
      cookie,
      otc,
      secret,
      token,
      cancel,
      grant,
    ];
  }

  it('neither Redis, nor a log at trace level, nor an environment holds a password, a code, a cookie or a secret', async () => {
    const {
      session,
      storage,
      identity_validation: validation,
    } = parse(readFileSync(world.portcullis.configFile, 'utf8')) as {
      session: { secret: string };
      storage: { encryption_key: string };
      identity_validation: { reset_password: { jwt_secret: string } };
    };
    const secrets = [...(await secretsOfALife()), session.secret, storage.encryption_key, validation.reset_password.jwt_secret];
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);
    expect(seen.length).toBeGreaterThan(1000);
    const environments = Object.values(world.portcullis.processes).map(({ pid }) => readFileSync(`/proc/${pid}/environ`, 'latin1'));
    expect(environments).toHaveLength(serviceNames.length);
    const places = { redis: seen, logs: world.portcullis.logs(), environments: environments.join('\n') };
    for (const [place, text] of Object.entries(places))
      expect(
        secrets.filter((secret) => text.includes(secret)),
        place,
      ).toEqual([]);
  });

  it('the command lines of the services hold no secret', () => {
    for (const { pid } of Object.values(world.portcullis.processes))
      expect(readFileSync(`/proc/${pid}/cmdline`, 'latin1')).not.toMatch(/secret|password|key/i);
  });
});

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly hasInstallScript?: boolean;
}

it('no package runs a script when it is installed but those that are named here', () => {
  const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')) as { packages: Record<string, Locked> };
  const scripted = Object.entries(packages).filter(([, { hasInstallScript }]) => hasInstallScript === true);
  expect(scripted.map(([place]) => place.replace(/^.*node_modules\//, '')).sort()).toEqual(['argon2', 'msgpackr-extract', 'nx']);
  const bare = Object.entries(packages).filter(
    ([place, { link, resolved, integrity }]) => place.includes('node_modules/') && link !== true && resolved !== undefined && integrity === undefined,
  );
  expect(bare.map(([place]) => place)).toEqual([]);
});

it('what ships is installed as the packages ask for it, and a list of it can be made for scanners', async () => {
  const list = await runCommand('npm', ['ls', '--all', '--omit=dev', '--json'], { cwd: root, timeoutMs: 60_000 });
  const { problems = [] } = JSON.parse(list.stdout) as { problems?: readonly string[] };
  expect(problems).toEqual([]);
  const made = await runCommand(process.execPath, [join(root, 'deploy/local/src/sbom.mjs')], { cwd: root, timeoutMs: 60_000 });
  const sbom = JSON.parse(made.stdout) as { bomFormat: string; components: readonly { name: string; version: string }[] };
  expect(sbom.bomFormat).toBe('CycloneDX');
  expect(sbom.components.map(({ name }) => name)).toEqual(expect.arrayContaining(['argon2', 'ioredis', 'fastify', '@nestjs/core']));
  expect(sbom.components.map(({ name }) => name)).not.toContain('vitest');
});

interface Audit {
  readonly message?: string;
  readonly vulnerabilities?: Readonly<Record<string, { readonly severity: string }>>;
}

it('nothing that ships has a known advisory of high rank', { timeout: 90_000 }, async (context) => {
  const args = ['audit', '--package-lock-only', '--omit=dev', '--json'];
  // Proxies and certificates on the way to the registry are in the environment.
  const asked = await runCommand('npm', args, { cwd: root, timeoutMs: 60_000, env: process.env });
  const { message = 'it said nothing', vulnerabilities } = JSON.parse(asked.stdout || '{}') as Audit;
  if (vulnerabilities === undefined) {
    console.warn(`Advisories were NOT looked at: the registry of this installation gives none (${message.split(' - ', 1)[0]})`);
    context.skip('the registry gives no advisories');
    return;
  }
  const high = Object.entries(vulnerabilities).filter(([, { severity }]) => severity === 'high' || severity === 'critical');
  expect(high.map(([name]) => name)).toEqual([]);
});
