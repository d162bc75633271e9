import { beforeEach, describe, expect, it } from 'vitest';
import { describeWith, http, type HttpResponse, until } from '../support/index.js';
import { nginxFront } from './fronts.js';
import { type Installation, people, portal, signIn, startInstallation, tryPassword } from './installation.js';
import type { Person } from './person.js';

const app = 'https://app.example.com/';

describeWith(['redis', 'nginx'], 'an outage', () => {
  let world: Installation;
  let john: Person;
  // What a test starts again ends with it: each has a world of its own.
  beforeEach(async () => {
    world = await startInstallation(nginxFront, { services: ['verify-gateway', 'verify-gateway', 'identity', 'session', 'notifier'] });
    john = await signIn(world.person(), 'john');
  });

  const statusOf = async (who: Person, url = app): Promise<number> => (await who.open(url)).status;
  const answersAgain = (): Promise<boolean> =>
    until(async () => (await statusOf(john)) === 200, { timeoutMs: 20_000, what: 'the session to open the site again' });

  /** What must hold from the moment the gate knows that Redis is away: nobody passes who did not, nobody is sent to sign in who is signed in. */
  async function holdsWithoutRedis(): Promise<void> {
    const answer = await until(
      async () => {
        const found = await john.open(app);
        expect([200, 503]).toContain(found.status);
        return found.status === 503 && found;
      },
      { what: 'the gate to notice' },
    );
    expect(answer.headers['retry-after']).toBe('2');
    expect(answer.headers['set-cookie']).toBeUndefined();
    expect(await statusOf(john, 'https://admin.example.com/')).toBe(503);
    expect(await statusOf(world.person(), 'https://public.example.com/')).toBe(200);
    expect(await statusOf(john, 'https://public.example.com/')).toBe(200);
    expect(await statusOf(world.person())).toBe(302);
    const refused = await tryPassword(world.person(), 'mary', people.mary.password);
    expect(refused.status).toBe(503);
    expect(refused.headers['retry-after']).toBeDefined();
    expect(refused.headers['set-cookie']).toBeUndefined();
    expect((await http(world.portcullis.url('/health/ready'))).status).toBe(503);
  }

  describe('of Redis', () => {
    it('that is frozen: 503 for who is signed in, all else as ever, and the session lives when it goes on', async () => {
      expect(await statusOf(john)).toBe(200);
      world.redis.pause();
      await holdsWithoutRedis();
      world.redis.resume();
      await answersAgain();
    });

    it('that is killed: the same, and the session lives when it is back', async () => {
      await world.redis.kill();
      await holdsWithoutRedis();
      await world.redis.restart();
      await answersAgain();
      await until(async () => (await tryPassword(world.person(), 'mary', people.mary.password)).status === 200, { what: 'sign-in to work again' });
    });
  });

  describe('of the session service', () => {
    it('lets everybody go on who is signed in, and tells who wants to sign in or out to come back', async () => {
      await world.portcullis.kill('session');
      expect(await statusOf(john)).toBe(200);
      const elsewhere = await http(world.portcullis.gateways[1]!, {
        path: '/api/authz/auth-request',
        headers: { 'X-Original-URL': app, 'X-Original-Method': 'GET', Cookie: john.cookieFor('app.example.com') },
      });
      expect(elsewhere).toMatchObject({ status: 200, headers: { 'remote-user': 'john' } });

      const refused = await tryPassword(world.person(), 'mary', people.mary.password);
      expect(refused.status).toBe(503);
      expect(refused.headers['retry-after']).toBeDefined();
      expect(refused.headers['set-cookie']).toBeUndefined();
      const leaving = john.copy();
      const cookie = leaving.cookieFor('auth.example.com');
      expect((await leaving.post(`${portal}/api/logout`)).status).toBe(503);
      expect(leaving.cookieFor('auth.example.com')).toBe(cookie);

      await world.portcullis.start('session');
      await until(async () => (await tryPassword(world.person(), 'mary', people.mary.password)).status === 200);
      expect(await statusOf(john)).toBe(200);
    });
  });

  describe('of identity', () => {
    const basic = { Authorization: `Basic ${Buffer.from(`john:${people.john.password}`).toString('base64')}` };

    it('lets everybody go on who is signed in, refuses no password and counts none', async () => {
      await world.portcullis.kill('identity');
      expect(await statusOf(john)).toBe(200);
      const who = world.person();
      const answers: HttpResponse[] = [];
      for (const password of ['wrong', 'wrong too', 'and again', people.mary.password]) answers.push(await tryPassword(who, 'mary', password));
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
      for (const { headers } of answers) expect(headers['retry-after']).toBeDefined();
      expect(who.cookieFor('auth.example.com')).toBe('');
      expect((await world.person().open(app, basic)).status).toBe(503);

      await world.portcullis.start('identity');
      await until(async () => (await tryPassword(who, 'mary', people.mary.password)).status === 200);
      expect((await world.person().open(app, basic)).status).toBe(200);
      const { stdout } = await world.portcullis.cli('storage', 'bans', 'user', 'list', '--json');
      expect(JSON.parse(stdout)).toEqual([]);
    });
  });

  describe('of the notifier', () => {
    it('loses no mail: the code is asked for meanwhile and comes when it is back', async () => {
      await world.portcullis.kill('notifier');
      expect((await john.post(`${portal}/api/user/session/elevation`)).status).toBe(200);
      await world.portcullis.start('notifier');
      await until(() => world.mail().includes('john@example.com'), { timeoutMs: 30_000, what: 'the mail' });
    });
  });
});
