import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, copyFileSync, existsSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  client,
  describeWith,
  fillConfiguration,
  freePort,
  freePorts,
  root,
  runCommand,
  startProcess,
  startRedis,
  until,
  usersFile,
} from '../support/index.js';
import { atEnd } from '../support/lifetime.js';
import { CONFIGURATION, passwordOf, persons, PORTAL_HOST, tryPassword } from './world.js';

/** nobody, on every Linux; the tests themselves may be root, the services never need to be. */
const NOBODY = 65_534;
const isRoot = process.getuid?.() === 0;
const asNobody = isRoot ? ['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups', '--bounding-set=-all'] : [];
const SERVICES = ['identity', 'session', 'notifier', 'verify-gateway'] as const;

/** Gone at the end, whatever may be written in it. */
function ownDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'portcullis-rights-'));
  atEnd({
    end: () => {
      spawnSync('chmod', ['-R', 'u+w', dir]);
      rmSync(dir, { recursive: true, force: true });
    },
  });
  return dir;
}

/** What ships, where nobody may write and everybody read: the built packages, what the list of parts says they are made of, and Node. */
async function readOnlyCopy(): Promise<string> {
  const dir = ownDir();
  const list = await runCommand(process.execPath, [join(root, 'deploy/local/src/sbom.mjs')], { cwd: root, timeoutMs: 60_000 });
  const { components } = JSON.parse(list.stdout) as { components: readonly { readonly 'bom-ref': string }[] };
  const parts = components.map((part) => part['bom-ref']).filter((place) => existsSync(join(root, place)));
  const built = globSync(['apps/*/{package.json,dist,bin}', 'libs/*/*/{package.json,dist}'], { cwd: root });
  const places = ['package.json', 'node_modules/@portcullis', ...built, ...parts];
  expect(spawnSync('cp', ['-a', '--no-preserve=ownership', '--parents', ...places, dir], { cwd: root }).status).toBe(0);
  copyFileSync(process.execPath, join(dir, 'node'));
  expect(spawnSync('chmod', ['-R', 'a-w,a+rX', dir]).status).toBe(0);
  return dir;
}

describeWith(['redis'], 'services that may do as little as they can', () => {
  let copy: string;
  beforeAll(async () => {
    copy = await readOnlyCopy();
  }, 60_000);

  it('run without root, without a capability and without a right to change a file of their code', { timeout: 120_000 }, async () => {
    const dir = ownDir();
    const redis = await startRedis();
    const [port, managementPort] = [await freePort(), await freePorts(4)];
    const { config } = fillConfiguration(CONFIGURATION, { dir, port, managementPort, redis: redis.settings });
    writeFileSync(join(dir, 'configuration.yml'), stringify(config));
    writeFileSync(join(dir, 'users_database.yml'), await usersFile(persons('n1')));
    if (isRoot) for (const path of ['', 'configuration.yml', 'users_database.yml']) chownSync(join(dir, path), NOBODY, NOBODY);
    chmodSync(dir, 0o700);

    const running = [];
    for (const app of SERVICES) {
      const line = [...asNobody, join(copy, 'node'), join(copy, 'apps', app, 'dist/main.js'), '--config', join(dir, 'configuration.yml')];
      running.push(await startProcess(line[0]!, line.slice(1), { name: app, cwd: dir }));
    }
    const base = `http://127.0.0.1:${port}`;
    const signIn = () => tryPassword(client(base, { host: PORTAL_HOST }), 'n1', passwordOf('n1'));
    await until(async () => (await signIn().catch(() => undefined))?.status === 200, { timeoutMs: 40_000, what: 'somebody to sign in' });
    for (const { pid, name } of running) {
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      expect(/^Uid:\t(\d+)/m.exec(status)?.[1], name).not.toBe('0');
      expect(/^CapEff:\t(\w+)/m.exec(status)?.[1], name).toBe('0'.repeat(16));
    }

    // Asked by the user that the services run as; links have no rights of their own.
    const find = (...tests: readonly string[]) => [...asNobody, 'find', copy, ...tests, '-not', '-type', 'l'];
    const ask = async ([command = '', ...args]: readonly string[]) => (await runCommand(command, args, { timeoutMs: 30_000 })).stdout;
    expect(await ask(find('-writable'))).toBe('');
    expect((await ask(find('-readable'))).split('\n').length).toBeGreaterThan(1000);
  });
});
