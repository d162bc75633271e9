import { type Client, type RunningPortcullis, totp, usersFile } from '../../support/index.js';

const passwords = { ada: 'Ada-Passw0rd!', bo: 'Bo-Passw0rd!7', colm: 'col:m:C1!xyz' } as const;
export type Name = keyof typeof passwords;

const secrets = { ada: 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP', bo: 'KRUGKIDROVUWG2ZAMJZG653OEBTG66BA' } as const;

/** What a 200 tells the application about each of them. */
export const REMOTE = {
  nobody: ['', '', '', ''],
  ada: ['ada', 'staff,makers', 'Ada of the House', 'ada@house.test'],
  bo: ['bo', 'guests', 'Bo', 'bo@house.test'],
  colm: ['colm', '', 'Colm', 'colm@house.test'],
} as const;

export const users = (): Promise<string> =>
  usersFile({
    ada: { password: passwords.ada, displayname: 'Ada of the House', email: 'ada@house.test', groups: ['staff', 'makers'] },
    bo: { password: passwords.bo, displayname: 'Bo', email: 'bo@house.test', groups: ['guests'] },
    colm: { password: passwords.colm, displayname: 'Colm', email: 'colm@house.test' },
  });

export const basic = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`;
export const basicOf = (name: Name): string => basic(`${name}:${passwords[name]}`);

/** Who may ask: a browser without a cookie, one with a cookie that is none, and two people after one factor and after two. */
export const WHO = ['nobody', 'stranger', 'bo', 'bo+2', 'ada', 'ada+2'] as const;
export type Who = (typeof WHO)[number];

export const nameOf = (who: Who): 'nobody' | 'bo' | 'ada' => (who === 'stranger' ? 'nobody' : (who.replace('+2', '') as 'nobody' | 'bo' | 'ada'));

/** Everybody's cookies, by their cookie domain. */
export type Cookies = Readonly<Record<'house.test' | 'yard.test', Readonly<Record<Who, string>>>>;

export async function signIn(portal: Client, name: Name, prefix = ''): Promise<Client> {
  const answer = await portal.post(`${prefix}/api/firstfactor`, { username: name, password: passwords[name] });
  if (answer.status !== 200) throw new Error(`${name} could not sign in: ${answer.status} ${answer.body}`);
  return portal;
}

/** @param step of the code: each may be used once */
async function signInTwice(portal: Client, name: keyof typeof secrets, step: number): Promise<Client> {
  await signIn(portal, name);
  const answer = await portal.post('/api/secondfactor/totp', { token: totp(secrets[name], step) });
  if (answer.status !== 200) throw new Error(`${name} had no second factor: ${answer.status} ${answer.body}`);
  return portal;
}

async function cookiesOf(portcullis: RunningPortcullis, host: string, step: number): Promise<Readonly<Record<Who, string>>> {
  const portal = (): Client => portcullis.client({ host });
  const [bo, bo2, ada, ada2] = await Promise.all([
    signIn(portal(), 'bo'),
    signInTwice(portal(), 'bo', step),
    signIn(portal(), 'ada'),
    signInTwice(portal(), 'ada', step),
  ]);
  return {
    nobody: '',
    stranger: 'authelia_session=aSessionThatNobodyEverBegan0123456789abcdefg',
    bo: bo.cookieHeader(),
    'bo+2': bo2.cookieHeader(),
    ada: ada.cookieHeader(),
    'ada+2': ada2.cookieHeader(),
  };
}

export async function signEverybodyIn(portcullis: RunningPortcullis): Promise<Cookies> {
  for (const [name, secret] of Object.entries(secrets)) {
    const made = await portcullis.cli('storage', 'user', 'totp', 'generate', name, '--secret', secret, '--force');
    if (made.code !== 0) throw new Error(`no device for ${name}: ${made.stderr}`);
  }
  const house = await cookiesOf(portcullis, 'door.house.test', -1);
  return { 'house.test': house, 'yard.test': await cookiesOf(portcullis, 'gate.yard.test', 0) };
}
