import { spawnSync } from 'node:child_process';
import { chmodSync, chownSync, globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
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

/** A clone in a directory of root's alone is nothing that nobody could run. */
const reachable =
  !isRoot || spawnSync('setpriv', [...asNobody.slice(1), process.execPath, '--check', join(root, 'apps/identity/dist/main.js')]).status === 0;
const where = reachable ? 'services' : 'services (as root: nobody else may read the code here)';
const rights = reachable ? asNobody : [];

describeWith(['redis'], `${where} that may do as little as they can`, () => {
  it('run without root, without a capability and, where the code is not theirs, without a right to change it', { timeout: 120_000 }, async () => {
    const dir = mkdtempSync(join(tmpdir(), 'portcullis-rights-'));
    atEnd({
      end: () => {
        rmSync(dir, { recursive: true, force: true });
      },
    });
    const redis = await startRedis();
    const [port, managementPort] = [await freePort(), await freePorts(4)];
    const { config } = fillConfiguration(CONFIGURATION, { dir, port, managementPort, redis: redis.settings });
    writeFileSync(join(dir, 'configuration.yml'), stringify(config));
    writeFileSync(join(dir, 'users_database.yml'), await usersFile(persons('n1')));
    if (isRoot) for (const path of ['', 'configuration.yml', 'users_database.yml']) chownSync(join(dir, path), NOBODY, NOBODY);
    chmodSync(dir, 0o700);

    const running = [];
    for (const app of SERVICES) {
      const line = [...rights, process.execPath, join(root, 'apps', app, 'dist/main.js'), '--config', join(dir, 'configuration.yml')];
      running.push(await startProcess(line[0]!, line.slice(1), { name: app }));
    }
    const base = `http://127.0.0.1:${port}`;
    const signIn = () => tryPassword(client(base, { host: PORTAL_HOST }), 'n1', passwordOf('n1'));
    await until(async () => (await signIn().catch(() => undefined))?.status === 200, { timeoutMs: 40_000, what: 'somebody to sign in' });
    for (const { pid, name } of running) {
      if (isRoot && !reachable) continue;
      const status = readFileSync(`/proc/${pid}/status`, 'latin1');
      expect(/^Uid:\t(\d+)/m.exec(status)?.[1], name).not.toBe('0');
      if (isRoot) expect(/^CapEff:\t(\w+)/m.exec(status)?.[1], name).toBe('0'.repeat(16));
    }

    const code = globSync(['apps/*/dist/*.js', 'libs/*/*/dist/*.js', 'package.json'], { cwd: root }).map((file) => join(root, file));
    expect(code.length).toBeGreaterThan(20);
    if (!isRoot || !reachable) return;
    const writable = await runCommand('setpriv', [...asNobody.slice(1), 'find', ...code, root, '-maxdepth', '0', '-writable'], { timeoutMs: 30_000 });
    expect(writable).toMatchObject({ code: 0, stdout: '' });
  });
});
