import { type Client, totp, until } from '../support/index.js';
import { basic } from '../integration/verify-facts/people.js';
import { CODE, passwordOf, type Portal, SECRETS, siteStep, type Step } from './portal.js';

const ELEVATION = '/api/user/session/elevation';
const REGISTER = '/api/secondfactor/totp/register';
const STATE: Step = { method: 'GET', path: '/api/state' };
const step = (method: string, path: string, body?: object): Step => ({ method, path, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
const password = (username: string, given = passwordOf(username)): Step => step('POST', '/api/firstfactor', { username, password: given });
const code = (token: string): Step => step('POST', '/api/secondfactor/totp', { token });
const several = async (count: number, ask: () => Promise<unknown>): Promise<void> => {
  for (let each = 0; each < count; each++) await ask();
};

/** Until what is now the present code stays it for a while. */
const calm = (seconds: number): Promise<true | undefined> =>
  until(() => (30 - ((Date.now() / 1000) % 30) > seconds ? true : undefined), { timeoutMs: 30_000, what: 'a new half minute' });

/** Six digits that no step near now makes. */
function wrongCode(secret: string): string {
  const near = [-2, -1, 0, 1, 2].map((each) => totp(secret, each));
  return ['111111', '222222', '333333', '444444', '555555', '666666'].find((each) => !near.includes(each))!;
}

async function bans({ visitor, signIn, step: ask }: Portal): Promise<void> {
  const before = await signIn('ria');
  const who = visitor();
  await ask('ban: a wrong password', who, password('ria', 'wrong'));
  await several(3, () => ask(undefined, who, password('ria', 'wrong')));
  await ask('ban: the fifth', who, password('ria', 'wrong'));
  await ask('ban: then the right one', who, password('ria'));
  await ask('ban: then another wrong one', who, password('ria', 'wrong'));
  await ask('ban: the right one from elsewhere', visitor(), password('ria'));
  await ask('ban: somebody else from there', who, password('tam'));
  await ask('ban: who was signed in already', before, STATE);
  await ask('ban: the right one in a header', visitor(), siteStep('parlour', { 'Proxy-Authorization': basic(`ria:${passwordOf('ria')}`) }));
  const rob = visitor();
  for (const title of ['ban: right at the fifth try', 'ban: and again']) {
    await several(4, () => ask(undefined, rob, password('rob', 'wrong')));
    await ask(title, rob, password('rob'));
  }
  const guesser = visitor();
  await several(7, () => ask(undefined, guesser, password('nobody', 'x')));
  await ask('ban: somebody known after seven unknown', guesser, password('tam'));
  const hasty = visitor();
  await several(6, () => ask(undefined, hasty, step('POST', '/api/firstfactor', { username: 'rob' })));
  await ask('ban: six bodies without a password count for nothing', hasty, password('rob'));
}

async function signOuts({ signIn, step: ask }: Portal): Promise<void> {
  const who = await signIn('bo');
  const old = who.copy();
  await ask('sign-out: with an empty body', who, { ...step('POST', '/api/logout'), body: '' });
  await ask('sign-out: the cookie afterwards', old, STATE);
  await ask('sign-out: once more', old, step('POST', '/api/logout', {}));
  const other = await signIn('bo');
  await ask('sign-out: the page', other, { ...step('GET', '/logout'), headers: { Accept: 'text/html' } });
  await ask('sign-out: the page alone ends nothing', other, STATE);
}

async function codes({ visitor, signIn, step: ask }: Portal): Promise<void> {
  await ask('code: from nobody', visitor(), code(totp(SECRETS.ada)));
  const who = await signIn('ada');
  await ask('code: a wrong one', who, code(wrongCode(SECRETS.ada)));
  await ask('code: of eight digits', who, code('12345678'));
  await ask('code: of letters', who, code('abcdef'));
  await calm(15);
  await ask('code: a minute early', who, code(totp(SECRETS.ada, 2)));
  await ask('code: a minute late', who, code(totp(SECRETS.ada, -2)));
  const old = who.copy();
  const [last, present, next] = [-1, 0, 1].map((each) => code(totp(SECRETS.ada, each))) as [Step, Step, Step];
  await ask('code: the present one', who, present);
  await ask('code: what is known then', who, STATE);
  await ask('code: the cookie from before', old, STATE);
  await ask(undefined, who, present);
  await ask('code: a replay takes nothing away', who, STATE);
  await ask('code: the last one', await signIn('ada'), last);
  const remembered = await signIn('ada', { keepMeLoggedIn: true });
  await ask('code: the next one, remembered', remembered, next);
  await ask('code: what is known then, remembered', remembered, STATE);
  await ask('code: of somebody else', await signIn('bo'), next);
  await ask('code: opens safe', remembered, siteStep('safe'));
  await ask('code: opens office', remembered, siteStep('office'));
  await ask('code: then the password again', remembered, password('ada'));
  await ask('code: leads back to one factor', remembered, STATE);
}

async function refusedWithoutElevation(ask: Portal['step'], who: Client): Promise<void> {
  await ask('elevation: of one just signed in', who, step('GET', ELEVATION));
  await ask('elevation: wanted for the options', who, step('GET', REGISTER));
  await ask('elevation: wanted to begin', who, step('PUT', REGISTER, { algorithm: 'SHA1', length: 6, period: 30 }));
  await ask('elevation: wanted to finish', who, step('POST', REGISTER, { token: '123456' }));
  const change = { username: 'nina', old_password: passwordOf('nina'), new_password: 'x' };
  await ask('elevation: wanted for a new password', who, step('POST', '/api/change-password', change));
  await ask('elevation: wanted to remove', who, step('DELETE', '/api/secondfactor/totp'));
  await ask('elevation: wanted for a key', who, step('PUT', '/api/secondfactor/webauthn/credential/register', { description: 'key' }));
}

async function enrolment({ step: ask, stepWithMail }: Portal, who: Client): Promise<void> {
  const begin = step('PUT', REGISTER, { algorithm: 'SHA1', length: 6, period: 30 });
  const finish = (token: string): Step => step('POST', REGISTER, { token });
  await ask('enrol: options', who, step('GET', REGISTER));
  await ask('enrol: finished before begun', who, finish('123456'));
  await ask('enrol: another algorithm', who, step('PUT', REGISTER, { algorithm: 'SHA512', length: 6, period: 30 }));
  await ask('enrol: another length', who, step('PUT', REGISTER, { algorithm: 'SHA1', length: 8, period: 30 }));
  await ask('enrol: begun', who, begin);
  await ask('enrol: dropped', who, step('DELETE', REGISTER));
  await ask('enrol: finished after that', who, finish('123456'));
  const begun = await ask('enrol: begun again', who, begin);
  const { base32_secret: secret } = begun.json().data as { base32_secret: string };
  await ask('enrol: nothing there meanwhile', who, step('GET', '/api/user/info'));
  await ask('enrol: a wrong code', who, finish(wrongCode(secret)));
  await ask('enrol: a short code', who, finish('12345'));
  await calm(10);
  const present = totp(secret);
  await stepWithMail('enrol: the code', who, finish(present));
  await ask('enrol: the code twice', who, finish(present));
  await ask('enrol: still one factor', who, STATE);
  await ask('enrol: still elevated', who, step('GET', ELEVATION));
  await ask('enrol: that code to sign in', who, code(present));
  await ask('enrol: the next code to sign in', who, code(totp(secret, 1)));
  await ask('enrol: elevated after it', who, step('GET', ELEVATION));
  await ask(undefined, who, begin);
  await ask('enrol: another begun', who, step('GET', '/api/user/info'));
}

async function elevations(portal: Portal): Promise<void> {
  const { visitor, signIn, step: ask, stepWithMail } = portal;
  const enter = (otc: string): Step => step('PUT', ELEVATION, { otc });
  const request = step('POST', ELEVATION);
  const mailed = async (title: string, who: Client) => CODE.exec(await stepWithMail(title, who, request))?.[1] ?? '';
  const first = await signIn('nina');
  await refusedWithoutElevation(ask, first);
  const early = await mailed('elevation: asked for', first);
  await ask('elevation: a wrong code', first, enter('AAAAAAAA'));
  await ask('elevation: a code too long', first, enter('A'.repeat(21)));
  const far = first.copy({ ip: '198.18.200.1' });
  await ask(undefined, first, enter(early));
  await ask('elevation: the code from elsewhere, late', far, enter(early));

  const ip = '198.18.200.2';
  const who = await signIn('nina', {}, ip);
  const otc = await mailed('elevation: asked for in another session', who);
  await ask("elevation: somebody else's code", await signIn('tam', {}, ip), enter(otc));
  await ask('elevation: the code as people type it', who, enter(`  ${otc.toLowerCase()} `));
  await ask('elevation: the code twice', who, enter(otc));
  await enrolment(portal, who);
  await ask('elevation: carried elsewhere', who.copy({ ip: '198.18.200.3' }), step('GET', REGISTER));
  await ask('elevation: and back', who, step('GET', ELEVATION));

  const late = await signIn('nina');
  const notice = await stepWithMail('elevation: the third', late, request);
  const taken = CODE.exec(notice)?.[1] ?? '';
  const link = /revoke\/one-time-code\?id=([\w-]+)/.exec(notice)?.[1] ?? '';
  await ask(undefined, visitor(), step('DELETE', `${ELEVATION}/${link}`));
  await ask('elevation: a code taken back', late, enter(taken));
  const older = await mailed('elevation: the fourth', late);
  await mailed('elevation: the fifth', late);
  await ask(undefined, late, enter(older));
  await ask('elevation: by a code alone', late, step('GET', ELEVATION));
  await ask(undefined, late, step('DELETE', '/api/secondfactor/totp'));
  await ask('enrol: removed', late, step('GET', '/api/user/info'));
  const out = late.copy();
  await ask(undefined, late, step('POST', '/api/logout', {}));
  await ask('elevation: signed out', out, step('GET', ELEVATION));
}

async function tooMany({ signIn, step: ask }: Portal): Promise<void> {
  const who = await signIn('ada');
  await several(30, () => ask(undefined, who, code('12345')));
  await ask('code: the thirty-first of one address', who, code('12345'));
  await ask('code: the next from elsewhere', who.copy({ ip: '198.18.200.4' }), code('12345'));
}

/** The lines of portal.txt that need others before them. */
export async function tellStories(portal: Portal): Promise<void> {
  await Promise.all([bans, signOuts, codes, elevations, tooMany].map((story) => story(portal)));
}
