import { existsSync } from 'node:fs';
import { expect, it } from 'vitest';
import { describeWith, http, startPortcullis, startRedis, until, usersFile } from './index.js';

const config = {
  server: { address: 'tcp://:9091/authelia' },
  session: { cookies: [{ domain: 'example.com', authelia_url: 'https://auth.example.com/authelia/' }] },
  access_control: { rules: [{ domain: '*.example.com', policy: 'one_factor' }] },
};

describeWith(['redis'], 'startPortcullis', () => {
  it('starts the built apps, replicas among them, stops, kills and starts each by its name', async () => {
    const redis = await startRedis();
    const users = await usersFile({ john: { password: 'Apple-pie-1' } });
    const portcullis = await startPortcullis({ config, users, redis, services: ['verify-gateway', 'verify-gateway', 'identity', 'session'] });
    expect(Object.keys(portcullis.processes).sort()).toEqual(['identity', 'session', 'verify-gateway', 'verify-gateway-2']);
    expect(portcullis.gateways).toHaveLength(2);
    for (const base of portcullis.gateways) expect((await http(base, { path: '/health/ready' })).status).toBe(200);
    for (const name of Object.keys(portcullis.processes))
      expect((await http(portcullis.management(name), { path: '/health/ready' })).status, name).toBe(200);
    expect((await http(portcullis.url('/api/health'))).status).toBe(200);

    const john = portcullis.client({ host: 'auth.example.com' });
    expect((await john.post('/authelia/api/firstfactor', { username: 'john', password: 'Apple-pie-1' })).status).toBe(200);
    expect([...john.cookies.keys()].sort()).toEqual(['authelia_session', 'portcullis_device']);

    const before = portcullis.processes['identity']?.pid;
    await portcullis.restart('identity');
    expect(portcullis.processes['identity']?.pid).not.toBe(before);
    await portcullis.kill('verify-gateway-2');
    await expect(http(portcullis.gateways[1]!, { path: '/health/ready' })).rejects.toThrow('ECONNREFUSED');
    await portcullis.start('verify-gateway-2');
    // A line comes through a pipe, which no answer over HTTP waits for.
    await until(() => portcullis.logs('verify-gateway-2').includes('Startup complete'), { timeoutMs: 10_000, what: 'the last line of its start' });

    await expect(portcullis.restart('identity-2')).rejects.toThrow('no instance is called identity-2');
    await portcullis.stop();
    expect(Object.values(portcullis.processes).map(({ exit }) => exit())).toEqual(Array(4).fill({ code: 0, signal: null }));
    expect(existsSync(portcullis.configFile)).toBe(true);
  });

  it('tells what a service said that refuses to start', async () => {
    const starting = startPortcullis({ config: { ...config, access_contrl: {} }, users: 'users: {}', services: ['session'] });
    await expect(starting).rejects.toThrow(/session ended before it was ready \(1\)[^]*access_contrl/);
  });
});
