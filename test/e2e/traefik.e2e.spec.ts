import { beforeAll, expect, it } from 'vitest';
import { describeWithTool, http } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { traefikFront } from './fronts.js';
import { type Installation, signIn, signInAddress, startInstallation } from './installation.js';

describeWithTool('traefik', ['redis'], 'behind Traefik with deploy/traefik', (traefik) => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(traefikFront(traefik));
  });

  it('shows gate and application one reading of a path, and the same', async () => {
    const { backend, person } = world;
    const stranger = person();
    const asked = await stranger.open('https://app.example.com/x/../a\\b');
    expect(asked.headers.location).toBe(signInAddress('https://app.example.com/a%5Cb'));
    await (await signIn(stranger, 'john')).open('https://app.example.com/x/../a\\b');
    expect(backend.requests.at(-1)?.url).toBe('/a%5Cb');
  });

  it('takes a cookie header of many others', async () => {
    const { person } = world;
    const who = await signIn(person(), 'john');
    const cookies = [...Array.from({ length: 40 }, (_, at) => `other${at}=${'x'.repeat(180)}`), who.cookieFor('app.example.com')];
    expect((await http(world.front.base, { headers: { Host: 'app.example.com', Cookie: cookies.join('; ') } })).status).toBe(200);
  });

  everyProxy(() => world, { away: { status: 500, retryAfter: undefined }, resolvesPaths: true });
});
