import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { stringify } from 'yaml';
import {
  client,
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

    const doctor = await runCommand(process.execPath, [CLI, 'doctor', '--config', configFile], { cwd: dir, env: { HOME: dir } });
    expect(doctor.stdout).toMatch(/^ok {7}all-in-one {4}ready on 127\.0\.0\.1:\d+$/m);
    expect(doctor.stdout).not.toContain('it does not run');

    expect((await running.stop()).code).toBe(0);
    const after = await runCommand(process.execPath, [CLI, 'status', '--config', configFile], { cwd: dir, env: { HOME: dir } });
    expect(after.code).toBe(1);
    for (const service of SERVICES) expect(after.stdout).toContain(`No ${service} answers.`);
  });

  it('takes files as a guide has them, through filters, with a Redis of its own whose sessions outlive a kill', { timeout: 90_000 }, async () => {
    const dir = tempDir('all-in-one');
    const port = await freePort();
    const [management, configFile] = [await freePorts(4), join(dir, 'configuration.yml')];
    writeFileSync(join(dir, 'users_database.yml'), await usersFile({ john: { password: 'Apple-pie-1' } }));
    writeFileSync(
      configFile,
      stringify({
        jwt_secret: 'x1'.repeat(32),
        server: { host: '127.0.0.1', port, path_prefix: '/authelia/' },
        telemetry: { metrics: { address: `tcp://127.0.0.1:${management}/metrics` } },
        session: { domain: '{{ env "THE_DOMAIN" }}' },
        authentication_backend: { file: { path: join(dir, 'users_database.yml') } },
        access_control: { default_policy: 'deny', rules: [{ domain: '*.example.com', policy: 'one_factor' }] },
        notifier: { filesystem: { filename: join(dir, 'notification.txt') } },
      }),
    );
    const start = () =>
      startProcess(process.execPath, [CLI, 'all-in-one', '--config.experimental.filters', 'template'], {
        name: 'all-in-one',
        cwd: dir,
        env: { HOME: dir, TMPDIR: dir, X_AUTHELIA_CONFIG: configFile, THE_DOMAIN: 'example.com' },
        ready: async () => (await http(`http://127.0.0.1:${management}`, { path: '/health/ready' })).status === 200,
        readyTimeoutMs: 30_000,
      });
    const running = await start();
    const john = client(`http://127.0.0.1:${port}`, { host: 'auth.example.com' });
    expect((await john.post('/authelia/api/firstfactor', { username: 'john', password: 'Apple-pie-1' })).status).toBe(200);
    await running.kill();
    const again = await start();
    expect((await john.get('/authelia/api/user/info')).status).toBe(200);
    expect((await again.stop(15_000)).code).toBe(0);
  });

  it('names what it cannot do with, as typed wrongly', async () => {
    const { code, stderr } = await runCommand(process.execPath, [CLI, 'all-in-one', '--scale', 'identity=2']);
    expect([code, stderr.split('\n')[0]]).toEqual([2, expect.stringContaining("Unknown option '--scale'")]);
    const word = await runCommand(process.execPath, [CLI, 'all-in-one', 'identity']);
    expect([word.code, word.stderr.split('\n')[0]]).toEqual([2, 'all-in-one does not know what to do with identity.']);
  });
});
