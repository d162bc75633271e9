import { eventually } from '@portcullis/platform-redis/testing';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { Gateway } from './gateway.fixture.js';
import { followPasswordWrites } from './password-writes.js';

let gateway: Gateway;
const stop = new AbortController();
beforeEach(async () => {
  gateway = await Gateway.start();
});
afterEach(async () => {
  stop.abort();
  await gateway.stop();
});

it('offers neither a reset nor a change of passwords while none could be kept, and both again when one could', async () => {
  let writable = false;
  let isAway = false;
  gateway.identity.describePasswords = () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve({ writable }));
  const session = await gateway.session.signedIn('bob');
  const said = async (): Promise<unknown> => (await gateway.ask('GET', '/api/configuration', { session })).json.data;
  const page = async (): Promise<unknown> => (await gateway.ask('GET', '/api/portal')).json.data;
  expect(await said()).toMatchObject({ password_change_disabled: false, password_reset_disabled: false });

  void followPasswordWrites(gateway.writes, gateway.identity, stop.signal, 5);
  await eventually('it is known', () => !gateway.writes.writable);
  expect(await said()).toMatchObject({ password_change_disabled: true, password_reset_disabled: true });
  expect(await page()).toMatchObject({ change_disabled: true, reset_disabled: true });
  expect((await gateway.ask('POST', '/api/reset-password/identity/start', { json: { username: 'bob' } })).status).toBe(404);

  // Nobody answers: what was said stands.
  isAway = true;
  writable = true;
  expect(await page()).toMatchObject({ change_disabled: true });
  isAway = false;
  await eventually('it is known', () => gateway.writes.writable);
  expect(await page()).toMatchObject({ change_disabled: false, reset_disabled: false });
});
