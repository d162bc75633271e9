import { join } from 'node:path';
import { expect, it } from 'vitest';
import {
  describeWith,
  freePort,
  freePorts,
  http,
  type RunningProcess,
  root,
  runCommand,
  startProcess,
  startRedis,
  tempDir,
  usersFile,
} from '../support/index.js';
import { writePortcullisFiles } from '../support/portcullis-files.js';

const config = {
  access_control: { default_policy: 'one_factor' },
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] },
};
const SERVICES = ['verify-gateway', 'identity', 'session', 'notifier'];
const CLI = join(root, 'apps/cli/dist/main.js');

describeWith(['redis'], 'portcullis all-in-one', () => {
  it('runs every service in one process, with one port for metrics and health, and ends with all of them', async () => {
    const dir = tempDir('all-in-one');
    const redis = await startRedis({ unix: true });
    const [port, managementPort] = [await freePort(), await freePorts(4)];
    const users = await usersFile({ john: { password: 'a password of john' } });
    const { configFile } = writePortcullisFiles({ config, users }, { dir, port, managementPort, redis: redis.settings });
    const management = `http://127.0.0.1:${managementPort}`;
    const running: RunningProcess = await startProcess(process.execPath, [CLI, 'all-in-one', '--config', configFile], {
      name: 'all-in-one',
      cwd: dir,
      env: { HOME: dir },
      ready: async () => (await http(management, { path: '/health/ready' })).status === 200,
      readyTimeoutMs: 30_000,
    });
    const { body: metrics } = await http(management, { path: '/metrics' });
    for (const service of SERVICES) expect(metrics).toContain(`portcullis_build_info{service="${service}",`);

    const signIn = await http(`http://127.0.0.1:${port}`, {
      path: '/api/firstfactor',
      method: 'POST',
      headers: { Host: 'auth.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com', 'X-Forwarded-For': '192.0.2.10' },
      body: { username: 'john', password: 'a password of john', keepMeLoggedIn: false },
    });
    expect(signIn.status).toBe(200);

    const status = await runCommand(process.execPath, [CLI, 'status', '--json', '--config', configFile], { cwd: dir, env: { HOME: dir } });
    const { instances, missing } = JSON.parse(status.stdout) as {
      instances: readonly { service: string; pid: number; ready: boolean; differs: boolean }[];
      missing: readonly string[];
    };
    expect(instances.map(({ service, pid, ready, differs }) => ({ service, pid, ready, differs }))).toEqual(
      SERVICES.map((service) => ({ service, pid: running.pid, ready: true, differs: false })),
    );
    expect([missing, status.code]).toEqual([[], 0]);

    expect((await running.stop()).code).toBe(0);
    const after = await runCommand(process.execPath, [CLI, 'status', '--config', configFile], { cwd: dir, env: { HOME: dir } });
    expect(after.code).toBe(1);
    for (const service of SERVICES) expect(after.stdout).toContain(`No ${service} answers.`);
  });
});
