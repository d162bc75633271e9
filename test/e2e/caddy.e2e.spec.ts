import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { caddyFileFront, caddyFront, caddySnippets } from './fronts.js';
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

  everyProxy(() => world, { away: { status: 502, retryAfter: undefined } });
});
