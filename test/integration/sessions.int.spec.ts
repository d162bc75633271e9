import { beforeAll, describe, expect, it } from 'vitest';
import { type Client, client, describeWith, http, type HttpResponse, type RunningPortcullis, startPortcullis, until } from '../support/index.js';
import { giveDevices, giveSecondFactor, passwordOf, peopleOf, SECRET, signIn, SITE, verify, verifyStatus } from './site.js';

const ROUNDS = 20;
const IN_FLIGHT = 16;

const times = <T>(count: number, each: (index: number) => Promise<T>): Promise<readonly T[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => each(index)));
const statuses = (responses: readonly HttpResponse[]): readonly number[] => [...new Set(responses.map(({ status }) => status))].sort();

describeWith(['redis'], 'sessions, with two gateways on one Redis', () => {
  let portcullis: RunningPortcullis;
  let here: string;
  let there: string;

  beforeAll(async () => {
    portcullis = await startPortcullis({
      // What is proven here is what becomes of a session, over and over within one half minute: a code works again.
      config: { ...SITE, totp: { disable_reuse_security_policy: true } },
      users: await peopleOf('ann', 'ben', 'cat'),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'session', 'notifier'],
    });
    [here, there] = portcullis.gateways as [string, string];
    await giveDevices(portcullis, { ann: SECRET, ben: SECRET });
  });

  const portal = (base = here, host = 'auth.site.test'): Client => client(base, { host });
  /** Within the second that an ending may take to be known everywhere. */
  const untilRefused = async (cookie: string, host?: string): Promise<void> => {
    for (const gateway of [here, there])
      await until(async () => (await verifyStatus(gateway, cookie, host)) === 302, {
        timeoutMs: 1000,
        everyMs: 10,
        what: `${gateway} refuses the session`,
      });
  };
  /** The keys in Redis but those of the wire and of the queue, which come and go with the services. */
  const keysOfPeople = async (): Promise<readonly string[]> => {
    const keys = (await portcullis.redis!.cli('KEYS', '*')) as readonly string[];
    return keys.filter((key) => !/^portcullis:(rpc|bull|session:canary):/.test(key)).sort();
  };

  describe('races', () => {
    it(`signing out with ${IN_FLIGHT} verifies in flight leaves nobody signed in, in ${ROUNDS} rounds`, async () => {
      const left: string[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const ann = await signIn(portal(), 'ann');
        const cookie = ann.cookieHeader();
        left.push(cookie);
        expect(await verifyStatus(there, cookie)).toBe(200);
        const verifies = times(IN_FLIGHT, (index) => verify(index % 2 === 0 ? here : there, cookie));
        const answer = await ann.post('/api/logout');
        expect(answer.json()).toEqual({ status: 'OK', data: { safeTargetURL: false } });
        await verifies;
        expect(await verifyStatus(here, cookie)).toBe(302);
      }
      await Promise.all(left.map((cookie) => untilRefused(cookie)));
      const after = await Promise.all(left.flatMap((cookie) => [verify(here, cookie), verify(there, cookie)]));
      expect(after.filter(({ status }) => status === 200)).toHaveLength(0);
    });

    it(`a second factor given with ${IN_FLIGHT} verifies in flight is never lost, in ${ROUNDS} rounds`, async () => {
      const levels: number[] = [];
      for (let round = 0; round < ROUNDS; round++) {
        const ann = await signIn(portal(), 'ann');
        const before = ann.cookieHeader();
        const verifies = times(IN_FLIGHT, (index) =>
          verify(index % 2 === 0 ? here : there, before, index % 3 === 0 ? 'two.site.test' : 'one.site.test'),
        );
        await giveSecondFactor(ann);
        await verifies;
        levels.push(await verifyStatus(here, ann.cookieHeader(), 'two.site.test'), await verifyStatus(there, ann.cookieHeader(), 'two.site.test'));
      }
      expect(levels).toEqual(Array.from({ length: ROUNDS * 2 }, () => 200));
    });

    it('a second factor given twice at once ends in one session, of two factors', async () => {
      const ann = await signIn(portal(), 'ann');
      const twins = [ann.copy(), ann.copy()];
      const token = await times(2, async (index) =>
        giveSecondFactor(twins[index]!)
          .then(() => true)
          .catch(() => false),
      );
      expect(token.filter(Boolean)).not.toHaveLength(0);
      const alive = await Promise.all(twins.map((twin) => verifyStatus(here, twin.cookieHeader(), 'two.site.test')));
      expect(alive.filter((status) => status === 200)).toHaveLength(1);
    });

    it('signing out twice at once is answered twice with success', async () => {
      const ann = await signIn(portal(), 'ann');
      const answers = await times(2, () => ann.copy().post('/api/logout'));
      expect(answers.map((answer) => [answer.status, answer.json().status as string])).toEqual([
        [200, 'OK'],
        [200, 'OK'],
      ]);
    });

    it('sixty sign-ins at once are each of the person who asked', async () => {
      const names = ['ann', 'ben', 'cat'];
      const found = await times(60, async (index) => {
        const name = names[index % names.length]!;
        const who = await signIn(portal(index % 2 === 0 ? here : there), name);
        return [name, (await verify(there, who.cookieHeader())).headers['remote-user']];
      });
      expect(found.filter(([name, remote]) => name !== remote)).toEqual([]);
    });
  });

  describe('two gateways', () => {
    it('a session begun at one is known to the other at once', async () => {
      for (let round = 0; round < 10; round++) {
        const ann = await signIn(portal(round % 2 === 0 ? here : there), 'ann');
        expect(await verifyStatus(round % 2 === 0 ? there : here, ann.cookieHeader())).toBe(200);
      }
    });

    it('a session known to be none becomes one: an id asked for too early is not remembered as nobody', async () => {
      const ann = await signIn(portal(), 'ann');
      const [id] = [...ann.cookies.values()];
      expect(await verifyStatus(there, `authelia_session=${id!.slice(0, -1)}`)).toBe(302);
      expect(await verifyStatus(there, ann.cookieHeader())).toBe(200);
    });

    it.each([
      ['signed out at one', (ann: Client) => ann.post('/api/logout')],
      ['revoked by the command line', () => portcullis.cli('sessions', 'revoke-all', 'ann')],
      ['deleted in Redis by hand', () => deleteSessions()],
    ])('a session that is %s is refused by both within a second', async (_how, end) => {
      const ann = await signIn(portal(), 'ann');
      const cookie = ann.cookieHeader();
      expect([await verifyStatus(here, cookie), await verifyStatus(there, cookie)]).toEqual([200, 200]);
      await end(ann);
      await untilRefused(cookie);
    });

    const deleteSessions = async (): Promise<void> => {
      const keys = (await keysOfPeople()).filter((key) => key.startsWith('portcullis:session:'));
      await portcullis.redis!.cli('DEL', ...keys);
    };

    it('one session of several is ended by its handle, and the others stay', async () => {
      const [first, second] = [await signIn(portal(), 'cat'), await signIn(portal(), 'cat')];
      const listed = await portcullis.cli('sessions', 'list', 'cat', '--json');
      const handles = (JSON.parse(listed.stdout) as readonly { readonly handle: string; readonly createdAtMs: number }[]).toSorted(
        (a, b) => a.createdAtMs - b.createdAtMs,
      );
      const revoked = await portcullis.cli('sessions', 'revoke', handles.at(-1)!.handle);
      expect(revoked.code).toBe(0);
      await untilRefused(second.cookieHeader());
      expect(await verifyStatus(there, first.cookieHeader())).toBe(200);
    });

    it('after FLUSHDB nobody is let in within a second, and everybody may sign in again', async () => {
      const people = await Promise.all(['ann', 'ben', 'cat'].map((name) => signIn(portal(), name)));
      const ask = async (): Promise<readonly number[]> =>
        statuses(await Promise.all(people.map((who) => who.cookieHeader()).flatMap((cookie) => [verify(here, cookie), verify(there, cookie)])));
      expect(await ask()).toEqual([200]);
      await portcullis.redis!.cli('FLUSHDB');
      await until(async () => !(await ask()).includes(200), { timeoutMs: 1000, everyMs: 10, what: 'nobody is let in' });
      // Until the endings in force are replayed on the empty store, the answer is 503.
      await until(async () => (await ask()).join() === '302', { timeoutMs: 5000, everyMs: 10, what: 'both say that nobody is signed in' });
      const ann = await giveSecondFactor(await signIn(portal(), 'ann'));
      for (const gateway of [here, there]) expect(await verifyStatus(gateway, ann.cookieHeader(), 'two.site.test')).toBe(200);
    });
  });

  describe('the id', () => {
    it('is new at each factor, and the old one is dead', async () => {
      const ann = await signIn(portal(), 'ann');
      const first = ann.cookieHeader();
      await giveSecondFactor(ann);
      const second = ann.cookieHeader();
      const reauthenticated = await ann.post('/api/firstfactor/reauthenticate', { password: passwordOf('ann') });
      expect(reauthenticated.json().status).toBe('OK');
      const third = ann.cookieHeader();
      expect(new Set([first, second, third]).size).toBe(3);
      await untilRefused(first);
      await untilRefused(second);
      expect([await verifyStatus(here, third, 'two.site.test'), await verifyStatus(there, third, 'two.site.test')]).toEqual([200, 200]);
    });

    it('is new when somebody signs in again, and the session before is over', async () => {
      const ann = await signIn(portal(), 'ann');
      const before = ann.cookieHeader();
      await giveSecondFactor(ann);
      const two = ann.cookieHeader();
      await signIn(ann, 'ann');
      expect([before, two]).not.toContain(ann.cookieHeader());
      await untilRefused(two);
      expect(await verifyStatus(here, ann.cookieHeader())).toBe(200);
      expect(await verifyStatus(here, ann.cookieHeader(), 'two.site.test')).toBe(302);
    });

    it('of a session that a wrong password did not touch stays', async () => {
      const ann = await signIn(portal(), 'ann');
      const before = ann.cookieHeader();
      const refused = await ann.post('/api/firstfactor', { username: 'ann', password: 'wrong' });
      expect([refused.status, refused.headers['set-cookie']]).toEqual([401, undefined]);
      expect(ann.cookieHeader()).toBe(before);
      expect(await verifyStatus(here, before)).toBe(200);
    });

    it('that the client chose is never adopted', async () => {
      const chosen = 'authelia_session=chosenByTheClient0123456789abcdefghijklmnop';
      const ann = portal();
      ann.cookies.set('authelia_session', chosen.split('=')[1]!);
      await signIn(ann, 'ann');
      expect(ann.cookieHeader()).not.toBe(chosen);
      expect(await verifyStatus(here, chosen)).toBe(302);
    });

    it('is 256 random bits, sent over https alone, to no script, for the cookie domain', async () => {
      const answer = await portal().post('/api/firstfactor', { username: 'ann', password: passwordOf('ann') });
      const [cookie] = answer.headers['set-cookie'] ?? [];
      expect(cookie).toMatch(/^authelia_session=[\w-]{43}; Expires=[^;]+; Domain=site\.test; Path=\/; HttpOnly; Secure; SameSite=Lax$/);
    });

    it('is nowhere in Redis, nor is anything about its person readable there', async () => {
      const ann = await signIn(portal(), 'ann');
      const [id] = [...ann.cookies.values()];
      const keys = await keysOfPeople();
      expect(keys.filter((key) => key.includes(id!))).toEqual([]);
      const sessions = keys.filter((key) => key.startsWith('portcullis:session:'));
      const values = (await Promise.all(sessions.map((key) => portcullis.redis!.cli('GET', key)))).map(String);
      expect(values.filter((value) => value.includes('ann') || value.includes(id!))).toEqual([]);
    });
  });

  describe('a cookie domain', () => {
    it('has sessions of its own: shown to another, a session is refused there and ended at home', async () => {
      const ann = await signIn(portal(), 'ann');
      const cookie = ann.cookieHeader();
      expect(await verifyStatus(here, cookie)).toBe(200);
      expect(await verifyStatus(here, cookie, 'one.annex.test')).toBe(302);
      await untilRefused(cookie);
    });

    it('shown at the portal of another, a session is nobody', async () => {
      const ann = await signIn(portal(), 'ann');
      const elsewhere = portal(here, 'auth.annex.test');
      elsewhere.cookies.set('authelia_session', [...ann.cookies.values()][0]!);
      expect((await elsewhere.get('/api/state')).json().data.username).toBe('');
      await untilRefused(ann.cookieHeader());
    });

    it('keeps its session when somebody signs out of another', async () => {
      const site = await signIn(portal(), 'ann');
      const annex = await signIn(portal(here, 'auth.annex.test'), 'ann');
      await annex.post('/api/logout');
      await untilRefused(annex.cookieHeader(), 'one.annex.test');
      expect(await verifyStatus(there, site.cookieHeader())).toBe(200);
    });

    it.each(['/api/state', '/api/user/info'])('two cookies of the session name are refused at %s, and nothing is ended', async (path) => {
      const ann = await signIn(portal(), 'ann');
      const twice = await http(here, {
        path,
        headers: { Host: 'auth.site.test', 'X-Forwarded-Proto': 'https', Cookie: `${ann.cookieHeader()}; ${ann.cookieHeader()}` },
      });
      expect(twice.status).toBe(400);
      expect(await verifyStatus(here, `${ann.cookieHeader()}; ${ann.cookieHeader()}`)).toBe(400);
      expect(await verifyStatus(here, ann.cookieHeader())).toBe(200);
    });

    it('that is not served has no portal: 421 with those that are, and the session it showed lives on', async () => {
      const ann = await signIn(portal(), 'ann');
      const lost = portal(here, 'auth.nowhere.test');
      lost.cookies.set('authelia_session', [...ann.cookies.values()][0]!);
      for (const answer of [
        await lost.get('/api/state'),
        await lost.post('/api/firstfactor', { username: 'ann', password: passwordOf('ann') }),
        await lost.post('/api/logout'),
      ]) {
        expect(answer.status).toBe(421);
        expect(answer.headers['set-cookie']).toBeUndefined();
        expect(answer.json()).toEqual({ status: 'KO', message: expect.stringContaining('https://auth.site.test') });
      }
      expect(await verifyStatus(here, ann.cookieHeader())).toBe(200);
    });
  });

  describe('signing out', () => {
    it('takes the cookie back with all it was set with', async () => {
      const ann = await signIn(portal(), 'ann');
      const answer = await ann.post('/api/logout');
      expect(answer.headers['set-cookie']).toEqual([
        'authelia_session=; Expires=Thu, 01 Jan 1970 00:00:00 GMT; Domain=site.test; Path=/; HttpOnly; Secure; SameSite=Lax',
      ]);
    });

    it.each([
      ['https://one.site.test/x', true],
      ['https://one.annex.test/', true],
      ['http://one.site.test/', false],
      ['https://evil.test/', false],
      ['https://site.test.evil.test/', false],
      ['//one.site.test/', false],
      ['https://evil@one.site.test/', false],
      ['javascript:alert(1)', false],
    ])('to %s is told whether that is safe: %s', async (targetURL, safeTargetURL) => {
      const ann = await signIn(portal(), 'ann');
      expect((await ann.post('/api/logout', { targetURL })).json()).toEqual({ status: 'OK', data: { safeTargetURL } });
    });

    it('of nobody is a success that changes nothing', async () => {
      const answer = await portal().post('/api/logout');
      expect([answer.status, answer.headers['set-cookie']]).toEqual([200, undefined]);
    });
  });

  it('two thousand requests of nobody leave no key in Redis', async () => {
    const before = await keysOfPeople();
    const sizeBefore = Number(await portcullis.redis!.cli('DBSIZE'));
    const strangers = (index: number): Promise<HttpResponse> => {
      const cookie = index % 2 === 0 ? '' : `authelia_session=${String(index).padStart(43, 'x')}`;
      return index % 10 === 0
        ? http(here, { path: '/api/state', headers: { Host: 'auth.site.test', 'X-Forwarded-Proto': 'https', Cookie: cookie } })
        : verify(index % 3 === 0 ? there : here, cookie);
    };
    const answers = [];
    for (let batch = 0; batch < 40; batch++) answers.push(...(await times(50, (index) => strangers(batch * 50 + index))));
    expect(statuses(answers)).toEqual([200, 302]);
    expect((await keysOfPeople()).filter((key) => !before.includes(key) && key !== 'portcullis:seen')).toEqual([]);
    // What the services keep for themselves comes and goes, by the dozen.
    expect(Number(await portcullis.redis!.cli('DBSIZE'))).toBeLessThan(sizeBefore + 50);
    expect(answers.filter(({ headers }) => headers['set-cookie'] !== undefined)).toEqual([]);
  });
});
