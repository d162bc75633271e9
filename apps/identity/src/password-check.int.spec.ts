import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { CHEAP, openWorld, type World, type WorldOptions } from './world.fixture.js';

const ORIGIN = { ip: '192.0.2.1', method: 'POST', path: '/api/firstfactor' };
const worlds: World[] = [];

async function world(options: WorldOptions = {}): Promise<World> {
  const made = await openWorld(
    async (digestOf) => `users:
  bob: { displayname: Bob, email: Bob@Example.com, groups: [dev], password: "${await digestOf('bob')}" }
  eve: { displayname: Eve, disabled: true, password: "${await digestOf('eve')}" }
`,
    options,
  );
  worlds.push(made);
  return made;
}
afterEach(async () => {
  await Promise.all(worlds.splice(0).map((each) => each.close()));
});

describe('a password', () => {
  it('opens the account it belongs to', async () => {
    const { passwords } = await world();
    expect((await passwords.check('bob', "bob's password", ORIGIN))?.username).toBe('bob');
  });

  it.each([
    ['another password', 'bob', 'no'],
    ["a disabled user's own", 'eve', "eve's password"],
    ['a name nobody has', 'mallory', "bob's password"],
    ['an empty one', 'bob', ''],
    ['another spelling of the name', 'Bob', "bob's password"],
    ['an address where search.email is off', 'bob@example.com', "bob's password"],
  ])('does not when it is %s', async (_, name, password) => {
    const { passwords } = await world();
    expect(await passwords.check(name, password, ORIGIN)).toBeNull();
  });

  it('of a megabyte is refused and counted as any other', async () => {
    const made = await world();
    expect(await made.passwords.check('bob', 'x'.repeat(1_000_000), ORIGIN)).toBeNull();
    expect(await made.attempts()).toMatchObject([{ successful: 0, username: 'bob' }]);
  });

  it('may hold a colon and any letter', async () => {
    const made = await world();
    const digest = await made.digests.make(CHEAP, 'a:b 日本\u0000');
    writeFileSync(made.usersPath, `users:\n  bob: { displayname: Bob, password: "${digest}" }\n`);
    made.file.reload();
    expect(await made.passwords.check('bob', 'a:b 日本\u0000', ORIGIN)).not.toBeNull();
    expect(await made.passwords.check('bob', 'a:b 日本', ORIGIN)).toBeNull();
  });

  it('is not right any more when the file got another digest while it was hashed', async () => {
    const made = await world();
    const checking = made.passwords.check('bob', "bob's password", ORIGIN);
    writeFileSync(made.usersPath, made.usersText().replace(/\$argon2id[^"]+/u, await made.digests.make(CHEAP, 'new')));
    made.file.reload();
    expect(await checking).toBeNull();
  });
});

it('a try is written down with what it was for', async () => {
  const made = await world();
  await made.passwords.check('bob', 'wrong', { ...ORIGIN, targetUrl: 'https://app.example.com/?a=1', targetMethod: 'PUT' });
  await made.passwords.check('nobody', 'wrong', ORIGIN);
  expect(await made.attempts()).toMatchObject([
    { username: 'bob', remote_ip: '192.0.2.1', request_uri: 'https://app.example.com/?a=1', request_method: 'PUT', auth_type: '1FA' },
    { username: '', remote_ip: '192.0.2.1', request_uri: '/api/firstfactor', request_method: 'POST', auth_type: '1FA' },
  ]);
});

describe('every spelling of an account', () => {
  it('counts towards one ban', async () => {
    const { passwords } = await world({ search: { email: true, caseInsensitive: true } });
    await passwords.check('bob', 'wrong', ORIGIN);
    await passwords.check('BOB@example.COM', 'wrong', ORIGIN);
    await passwords.check('bOb', 'wrong', ORIGIN);
    expect(await passwords.check('bob', "bob's password", ORIGIN)).toBeNull();
  });

  it('opens it', async () => {
    const { passwords } = await world({ search: { email: true, caseInsensitive: true } });
    for (const name of ['bob', 'BOB', 'bob@example.com', 'BOB@EXAMPLE.COM'])
      expect((await passwords.check(name, "bob's password", ORIGIN))?.username).toBe('bob');
  });
});

describe('the log of a refusal', () => {
  it('is the line that intrusion filters know, with the words people grep for', async () => {
    const made = await world();
    await made.passwords.check('bob', 'wrong', ORIGIN);
    const [line] = (await made.logged()).filter((text) => text.includes('Unsuccessful'));
    expect(line).toBe(
      `level=error msg="Unsuccessful 1FA authentication attempt by user 'bob'" error="authentication failed" ` +
        'method=POST path=/api/firstfactor remote_ip=192.0.2.1 service=identity',
    );
    expect(line).toMatch(/Unsuccessful (1FA|TOTP|Duo|U2F) authentication attempt by user .*remote_ip"?(:|=)"?192\.0\.2\.1/u);
    expect(line).toContain('authentication failed');
  });

  it('names no unknown user, but says what was typed, on one line', async () => {
    const made = await world();
    await made.passwords.check('mal\nlory', 'x', ORIGIN);
    const lines = await made.logged();
    expect(lines).toContainEqual(expect.stringContaining("Unsuccessful 1FA authentication attempt by user ''"));
    expect(lines).toContainEqual(
      expect.stringContaining("Error occurred getting details for user with username input 'mal\\nlory' which usually indicates they do not exist"),
    );
  });

  it('tells until when someone is banned', async () => {
    const made = await world();
    for (let tries = 0; tries < 4; tries += 1) await made.passwords.check('bob', 'wrong', ORIGIN);
    const refused = (await made.logged()).filter((text) => text.includes('Unsuccessful'));
    expect(refused).toHaveLength(4);
    expect(refused[3]).toMatch(
      /attempt by user 'bob' and they are banned until \d{1,2}:\d\d:\d\d[AP]M on [A-Z][a-z]+ \d{1,2} \d{4} \([+-]\d\d:\d\d\)" error=/u,
    );
  });

  it('never holds a password', async () => {
    const made = await world();
    await made.passwords.check('bob', 'hunter2-secret', ORIGIN);
    await made.passwords.check('nobody', 'hunter2-secret', ORIGIN);
    expect((await made.logged()).join('\n')).not.toContain('hunter2-secret');
  });
});

it('sixty sign-ins at once each get their own account', async () => {
  const made = await openWorld(async (digestOf) => {
    const lines = await Promise.all(
      Array.from({ length: 20 }, async (_, index) => `  user${index}: { displayname: U, password: "${await digestOf(`user${index}`)}" }`),
    );
    return ['users:', ...lines, ''].join('\n');
  });
  worlds.push(made);
  const names = Array.from({ length: 60 }, (_, index) => `user${index % 20}`);
  const users = await Promise.all(names.map((name) => made.passwords.check(name, `${name}'s password`, ORIGIN)));
  expect(users.map((user) => user?.username)).toEqual(names);
});
