import { beforeAll, expect, it } from 'vitest';
import { describeWith } from '../support/index.js';
import { everyProxy } from './every-proxy.js';
import { haproxyFront } from './fronts.js';
import { type Installation, startInstallation } from './installation.js';

describeWith(['redis', 'haproxy'], 'behind HAProxy with deploy/haproxy', () => {
  let world: Installation;
  beforeAll(async () => {
    world = await startInstallation(haproxyFront);
  });

  it('answers a malformed request as such, not as an outage', async () => {
    const { status, headers } = await world.person().open('https://app.example.com/a\\b');
    expect(status).toBe(400);
    expect(headers['retry-after']).toBeUndefined();
  });

  everyProxy(() => world, { away: { status: 503, retryAfter: '2' } });
});
