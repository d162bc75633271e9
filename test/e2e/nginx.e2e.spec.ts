import { readFileSync } from 'node:fs';
import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWith, freePort, http, startNginx, until } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { nginxFront } from './fronts.js';
import { gatePages } from './gate-pages.js';
import { gatePort, type Installation, signIn, startInstallation } from './installation.js';

describeWith(['redis', 'nginx'], 'behind nginx with deploy/nginx', () => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(nginxFront);
  });

  it('answers a malformed request as such, not as an outage', async () => {
    const { status, headers } = await world.person().open('https://app.example.com/a\\b');
    expect(status).toBe(400);
    expect(headers['retry-after']).toBeUndefined();
  });

  it("lets nobody through with the guide's own nginx.conf, and says once per request what to include instead", async () => {
    const { portcullis, backend } = world;
    const port = await freePort();
    const conf = readFileSync(new URL('fixtures/guide/nginx.conf', import.meta.url), 'utf8')
      .replace('localhost:9091', `127.0.0.1:${gatePort(portcullis)}`)
      .replace('http://localhost:8080', backend.url)
      .replace('listen 80', `listen 127.0.0.1:${port}`);
    await startNginx(conf);
    const cookie = (await signIn(world.person(), 'mary')).cookieFor('nextcloud.example.com');
    const before = backend.requests.length;
    const ask = (path: string, headers: Readonly<Record<string, string>>) =>
      http(`http://127.0.0.1:${port}`, { path, headers: { Host: 'nextcloud.example.com', ...headers } });
    const answers = [await ask('/', {}), await ask('/a?b=c', { Cookie: cookie }), await ask('/', { 'Remote-User': 'mary' })];
    expect(answers.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(backend.requests).toHaveLength(before);
    const told = (): readonly string[] =>
      portcullis
        .logs('verify-gateway')
        .split('\n')
        .filter((line) => line.includes('deploy/nginx'));
    const lines = await until(() => told().length >= answers.length && told(), { what: 'a line for each request' });
    expect(lines).toHaveLength(answers.length);
    for (const line of lines) expect(line).toMatch(/X-Original-URL.*deploy\/nginx\/portcullis-location\.conf/);
  });

  it('shows people a plainer page while the gate is away, and scripts nothing of it', async () => {
    const { portcullis, person } = world;
    await portcullis.kill('verify-gateway');
    onTestFinished(() => portcullis.start('verify-gateway'));
    const page = await person().open('https://app.example.com/');
    expect(page).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2', 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' },
    });
    expect(page.body).toContain('<h1>Not available right now</h1>');
    const script = await person().open('https://app.example.com/', { Accept: 'application/json' });
    expect([script.status, script.headers['retry-after']]).toEqual([503, '2']);
    expect(script.body).not.toContain('Not available right now');
  });

  gatePages(() => world);
  everyProxy(() => world, { away: { status: 503, retryAfter: '2' } });
});
