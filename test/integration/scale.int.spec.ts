import { beforeAll, expect, it } from 'vitest';
import { describeWith, http, type RunningScaled, startRedis, startScaled, until, usersFile } from '../support/index.js';

const config = {
  access_control: { rules: [{ domain: 'open.example.com', policy: 'bypass' }] },
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com' }] },
};
const verify = {
  path: '/api/authz/forward-auth',
  headers: { 'X-Forwarded-Method': 'GET', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'open.example.com', 'X-Forwarded-URI': '/' },
};

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

describeWith(['redis'], 'npm start -- --scale', () => {
  let scaled: RunningScaled;

  beforeAll(async () => {
    scaled = await startScaled({
      config,
      users: await usersFile({ john: { password: 'a password of john' } }),
      redis: await startRedis({ unix: true }),
      scale: { 'verify-gateway': 2, identity: 2, session: 2, notifier: 2 },
    });
  });

  const status = async (base: string, path: string): Promise<number> => (await http(base, { path })).status;

  it('runs so many of each, ready, each with metrics and health of its own and its name in its lines', async () => {
    expect(scaled.names).toHaveLength(8);
    for (const name of scaled.names) {
      expect(await status(scaled.management(name), '/health/ready')).toBe(200);
      expect(scaled.supervisor.logs()).toContain(`${name.padEnd('verify-gateway-2'.length)}   ${scaled.management(name)}/health/ready`);
      expect(scaled.supervisor.logs()).toMatch(new RegExp(`msg="Startup complete".* instance=${name}$`, 'm'));
    }
  });

  it('puts the gateways behind one port: each gets connections', async () => {
    const counted = async (name: string): Promise<number> => {
      const { body } = await http(scaled.management(name), { path: '/metrics' });
      return [...body.matchAll(/^portcullis_verify_[a-z_]*_?count\{.*\} (\d+)$/gm)].reduce((sum, [, count]) => sum + Number(count), 0);
    };
    await until(
      async () => {
        expect((await http(scaled.base, verify)).status).toBe(200);
        return (await counted('verify-gateway')) > 0 && (await counted('verify-gateway-2')) > 0;
      },
      { what: 'a verify on each gateway' },
    );
  });

  it('starts again what was killed, while the other serves', async () => {
    const pid = scaled.pidOf('verify-gateway-2') ?? 0;
    process.kill(pid, 'SIGKILL');
    await until(() => !isAlive(pid), { what: 'the gateway to be gone' });
    for (let i = 0; i < 20; i++) expect((await http(scaled.base, verify)).status).toBe(200);
    await until(async () => (await status(scaled.management('verify-gateway-2'), '/health/ready').catch(() => 0)) === 200, { what: 'another one' });
    expect(scaled.pidOf('verify-gateway-2')).not.toBe(pid);
    expect(scaled.supervisor.logs()).toContain('verify-gateway-2 ended (SIGKILL); it is started again');
  });

  it('at SIGTERM a gateway is no longer ready first, and still takes new connections', async () => {
    const pid = scaled.pidOf('verify-gateway') ?? 0;
    const readiness = (): Promise<number> => status(scaled.management('verify-gateway'), '/health/ready').catch(() => 0);
    process.kill(pid, 'SIGTERM');
    await until(async () => (await readiness()) === 503, { what: 'not being ready' });
    for (let i = 0; i < 20; i++) expect((await http(scaled.base, verify)).status).toBe(200);
    expect(isAlive(pid)).toBe(true);
    await until(async () => (await readiness()) === 200, { what: 'another one' });
    expect(scaled.pidOf('verify-gateway')).not.toBe(pid);
  });

  it('leaves nothing behind when the supervisor is killed', async () => {
    const pids = scaled.names.map((name) => scaled.pidOf(name) ?? 0);
    expect(pids.filter(isAlive)).toHaveLength(8);
    scaled.supervisor.signal('SIGKILL');
    await until(() => !pids.some(isAlive), { what: 'all of it to be gone' });
  });
});
