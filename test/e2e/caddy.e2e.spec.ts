import { beforeAll, expect, it, onTestFinished } from 'vitest';
import { describeWith, freePort } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { caddyFileFront, caddyFront, caddySnippets } from './fronts.js';
import { gatePages } from './gate-pages.js';
import { gatePort, type Installation, signIn, startInstallation } from './installation.js';
import { person } from './person.js';

describeWith(['redis', 'caddy'], 'behind Caddy with deploy/caddy', () => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(caddyFront);
  });

  it.each([
    ['before the blocks that answer', 'import protected\n\thandle /a/* {\n\t\tPROXY\n\t}\n\thandle {\n\t\tPROXY\n\t}'],
    ['after them', 'handle /a/* {\n\t\tPROXY\n\t}\n\thandle {\n\t\tPROXY\n\t}\n\timport protected'],
    ['inside one of them', 'handle {\n\t\timport protected\n\t\tPROXY\n\t}'],
    ['in a route', 'route {\n\t\timport protected\n\t\tPROXY\n\t}'],
  ])('protects a site whose line stands %s', async (_, lines) => {
    const { portcullis, backend } = world;
    const snippets = caddySnippets({ gate: gatePort(portcullis), portal: 'auth.example.com', sites: {} });
    const site = lines.replaceAll('PROXY', `reverse_proxy ${backend.url.replace('http://', '')}`);
    const { base } = await caddyFileFront(`import ${snippets}\napp.example.com {\n\t${site}\n}\nauth.example.com {\n\timport portal\n}`);
    const before = backend.requests.length;
    for (const path of ['/', '/a/b']) expect((await person(base).open(`https://app.example.com${path}`)).status).toBe(302);
    expect(backend.requests).toHaveLength(before);
    const john = await signIn(person(base), 'john');
    expect((await john.open('https://app.example.com/a/b', { 'Remote-User': 'mary' })).json()).toMatchObject({ headers: { 'remote-user': 'john' } });
  });

  it('shows people a page while the gate is away, and scripts nothing', async () => {
    const { portcullis, person: somebody } = world;
    await portcullis.kill('verify-gateway');
    onTestFinished(() => portcullis.start('verify-gateway'));
    const page = await somebody().open('https://app.example.com/');
    expect(page).toMatchObject({
      status: 503,
      headers: { 'retry-after': '2', 'cache-control': 'no-store', 'content-type': 'text/html; charset=utf-8' },
    });
    expect(page.body).toContain('<h1>Not available right now</h1>');
    expect(await somebody().open('https://app.example.com/', { Accept: 'application/json' })).toMatchObject({ status: 503, body: '' });
  });

  it("leaves an application that is away to the site, and a site without the line to Caddy's own answer", async () => {
    const { portcullis } = world;
    const gate = gatePort(portcullis);
    const snippets = caddySnippets({ gate, portal: 'auth.example.com', sites: {} });
    const nowhere = `reverse_proxy 127.0.0.1:${await freePort()}`;
    const { base } = await caddyFileFront(
      `import ${snippets}\napp.example.com {\n\timport protected\n\timport protected_away\n\t${nowhere}\n}\nauth.example.com {\n\timport portal\n}`,
    );
    const john = await signIn(person(base), 'john');
    expect(await john.open('https://app.example.com/')).toMatchObject({ status: 502, body: '' });
  });

  gatePages(() => world);
  everyProxy(() => world, { away: { status: 503, retryAfter: '2' } });
});
