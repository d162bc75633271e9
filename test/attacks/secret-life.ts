import { totp } from '../support/index.js';
import { accepted, mailedCode, passwordOf, resetMail, tryPassword, type World } from './world.js';

const REGISTER = '/api/secondfactor/totp/register';
const NEW = 'Another-Pass:word-2';
const WRONG = 'a-wrong-Pass:word-9';

/** Everything that is secret, and that no other text holds by chance, by the services it passes through. */
export type SecretLife = Readonly<Record<'passwords' | 'basic' | 'sessions' | 'cookies' | 'mailed' | 'factors', readonly string[]>>;

/** Two people use each of them once: the first signs in with both factors, the second sets a new password. */
export async function liveSecretly(world: World, name: string, other: string): Promise<SecretLife> {
  const who = await world.signIn(name);
  const sessions = [who.cookies.get('authelia_session')!];
  const otc = await mailedCode(world, who, name);
  await accepted(who.send('/api/user/session/elevation', { method: 'PUT', body: { otc } }));
  const begun = await accepted(who.send(REGISTER, { method: 'PUT', body: { algorithm: 'SHA1', length: 6, period: 30 } }));
  const { base32_secret: secret } = begun.json().data as { base32_secret: string };
  const done = await accepted(who.post(REGISTER, { token: totp(secret) }));
  const { recovery_codes: recoveryCodes } = done.json().data as { recovery_codes: readonly string[] };
  await accepted(who.post('/api/secondfactor/totp', { token: totp(secret, 1) }));
  sessions.push(who.cookies.get('authelia_session')!);
  await tryPassword(world.visitor(), name, WRONG);
  const basic = Buffer.from(`${name}:${passwordOf(name)}`).toString('base64');
  const answers = [
    await world.verify('https://app.example.com/', { headers: { Authorization: `Basic ${basic}` } }),
    await world.verify('https://app.example.com/', { as: who }),
  ];
  if (answers.some(({ status }) => status !== 200)) throw new Error(`refused: ${answers.map(({ status }) => status).join()}`);

  const { token, cancel } = await resetMail(world, other);
  const resetting = world.visitor();
  await accepted(resetting.post('/api/reset-password/identity/finish', { token }));
  const grant = resetting.cookies.get('portcullis_reset')!;
  await accepted(resetting.post('/api/reset-password', { password: NEW }));
  return {
    passwords: [passwordOf(name), passwordOf(other), NEW, WRONG],
    basic: [basic],
    // Each factor makes another one.
    sessions,
    // Of a browser that is known, and of who may set a password.
    cookies: [who.cookies.get('portcullis_device')!, grant],
    mailed: [otc, token, cancel],
    // One of its codes: to look for each in all memory takes seconds.
    factors: [secret, recoveryCodes[0]!],
  };
}
