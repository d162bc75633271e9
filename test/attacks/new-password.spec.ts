import { readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { type Client, describeWith, until } from '../support/index.js';
import { accepted, CONFIGURATION, freshAddress, mailedCode, passwordOf, persons, resetMail, startWorld, tryPassword, type World } from './world.js';

const FINISH = '/api/reset-password/identity/finish';
const APP = 'https://app.example.com/';
const NEW = 'Another-Pass:word-2';

describeWith(['redis'], 'setting the password of somebody', () => {
  let world: World;
  /** Links and codes there live for two seconds. */
  let hasty: World;
  beforeAll(async () => {
    const password = { algorithm: 'bcrypt', bcrypt: { cost: 10 } };
    const config = { ...CONFIGURATION, authentication_backend: { file: { ...CONFIGURATION.authentication_backend.file, password } } };
    const identityValidation = { reset_password: { jwt_lifespan: '2s' }, elevated_session: { code_lifespan: '2s' } };
    const people = persons('v34', 'v42', 'v43', 'v44', 'v44b', 'v44c', 'v49', 'v72', 'v73', 'v73b', 'v74', 'v76', 'v76b');
    [world, hasty] = await Promise.all([
      startWorld({ config, people }),
      startWorld({ config: { ...config, identity_validation: identityValidation }, people }),
    ]);
  });

  const finish = async (who: Client, token: string): Promise<string> => (await who.post(FINISH, { token })).json().status as string;
  const set = async (who: Client, password: string, more = {}): Promise<string> =>
    (await who.post('/api/reset-password', { password, ...more })).json().status as string;
  const signsIn = async (name: string, password: string): Promise<boolean> => (await tryPassword(world.visitor(), name, password)).status === 200;

  it('attack 42: of fifty who use one link at once, one may set the password', async () => {
    const { token } = await resetMail(world, 'v42');
    const people = Array.from({ length: 50 }, () => world.visitor());
    const answers = await Promise.all(people.map((who) => finish(who, token)));
    expect(answers.filter((status) => status === 'OK')).toHaveLength(1);
    expect(people.filter((who) => who.cookies.has('portcullis_reset'))).toHaveLength(1);
  });

  it('attack 43: a link and a code end at their time, to the second', async () => {
    const { token } = await resetMail(hasty, 'v43');
    const { exp } = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { exp: number };
    await until(() => Date.now() >= exp * 1000, { what: 'the link to end' });
    const who = hasty.visitor();
    expect(await finish(who, token)).toBe('KO');
    expect(who.cookies.has('portcullis_reset')).toBe(false);

    const signedIn = await hasty.signIn('v43');
    const otc = await mailedCode(hasty, signedIn, 'v43');
    const ended = Date.now() + 2000;
    await until(() => Date.now() >= ended, { what: 'the code to end' });
    expect((await signedIn.send('/api/user/session/elevation', { method: 'PUT', body: { otc } })).status).toBe(403);
  });

  it('attack 44: a link sets the password of whom it was mailed to, whatever the request says', async () => {
    const { token } = await resetMail(world, 'v44');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token, username: 'v44b' }));
    expect(await set(who, NEW, { username: 'v44b' })).toBe('OK');
    expect(await signsIn('v44b', NEW)).toBe(false);
    expect(await signsIn('v44', NEW)).toBe(true);
    // Forged claims: the name, the algorithm, another signature.
    const [head = '', body = '', signature = ''] = token.split('.');
    const claims = JSON.parse(Buffer.from(body, 'base64url').toString()) as Record<string, unknown>;
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const forged of [
      `${head}.${encode({ ...claims, username: 'v44b' })}.${signature}`,
      `${encode({ alg: 'none', typ: 'JWT' })}.${encode({ ...claims, username: 'v44b' })}.`,
      `${encode({ alg: 'none' })}.${body}.${signature}`,
      `${head}.${body}.`,
      `${head}.${body}`,
    ])
      expect(await finish(world.visitor(), forged), forged).toBe('KO');
  });

  it('attack 44: a link ends with the mail address and with the password it was asked for', async () => {
    const file = world.portcullis.usersFile;
    const { token } = await resetMail(world, 'v44c');
    writeFileSync(file, readFileSync(file, 'utf8').replace('email: v44c@example.com', 'email: v44c-new@example.com'));
    await until(() => world.lines(/./).length > 0);
    await until(async () => {
      const info = await world.signIn('v44c');
      return (await info.get('/api/user/info')).body.includes('v******w@example.com');
    });
    expect(await finish(world.visitor(), token)).toBe('KO');
  });

  it('attack 49: a password that is reset ends every session of its owner', async () => {
    const sessions = [await world.signIn('v49'), await world.signIn('v49')];
    const { token } = await resetMail(world, 'v49');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token }));
    expect(await set(who, NEW)).toBe('OK');
    for (const session of sessions)
      await until(async () => (await world.verify(APP, { as: session })).status === 302, { timeoutMs: 1000, everyMs: 5, what: 'it to end' });
    expect(await signsIn('v49', passwordOf('v49'))).toBe(false);
  });

  it('attack 72: the right to set a password goes to who brought the link, not to an id that a client chose', async () => {
    const chosen = 'C'.repeat(43);
    const victim = world.visitor();
    const attacker = world.visitor();
    for (const who of [victim, attacker]) for (const name of ['authelia_session', 'portcullis_reset']) who.cookies.set(name, chosen);
    const { token } = await resetMail(world, 'v72');
    await accepted(victim.post(FINISH, { token }));
    expect(victim.cookies.get('portcullis_reset')).not.toBe(chosen);
    expect(await set(attacker, NEW)).toBe('KO');
    expect(await signsIn('v72', NEW)).toBe(false);
    expect(await set(victim, NEW)).toBe('OK');
    expect(await signsIn('v72', NEW)).toBe(true);
    // Once: the same right sets no second password.
    const again = victim.copy();
    expect(await set(again, 'A-third-Pass:word-3')).toBe('KO');
  });

  it('attack 73: the link that cancels opens nothing, and an older link nothing after a newer one', async () => {
    const older = await resetMail(world, 'v73');
    expect(older.cancel).not.toBe('');
    expect(await finish(world.visitor(), older.cancel)).toBe('KO');
    const newer = await resetMail(world, 'v73');
    expect(await finish(world.visitor(), older.token)).toBe('KO');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token: newer.token }));
    expect(await set(who, NEW)).toBe('OK');
    for (const token of [older.token, newer.token, newer.cancel]) expect(await finish(world.visitor(), token)).toBe('KO');
  });

  it('attack 73: a link that was cancelled opens nothing, nor what was got by it', async () => {
    const { token, cancel } = await resetMail(world, 'v73b');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token }));
    await accepted(world.visitor().send('/api/reset-password', { method: 'DELETE', body: { token: cancel } }));
    expect(await set(who, NEW)).toBe('KO');
    expect(await signsIn('v73b', NEW)).toBe(false);
  });

  it('attack 74: no password at all, or of blanks alone, is none, without any policy', async () => {
    const { token } = await resetMail(world, 'v74');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token }));
    for (const password of ['', ' ', '     ', '\t\n', '\u00a0', '\u3000\u3000'])
      expect(await set(who, password), JSON.stringify(password)).toBe('KO');
    expect((await who.post('/api/reset-password', {})).status).toBe(400);
    expect(await set(who, NEW)).toBe('OK');
    expect(await signsIn('v74', NEW)).toBe(true);
  });

  it('attack 34: a new password longer than its digest can read is refused, not cut', async () => {
    const { token } = await resetMail(world, 'v34');
    const who = world.visitor();
    await accepted(who.post(FINISH, { token }));
    const longest = `${'y'.repeat(70)}-1`;
    expect(await set(who, `${longest}x`)).toBe('KO');
    expect(await set(who, `${'\u{1F511}'.repeat(18)}x`)).toBe('KO');
    expect(await set(who, longest)).toBe('OK');
    expect(await signsIn('v34', longest)).toBe(true);
  });

  it('attack 76: wrong old passwords at the change form are counted like any other', async () => {
    const who = await world.signIn('v76', freshAddress());
    const otc = await mailedCode(world, who, 'v76');
    await accepted(who.send('/api/user/session/elevation', { method: 'PUT', body: { otc } }));
    const change = async (old: string) => (await who.post('/api/change-password', { old_password: old, new_password: NEW })).status;
    for (const old of ['one', 'two', 'three']) expect(await change(old)).toBe(401);
    expect(await change(passwordOf('v76'))).toBe(401);
    expect(await signsIn('v76', passwordOf('v76'))).toBe(false);
    expect(await signsIn('v76', NEW)).toBe(false);
  });

  it('attack 76: nor are those of a reauthentication free', async () => {
    const who = await world.signIn('v76b', freshAddress());
    const again = async (password: string) => (await who.post('/api/firstfactor/reauthenticate', { password })).status;
    for (const password of ['one', 'two', 'three', passwordOf('v76b')]) expect(await again(password)).toBe(401);
    expect(await signsIn('v76b', passwordOf('v76b'))).toBe(false);
  });
});
