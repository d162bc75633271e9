import { afterAll, beforeAll, expect, it } from 'vitest';
import { Gateway } from '../gateway.fixture.js';

let gateway: Gateway;
beforeAll(async () => {
  gateway = await Gateway.start();
});
afterAll(async () => {
  await gateway.stop();
});

it.each(['/settings', '/settings/', '/settings/security', '/settings/two-factor-authentication', '/settings/sessions', '/settings/history'])(
  '%s without JavaScript names what works without it',
  async (path) => {
    const page = await gateway.ask('GET', path, { session: await gateway.session.signedIn('bob') });
    expect(page.status).toBe(200);
    for (const way of ['/enrol', '/reset-password/step1', '/logout', '/']) expect(page.body).toContain(`<a href="${way}">`);
  },
);

it('a page of the settings that there is not is not found', async () => {
  expect((await gateway.ask('GET', '/settings/everything')).status).toBe(404);
});
