import { readFileSync, writeFileSync } from 'node:fs';
import { hash } from 'node:crypto';
import { beforeAll, expect, it } from 'vitest';
import { type Client, describeWith, http, until } from '../support/index.js';
import {
  accepted,
  EVERY_ENDPOINT,
  freshAddress,
  identityOf,
  NOBODY,
  passwordOf,
  persons,
  startWorld,
  tryPassword,
  verifyRequest,
  type World,
} from './world.js';

const APP = 'https://app.example.com/';
const COOKIE = 'authelia_session';

interface Summary {
  readonly handle: string;
  readonly username: string;
}

describeWith(['redis'], 'stealing and keeping sessions', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld({
      people: persons('v45', 'v46', 'v48', 'v48b', 'v48c', 'v49', 'v50', 'v51', 'v51b', 'v63', 'v71', ...many),
      services: ['verify-gateway', 'verify-gateway', 'identity', 'session', 'session', 'notifier'],
    });
  });
  const many = Array.from({ length: 200 }, (_, index) => `many-${index}`);

  const redis = (...command: readonly [string, ...string[]]) => world.portcullis.redis!.cli(...command);
  const sessionKeys = async () => (await redis('KEYS', 'portcullis:session:*')) as readonly string[];
  /** What each gate answers somebody at a site. */
  const everywhere = (who: Client, url = APP): Promise<readonly number[]> =>
    Promise.all(world.portcullis.gateways.map(async (gate) => (await http(gate, verifyRequest(url, { as: who }))).status));
  const refusedEverywhere = (who: Client): Promise<unknown> =>
    until(async () => (await everywhere(who)).every((status) => status === 302), {
      timeoutMs: 1000,
      everyMs: 5,
      what: 'every gate to refuse it within a second',
    });
  const handlesOf = async (name: string): Promise<readonly Summary[]> =>
    JSON.parse((await world.portcullis.cli('sessions', 'list', name, '--json')).stdout) as Summary[];

  it('attack 45: an id that a client chose is never taken for one, nor kept after signing in', async () => {
    const chosen = 'attackers-choice-'.padEnd(43, 'x');
    const victim = world.visitor();
    victim.cookies.set(COOKIE, chosen);
    for (const path of ['/', '/api/state', '/reset-password/step1', '/logout']) await victim.get(path);
    expect(victim.cookies.get(COOKIE)).toBe(chosen);
    await accepted(tryPassword(victim, 'v45', passwordOf('v45')));
    const id = victim.cookies.get(COOKIE);
    expect(id).not.toBe(chosen);
    const attacker = world.visitor();
    attacker.cookies.set(COOKIE, chosen);
    expect(await everywhere(attacker)).toEqual([302, 302]);
    expect(await sessionKeys()).not.toContain(`portcullis:session:${hash('sha256', chosen, 'base64url')}`);
    // Signing in again is a new id too, and the one before is dead.
    const before = victim.copy();
    await accepted(tryPassword(victim, 'v45', passwordOf('v45')));
    expect(victim.cookies.get(COOKIE)).not.toBe(id);
    await refusedEverywhere(before);
  });

  it('attack 46: a sign-out that races with verifies stays a sign-out', async () => {
    for (let round = 0; round < 5; round += 1) {
      const who = await world.signIn('v46');
      const before = who.copy();
      const verifies = Array.from({ length: 64 }, (_, index) => http(world.portcullis.gateways[index % 2]!, verifyRequest(APP, { as: before })));
      const [signedOut] = await Promise.all([who.post('/api/logout'), ...verifies]);
      expect(signedOut.status).toBe(200);
      await refusedEverywhere(before);
      expect(await everywhere(before)).toEqual([302, 302]);
    }
    expect(await handlesOf('v46')).toEqual([]);
  });

  it('attack 48: a session that is revoked opens nothing anywhere within a second', async () => {
    const who = await world.signIn('v48');
    const other = await world.signIn('v48');
    expect(await everywhere(who)).toEqual([200, 200]);
    const found = await handlesOf('v48');
    expect(found).toHaveLength(2);
    for (const { handle } of found) expect((await world.portcullis.cli('sessions', 'revoke', handle)).code).toBe(0);
    await refusedEverywhere(who);
    await refusedEverywhere(other);
  });

  it('attack 48: a session whose key is deleted by hand, or with all others, opens nothing within a second', async () => {
    const who = await world.signIn('v48b');
    expect(await everywhere(who)).toEqual([200, 200]);
    await redis('DEL', `portcullis:session:${hash('sha256', who.cookies.get(COOKIE)!, 'base64url')}`);
    await refusedEverywhere(who);
  });

  it('attack 49: a new password, and no account any more, end every session', async () => {
    const file = world.portcullis.usersFile;
    const [first, second] = [await world.signIn('v49'), await world.signIn('v49')];
    expect(await everywhere(first)).toEqual([200, 200]);
    const digestOf = (name: string, text: string) => new RegExp(`^  ${name}:[^]*?password: (.*)$`, 'm').exec(text)![1]!;
    const text = readFileSync(file, 'utf8');
    // Somebody else's digest in its place: another password.
    writeFileSync(file, text.replace(digestOf('v49', text), digestOf('v45', text)));
    for (const who of [first, second])
      await until(async () => (await everywhere(who)).every((status) => status === 302), { what: 'the sessions to end' });
    const third = world.visitor();
    await accepted(tryPassword(third, 'v49', passwordOf('v45')));
    expect(await everywhere(third)).toEqual([200, 200]);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^( {2}v49:\n {4}disabled: )false/m, '$1true'));
    await until(async () => (await everywhere(third)).every((status) => status === 302), { what: 'the session of a disabled account to end' });
    expect((await tryPassword(world.visitor(), 'v49', passwordOf('v45'))).status).toBe(401);
  });

  it('attack 50: a group that is taken away is gone from the session that is open', async () => {
    const file = world.portcullis.usersFile;
    const groups = /^( {2}v50:[^]*?groups:\n)( {6}- .*\n)/m;
    const save = (name: string) => {
      writeFileSync(file, readFileSync(file, 'utf8').replace(groups, `$1      - ${name}\n`));
    };
    save('admins');
    const ADMIN = 'https://admin.example.com/';
    const who = await until(async () => {
      const found = await world.signIn('v50');
      return (await everywhere(found, ADMIN)).every((status) => status === 200) && found;
    });
    save('users');
    await until(async () => (await everywhere(who, ADMIN)).every((status) => status === 403), {
      timeoutMs: 3000,
      what: 'the group to be gone everywhere',
    });
    expect(identityOf(await world.verify(APP, { as: who }))[1]).toBe('users');
  });

  it('attack 51: a cookie that is shown to another cookie domain ends its session, and the log says so', async () => {
    const who = await world.signIn('v51');
    const answer = await world.verify('https://app.other.test/', { as: who });
    expect(answer.status).toBe(302);
    await refusedEverywhere(who);
    await until(() => world.lines(/reason=moved_domain/).some((line) => line.includes('username=v51')), { what: 'a line about it' });
    // At an open site it says nobody, and is ended too.
    const other = await world.signIn('v51b');
    expect(identityOf(await world.verify('https://public.other.test/', { as: other }))).toEqual(NOBODY);
    await refusedEverywhere(other);
  });

  it('attack 52: a crowd without sessions leaves nothing in Redis', async () => {
    const before = ((await redis('KEYS', '*')) as readonly string[]).filter((key) => !key.includes(':rpc:')).sort();
    await Promise.all(
      Array.from({ length: 400 }, async (_, index) => {
        const crawler = world.visitor();
        if (index % 2 === 0) crawler.cookies.set(COOKIE, hash('sha256', `crawler ${index}`, 'base64url'));
        const at = index % 4;
        if (at < 2) await world.verify(index % 3 === 0 ? 'https://public.example.com/' : APP, { as: crawler });
        else expect((await crawler.get(at === 2 ? '/' : '/api/state')).headers['set-cookie']).toBeUndefined();
      }),
    );
    const after = ((await redis('KEYS', '*')) as readonly string[]).filter((key) => !key.includes(':rpc:')).sort();
    expect(after).toEqual(before);
  });

  it('attack 53: cookies that are too many, too large or two of one name open nothing', async () => {
    const who = await world.signIn('john');
    const own = who.cookieHeader();
    const thousand = Array.from({ length: 1000 }, (_, index) => `c${index}=x`).join('; ');
    const other = `${COOKIE}=${'B'.repeat(43)}`;
    for (const endpoint of EVERY_ENDPOINT) {
      for (const Cookie of [`${own}; ${other}`, `${other}; ${own}`, `${own}; ${own}`, `${own};${COOKIE}=`])
        expect((await world.verify(APP, { endpoint, headers: { Cookie } })).status).toBe(400);
      expect((await world.verify(APP, { endpoint, headers: { Cookie: `${COOKIE}=${'A'.repeat(20_000)}` } })).status).toBe(431);
      expect([302, 401]).toContain((await world.verify(APP, { endpoint, headers: { Cookie: thousand } })).status);
    }
    const { headers } = verifyRequest(APP);
    const lines = [
      ...Object.entries(headers as Readonly<Record<string, string>>),
      ...Array.from({ length: 300 }, (_, index) => [`x-${index}`, 'y'] as const),
    ];
    expect((await http(world.portcullis.base, { path: '/api/authz/forward-auth', headers: lines })).status).toBe(431);
    expect(
      (
        await http(world.portcullis.base, {
          path: '/api/authz/forward-auth',
          headers: [...Object.entries(headers as Record<string, string>), ['Cookie', own], ['cookie', other]],
        })
      ).status,
    ).toBe(400);
    expect((await who.get('/api/state', { headers: { Cookie: `${own}; ${other}` } })).status).toBe(400);
    // Nothing of it ended the session that is real.
    expect(await everywhere(who)).toEqual([200, 200]);
  });

  it("attack 63: nobody's session, device or code can be named by somebody else", async () => {
    const victim = await world.signIn('v63');
    const [{ handle }] = (await handlesOf('v63')) as readonly [Summary];
    const john = await world.signIn('john');
    for (const [method, path] of [
      ['DELETE', `/api/user/sessions/${handle}`],
      ['DELETE', `/api/user/session/${handle}`],
      ['DELETE', '/api/secondfactor/totp/v63'],
      ['PUT', '/api/secondfactor/webauthn/credential/1'],
      ['GET', `/api/user/sessions/${handle}`],
      ['GET', '/api/user/info/v63'],
    ] as const) {
      const answer = await john.send(path, { method, headers: { 'Content-Type': 'application/json' }, body: '{}' });
      expect([403, 404, 405], `${method} ${path} ${answer.body}`).toContain(answer.status);
    }
    for (const body of [{ username: 'v63' }, { user: 'v63' }]) {
      const info = await john.post('/api/user/info', body);
      expect(info.body).toContain('John Doe');
    }
    expect(await everywhere(victim)).toEqual([200, 200]);
  });

  it('attack 65: two hundred people who sign in at once are each themselves', async () => {
    const found = await Promise.all(
      many.map(async (name) => {
        const who = world.visitor(freshAddress());
        const answer = await until(
          async () => {
            const attempt = await tryPassword(who, name, passwordOf(name));
            return attempt.status !== 503 && attempt;
          },
          { timeoutMs: 30_000, what: `${name} to sign in` },
        );
        expect(answer.status).toBe(200);
        const verifies = await Promise.all(
          world.portcullis.gateways.map(async (gate) => {
            const seen = await http(gate, verifyRequest(APP, { as: who }));
            return [seen.status, identityOf(seen)[0], identityOf(seen)[3]];
          }),
        );
        const { username } = (await who.get('/api/state')).json().data as { username: string };
        return { name, verifies, username };
      }),
    );
    for (const { name, verifies, username } of found) {
      expect(username).toBe(name);
      expect(verifies).toEqual([
        [200, name, `${name}@example.com`],
        [200, name, `${name}@example.com`],
      ]);
    }
  });

  it('attack 71: a sign-out where no portal is says nothing of success', async () => {
    const who = await world.signIn('v71');
    const elsewhere = who.copy({ host: 'auth.nowhere.test' });
    const answer = await elsewhere.post('/api/logout');
    expect([answer.status, answer.headers['set-cookie']]).toEqual([421, undefined]);
    expect(await everywhere(who)).toEqual([200, 200]);
    // At the portal of another domain the cookie of this one is not this one's to end with OK.
    const other = who.copy({ host: 'auth.other.test' });
    const signedOut = await other.post('/api/logout');
    if (signedOut.status === 200) await refusedEverywhere(who);
  });
});
