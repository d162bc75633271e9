import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWith, root, runCommand, serviceNames, until } from '../support/index.js';
import { atEnd } from '../support/lifetime.js';
import { liveSecretly } from './secret-life.js';
import { CONFIGURATION, persons, startWorld, type World } from './world.js';

describeWith(['redis'], 'what lies about while the services run', () => {
  let world: World;
  /** What passed through Redis, as its MONITOR shows it. */
  let seen = '';
  beforeAll(async () => {
    world = await startWorld({ people: persons('p1', 'p2'), config: { ...CONFIGURATION, log: { level: 'trace', decisions: 'all' } } });
    // By hand: a client that is sent the first line together with the answer to MONITOR takes it for one that nobody asked for.
    const monitor = connect(world.portcullis.redis!.socket!);
    monitor.setEncoding('utf8').on('data', (text: string) => {
      seen += text;
    });
    monitor.write('MONITOR\r\n');
    atEnd({
      end: () => {
        monitor.destroy();
      },
    });
    await until(() => seen.startsWith('+OK'), { what: 'Redis to tell everything' });
  });

  it('neither Redis, nor a log at trace level, nor an environment or a command line holds a password, a code, a cookie or a secret', async () => {
    const {
      session,
      storage,
      identity_validation: validation,
    } = parse(readFileSync(world.portcullis.configFile, 'utf8')) as {
      session: { secret: string };
      storage: { encryption_key: string };
      identity_validation: { reset_password: { jwt_secret: string } };
    };
    const secrets = [
      ...Object.values(await liveSecretly(world, 'p1', 'p2')).flat(),
      session.secret,
      storage.encryption_key,
      validation.reset_password.jwt_secret,
    ];
    expect(secrets.filter((secret) => secret.length < 8)).toEqual([]);
    expect(seen.length).toBeGreaterThan(1000);
    const running = Object.values(world.portcullis.processes);
    expect(running).toHaveLength(serviceNames.length);
    const ofAll = (file: string) => running.map(({ pid }) => readFileSync(`/proc/${pid}/${file}`, 'latin1')).join('\n');
    const places = { redis: seen, logs: world.portcullis.logs(), environments: ofAll('environ'), commands: ofAll('cmdline') };
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
