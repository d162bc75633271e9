import { beforeAll, expect, it } from 'vitest';
import { type Client, describeWith, totp } from '../support/index.js';
import { accepted, freshAddress, levelOf, mailedCode, nextMail, passwordOf, persons, startWorld, type World } from './world.js';

const BANK = 'https://bank.example.com/';
const REGISTER = '/api/secondfactor/totp/register';
const ELEVATION = '/api/user/session/elevation';
describeWith(['redis'], 'getting round the second factor', () => {
  let world: World;
  const secrets: Record<string, string> = {};
  const withDevice = ['v37', 'v38', 'v39', 'v39b', 'v40', 'v47', 'v64'];
  beforeAll(async () => {
    world = await startWorld({ people: persons(...withDevice, 'v41', 'v41b', 'v42', 'v70', 'v79', 'v79b') });
    await Promise.all(withDevice.map(async (name) => enrol(await world.signIn(name), name)));
  });

  const elevate = async (who: Client, name: string): Promise<void> => {
    const otc = await mailedCode(world, who, name);
    await accepted(who.send(ELEVATION, { method: 'PUT', body: { otc } }));
  };
  /** Sets a device up with the present code, so that the next one is free. */
  const enrol = async (who: Client, name: string): Promise<void> => {
    await elevate(who, name);
    const begun = await accepted(who.send(REGISTER, { method: 'PUT', body: { algorithm: 'SHA1', length: 6, period: 30 } }));
    const { base32_secret: secret } = begun.json().data as { base32_secret: string };
    await accepted(who.post(REGISTER, { token: totp(secret) }));
    secrets[name] = secret;
  };
  const codeOf = (name: string): string => totp(secrets[name]!, 1);
  const sendCode = (who: Client, token: string) => who.post('/api/secondfactor/totp', { token });
  /** The statuses of one request, sent by so many at once. */
  const atOnce = async (count: number, send: () => Promise<{ readonly status: number }>): Promise<readonly number[]> =>
    (await Promise.all(Array.from({ length: count }, send))).map(({ status }) => status).sort();

  it('attack 37: one factor opens nothing that asks for two, whatever it is shown as', async () => {
    const who = await world.signIn('v37');
    const id = who.cookies.get('authelia_session')!;
    expect((await world.verify(BANK, { as: who })).status).toBe(302);
    for (const Authorization of [`Bearer ${id}`, `Bearer authelia_at_${id}`, `Token ${id}`])
      expect((await world.verify(BANK, { as: who, headers: { Authorization } })).status).toBe(302);
    for (const path of ['/api/oidc/authorization', '/api/oidc/token', '/api/admin', '/api/admin/users', '/api/users'])
      for (const method of ['GET', 'POST']) expect((await who.send(path, { method })).status, path).toBe(404);
  });

  it('attack 38: no step of a sequence can be taken before the one in front of it', async () => {
    const stranger = world.visitor();
    const json = { 'Content-Type': 'application/json' };
    for (const body of ['', '{}', 'null', '[]']) {
      for (const [method, path] of [
        ['POST', '/api/secondfactor/totp'],
        ['DELETE', '/api/secondfactor/totp'],
        ['PUT', REGISTER],
        ['POST', REGISTER],
        ['POST', ELEVATION],
        ['PUT', ELEVATION],
        ['POST', '/api/change-password'],
        ['POST', '/api/firstfactor/reauthenticate'],
      ] as const)
        expect((await stranger.send(path, { method, headers: json, body })).status, `${method} ${path}`).toBe(403);
      expect((await stranger.send('/api/firstfactor', { method: 'POST', headers: json, body })).status).toBe(400);
    }
    const reset = await stranger.post('/api/reset-password', { password: 'Another-Pass:word-2' });
    expect(reset.json().status).toBe('KO');

    const who = await world.signIn('v38');
    for (const body of ['', '{}', '{"token":""}', '{"token":null}', '{"token":"      "}', '{"token":[]}']) {
      expect([400, 403, 415]).toContain((await who.send('/api/secondfactor/totp', { method: 'POST', headers: json, body })).status);
      expect((await who.send(REGISTER, { method: 'POST', headers: json, body })).status).toBe(403);
    }
    expect((await who.post('/api/change-password', { old_password: passwordOf('v38'), new_password: 'Another-Pass:word-2' })).status).toBe(403);
    expect(await levelOf(who)).toBe(1);
    expect((await world.verify(BANK, { as: who })).status).toBe(302);
  });

  it('attack 39: a code works once, whoever sends it at the same time and in which session', async () => {
    const sessions = await Promise.all(Array.from({ length: 10 }, () => world.signIn('v39')));
    const token = codeOf('v39');
    const answers = await Promise.all(sessions.flatMap((who) => [sendCode(who.copy(), token), sendCode(who.copy(), token)]));
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 403)).toHaveLength(19);
    expect((await sendCode(await world.signIn('v39'), token)).status).toBe(403);
  });

  it('attack 39: the code that proved a device is used up', async () => {
    const who = await world.signIn('v41');
    await enrol(who, 'v41');
    expect((await sendCode(who, totp(secrets['v41']!))).status).toBe(403);
    expect(await levelOf(who)).toBe(1);
  });

  it('attack 40: wrong codes are counted for the person, over sessions and addresses', async () => {
    const wrong = (right: string) => String((Number(right) + 1) % 1_000_000).padStart(6, '0');
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const who = await world.signIn('v40', freshAddress());
      expect((await sendCode(who, wrong(codeOf('v40')))).status).toBe(403);
    }
    const who = await world.signIn('v40', freshAddress());
    expect((await sendCode(who, codeOf('v40'))).status).toBe(403);
    expect(await levelOf(who)).toBe(1);
  });

  it('attack 41: a code is mailed to the address of the account, whatever the request says', async () => {
    const who = await world.signIn('v41b');
    const before = world.mail().length;
    const body = { email: 'evil@evil.test', username: 'mary', to: 'evil@evil.test', address: 'evil@evil.test' };
    await nextMail(world, 'v41b@example.com', /^-{20,}$/m, () => accepted(who.send(`${ELEVATION}?email=evil@evil.test`, { method: 'POST', body })));
    await accepted(world.visitor().post('/api/reset-password/identity/start', { ...body, username: 'v41b' }));
    expect(world.mail().slice(before)).not.toMatch(/evil|mary@/);
  });

  it('attack 42: of fifty who enter one code at once, one is let through', async () => {
    const who = await world.signIn('v42');
    const otc = await mailedCode(world, who, 'v42');
    const statuses = await atOnce(50, () => who.copy().send(ELEVATION, { method: 'PUT', body: { otc } }));
    expect(statuses.filter((status) => status === 200)).toHaveLength(1);
    expect(statuses.filter((status) => ![200, 403, 429].includes(status))).toEqual([]);
  });

  it('attack 47: a second factor that races with verifies stays given', async () => {
    const who = await world.signIn('v47');
    const before = who.copy();
    const verifies = Array.from({ length: 64 }, () => world.verify('https://app.example.com/', { as: before }));
    const [raised] = await Promise.all([sendCode(who, codeOf('v47')), ...verifies]);
    expect(raised.status).toBe(200);
    expect((await world.verify(BANK, { as: who })).status).toBe(200);
    const more = await Promise.all(
      Array.from({ length: 64 }, (_, index) => world.verify(index % 2 === 0 ? BANK : 'https://app.example.com/', { as: who })),
    );
    expect(new Set(more.map(({ status }) => status))).toEqual(new Set([200]));
    expect(await levelOf(who)).toBe(2);
    expect((await world.verify(BANK, { as: before })).status).toBe(302);
  });

  it('attack 64: a fresh password is no second factor, nor a mailed code', async () => {
    const who = await world.signIn('v64');
    await accepted(who.post('/api/firstfactor/reauthenticate', { password: passwordOf('v64') }));
    expect(await levelOf(who)).toBe(1);
    expect((await who.send('/api/secondfactor/totp', { method: 'DELETE' })).status).toBe(403);
    await elevate(who, 'v64');
    expect(await levelOf(who)).toBe(1);
    expect((await world.verify(BANK, { as: who })).status).toBe(302);
  });

  it('attack 70: a device that the command line stored goes with that device alone', async () => {
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    expect((await world.portcullis.cli('storage', 'user', 'totp', 'generate', 'v70', '--secret', secret)).code).toBe(0);
    const who = await world.signIn('v70');
    await elevate(who, 'v70');
    for (const [method, path, body] of [
      ['DELETE', '/api/secondfactor/totp', {}],
      ['PUT', REGISTER, { algorithm: 'SHA1', length: 6, period: 30 }],
      ['POST', REGISTER, { token: '123456' }],
      ['GET', REGISTER, undefined],
    ] as const) {
      const refused = await who.send(path, { method, ...(body === undefined ? {} : { body }) });
      expect(refused.status, `${method} ${path}`).toBe(403);
    }
    const page = await who.get('/enrol');
    expect(page.body).not.toMatch(/otpauth|[A-Z2-7]{32}/);
    await accepted(sendCode(who, totp(secret)));
    expect((await who.send('/api/secondfactor/totp', { method: 'DELETE' })).json()).toMatchObject({ status: 'OK' });
  });

  it('attack 79: malformed tries cost nothing, and one person’s tries hold nobody else up', async () => {
    const ip = freshAddress();
    const [who, other] = [await world.signIn('v79', ip), await world.signIn('v79b', ip)];
    const otc = await mailedCode(world, who, 'v79');
    for (let attempt = 0; attempt < 60; attempt += 1) {
      const body = { otc: ['', ' ', 'A'.repeat(21), '\u00e9'.repeat(8)][attempt % 4] };
      expect([400, 403]).toContain((await who.send(ELEVATION, { method: 'PUT', body })).status);
    }
    await accepted(who.send(ELEVATION, { method: 'PUT', body: { otc } }));
    await elevate(other, 'v79b');
  });

  it('attack 75: a code that is refused leaves level, session and id as they were', async () => {
    const who = await world.signIn('v39b');
    const id = who.cookies.get('authelia_session');
    for (const token of ['000000', 'abcdef', '1234567', '']) {
      const answer = await sendCode(who, token);
      expect([400, 403]).toContain(answer.status);
      expect(answer.headers['set-cookie']).toBeUndefined();
    }
    expect([who.cookies.get('authelia_session'), await levelOf(who)]).toEqual([id, 1]);
    await accepted(sendCode(who, codeOf('v39b')));
    expect(await levelOf(who)).toBe(2);
  });
});
