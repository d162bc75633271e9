import { beforeAll, expect, it } from 'vitest';
import { describeWithTool } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { envoyFront } from './fronts.js';
import { type Installation, startInstallation } from './installation.js';

describeWithTool('envoy', ['redis'], 'behind Envoy with deploy/envoy', (envoy) => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(envoyFront(envoy));
  });

  it('answers a malformed request as such, not as an outage', async () => {
    const { status, headers } = await world.person().open('https://app.example.com/a\\b');
    expect(status).toBe(400);
    expect(headers['retry-after']).toBeUndefined();
  });

  everyProxy(() => world, { away: { status: 503, retryAfter: '2' }, losesQuery: true });
});
