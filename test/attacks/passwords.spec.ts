import { beforeAll, expect, it } from 'vitest';
import { describeWith, digest, http, type HttpResponse } from '../support/index.js';
import { hash } from '@node-rs/argon2';
import { EVERY_ENDPOINT, freshAddress, identityOf, passwordOf, person, persons, startWorld, tryPassword, type World } from './world.js';

const APP = 'https://app.example.com/';
const basic = (name: string, password: string) => ({ Authorization: `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}` });
/** The Basic of /api/verify travels under this name. */
const everyBasic = (name: string, password: string) => ({ ...basic(name, password), 'Proxy-Authorization': basic(name, password).Authorization });

describeWith(['redis'], 'guessing passwords', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      people: {
        ...persons('v27', 'v28', 'v29', 'v30', 'v31', 'v32', 'v33', 'v36', 'v66', 'v75'),
        ...person('v31off', { disabled: true }),
        ...person('v35', { password: 'a:b::c' }),
      },
    });
  });
  const right = async (name: string, ip?: string): Promise<number> => (await tryPassword(world.visitor(ip), name, passwordOf(name))).status;
  const bans = async (kind: 'user' | 'ip'): Promise<readonly Record<string, string>[]> =>
    JSON.parse((await world.portcullis.cli('storage', 'bans', kind, 'list', '--json')).stdout) as Record<string, string>[];
  /** All of an answer that could tell one case from another. */
  const told = ({ status, headers, body }: HttpResponse) => ({ status, body, headers: { ...headers, date: '', 'x-request-id': '' } });

  it('attack 27: a name and a mail address of the same person are counted as one', async () => {
    for (const name of ['v27', 'v27@example.com', 'V27@EXAMPLE.com']) expect((await tryPassword(world.visitor(), name, 'wrong')).status).toBe(401);
    expect(await right('v27')).toBe(401);
    expect((await tryPassword(world.visitor(), 'v27@example.com', passwordOf('v27'))).status).toBe(401);
  });

  it('attack 28: other spellings of a name, also in a header, are the same name or nobody', async () => {
    const ask = async (name: string, password: string) => (await world.verify(APP, { ip: freshAddress(), headers: basic(name, password) })).status;
    for (const name of [' v28', 'v28 ', 'v28\t', '\uff5628', 'v28\u0000', 'v28\u200b', 'v\u03028'])
      expect(await ask(name, passwordOf('v28')), name).toBe(401);
    for (const name of ['V28', 'v28@EXAMPLE.com', 'v28']) expect(await ask(name, 'wrong')).toBe(401);
    expect(await right('v28')).toBe(401);
    expect((await world.verify(APP, { ip: freshAddress(), headers: basic('v28', passwordOf('v28')) })).status).toBe(401);
    const banned = (await bans('user')).map((ban) => ban['username'] ?? ban['subject']);
    expect(banned.filter((name) => name?.toLowerCase().includes('28') === true)).toEqual(['v28']);
  });

  it('attack 29: three hundred names that nobody has keep nobody out', async () => {
    const tries = Array.from({ length: 300 }, (_, index) => () => tryPassword(world.visitor(), `nobody-${index}`, 'wrong'));
    for (let at = 0; at < tries.length; at += 20) {
      const answers = await Promise.all(tries.slice(at, at + 20).map((attempt) => attempt()));
      for (const { status } of answers) expect([401, 503]).toContain(status);
    }
    expect(await right('v29')).toBe(200);
  });

  it('attack 30: somebody who locks an account out does not lock its owner out of where they are at home', async () => {
    const home = freshAddress();
    expect(await right('v30', home)).toBe(200);
    for (const attempt of ['one', 'two', 'three', 'four']) expect((await tryPassword(world.visitor(), 'v30', attempt)).status).toBe(401);
    expect(await right('v30')).toBe(401);
    expect(await right('v30', home)).toBe(200);
  });

  it('attack 31: unknown, disabled, wrong and banned are told the same, and cost one hash each', async () => {
    const hashes = () => world.metric('identity', 'portcullis_identity_hash_seconds_count');
    for (const attempt of ['one', 'two', 'three']) await tryPassword(world.visitor(), 'v31', attempt);
    const answers: HttpResponse[] = [];
    for (const [name, password] of [
      ['nobody-at-all', 'wrong'],
      ['v31off', passwordOf('v31off')],
      ['john', 'wrong'],
      ['v31', passwordOf('v31')],
    ] as const) {
      const before = await hashes();
      answers.push(await tryPassword(world.visitor(), name, password));
      expect(await hashes(), name).toBe(before + 1);
    }
    const [first, ...others] = answers.map(told);
    expect(first?.status).toBe(401);
    for (const other of others) expect(other).toEqual(first);
  });

  it('attack 32: nobody learns from the forgotten password, or from the policy, who is there', async () => {
    const ask = (username: string) => world.visitor().post('/api/reset-password/identity/start', { username });
    const [known, ...others] = (await Promise.all(['v32', 'nobody-32', 'v31off', 'v32@example.com', ' ', 'a'.repeat(256)].map(ask))).map(told);
    expect(known).toMatchObject({ status: 200, body: '{"status":"OK"}' });
    for (const other of others) expect(other).toEqual(known);
    const page = (username: string) =>
      world.visitor().send('/reset-password/step1', {
        method: 'POST',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams({ username }).toString(),
      });
    const [shown, other] = [await page('v32'), await page('nobody-32')].map(told);
    expect(other).toEqual(shown);
  });

  it.each([
    ['a password of a megabyte', JSON.stringify({ username: 'john', password: 'x'.repeat(1_000_000) }), 413],
    ['a password of 5000 characters', JSON.stringify({ username: 'john', password: 'x'.repeat(5000) }), 400],
    ['a name of 300 characters', JSON.stringify({ username: 'x'.repeat(300), password: 'x' }), 400],
    ['a password with a NUL', JSON.stringify({ username: 'john', password: `${passwordOf('john')}\u0000` }), 401],
    ['a password and more behind a NUL', JSON.stringify({ username: 'john', password: `${passwordOf('john')}\u0000more` }), 401],
    ['a password of 4000 bytes more than that', JSON.stringify({ username: 'john', password: '\u{1F511}'.repeat(2000) }), 401],
  ])('attack 34: %s signs nobody in and hangs nothing', async (_title, body, status) => {
    const headers = { 'Content-Type': 'application/json' };
    expect((await world.visitor().send('/api/firstfactor', { method: 'POST', headers, body })).status).toBe(status);
  });

  it('attack 34: a password in a header is capped too', async () => {
    for (const password of ['x'.repeat(5000), `${passwordOf('john')}\u0000`]) {
      for (const endpoint of EVERY_ENDPOINT)
        expect((await world.verify(APP, { endpoint, ip: freshAddress(), headers: everyBasic('john', password) })).status).toBe(401);
    }
  });

  it('attack 35: a password with colons works in a header', async () => {
    for (const endpoint of EVERY_ENDPOINT) {
      const answer = await world.verify(APP, { endpoint, headers: everyBasic('v35', 'a:b::c') });
      expect([answer.status, identityOf(answer)[0]]).toEqual([200, 'v35']);
    }
    expect((await world.verify(APP, { ip: freshAddress(), headers: basic('v35', 'a') })).status).toBe(401);
    expect((await world.verify(APP, { ip: freshAddress(), headers: basic('v35:a', 'b::c') })).status).toBe(200);
  });

  it('attack 36: a password in a header is one factor', async () => {
    for (const endpoint of EVERY_ENDPOINT) {
      expect((await world.verify('https://bank.example.com/', { endpoint, headers: everyBasic('v36', passwordOf('v36')) })).status).toBe(401);
      expect((await world.verify('https://admin.example.com/', { endpoint, headers: everyBasic('v36', passwordOf('v36')) })).status).toBe(403);
    }
  });

  it('attack 66: a password that was right somewhere is checked again everywhere', async () => {
    const ask = (url: string, password: string) => world.verify(url, { ip: freshAddress(), headers: basic('v66', password) });
    expect((await ask(APP, passwordOf('v66'))).status).toBe(200);
    expect((await ask(APP, 'wrong')).status).toBe(401);
    expect((await ask('https://app.other.test/', passwordOf('v66'))).status).toBe(200);
    expect((await ask('https://bank.example.com/', passwordOf('v66'))).status).toBe(401);
    expect((await ask('https://admin.example.com/', passwordOf('v66'))).status).toBe(403);
  });

  it('attack 75: a refused sign-in leaves no cookie, no session and no count but its own', async () => {
    const keys = async () => (await world.portcullis.redis!.cli('KEYS', 'portcullis:session:*')) as readonly string[];
    const before = (await keys()).length;
    const attempts: readonly (readonly [body: string, type: string, status: number])[] = [
      [JSON.stringify({ username: 'v75', password: 'wrong' }), 'application/json', 401],
      ['{"username":"v75","password":', 'application/json', 400],
      [JSON.stringify({ username: 'v75' }), 'application/json', 400],
      [JSON.stringify({ username: 'v75', password: passwordOf('v75') }), 'text/plain', 415],
      [JSON.stringify({ username: ['v75'], password: passwordOf('v75') }), 'application/json', 400],
      [JSON.stringify([]), 'application/json', 400],
      ['', 'application/json', 400],
    ];
    const ip = freshAddress();
    for (const [body, type, status] of attempts) {
      const answer = await world.visitor(ip).send('/api/firstfactor', { method: 'POST', headers: { 'Content-Type': type }, body });
      expect([answer.status, answer.headers['set-cookie']], body).toEqual([status, undefined]);
    }
    expect(await keys()).toHaveLength(before);
    // Of the seven one was an attempt: two more are free.
    expect((await tryPassword(world.visitor(ip), 'v75', 'wrong')).status).toBe(401);
    expect(await right('v75', ip)).toBe(200);
  });
});

/** slow's password takes as long as they are made to by default, john's next to nothing. */
async function startSlowWorld(): Promise<World> {
  const slow = await hash('Slow-Pass:word-1', { memoryCost: 65_536, timeCost: 3, parallelism: 4 });
  const users = [
    `users:`,
    `  slow: { displayname: Slow, password: '${slow}', email: slow@example.com }`,
    `  john: { displayname: John, password: '${await digest(passwordOf('john'))}', email: john@example.com }`,
  ];
  return startWorld({ usersText: users.join('\n') });
}

describeWith(['redis'], 'a storm of sign-ins', () => {
  it('attack 33: who waits for a hash is told to come again, and every verify is answered meanwhile', async () => {
    const world = await startSlowWorld();
    const john = await world.signIn('john');
    const storm = Promise.all(Array.from({ length: 100 }, () => tryPassword(world.visitor(), 'slow', 'wrong')));
    const verifies = await Promise.all(Array.from({ length: 200 }, () => world.verify(APP, { as: john })));
    expect(new Set(verifies.map(({ status }) => status))).toEqual(new Set([200]));
    const answers = await storm;
    const statuses = answers.map(({ status }) => status);
    expect([...new Set(statuses)].filter((status) => ![401, 429, 503].includes(status))).toEqual([]);
    expect(statuses.filter((status) => status !== 401).length).toBeGreaterThan(0);
    for (const { status, headers } of answers) if (status === 503) expect(headers['retry-after']).toBeDefined();
    expect((await http(world.portcullis.base, { path: '/api/health' })).status).toBe(200);
  });

  it('attack 33: one address that floods the sign-in keeps nobody else out', async () => {
    const world = await startSlowWorld();
    const flooding = freshAddress();
    const flood = Promise.all(Array.from({ length: 200 }, () => tryPassword(world.visitor(flooding), 'slow', 'wrong')));
    for (let tries = 0; tries < 5; tries += 1) {
      expect((await tryPassword(world.visitor(), 'john', passwordOf('john'))).status).toBe(200);
      const headers = basic('john', passwordOf('john'));
      expect((await world.verify(APP, { ip: freshAddress(), headers })).status).toBe(200);
    }
    const statuses = (await flood).map(({ status }) => status);
    expect([...new Set(statuses)].filter((status) => ![401, 503].includes(status))).toEqual([]);
    expect(statuses).toContain(503);
  });
});
