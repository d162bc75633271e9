import { until } from '../support/index.js';
import { authenticator, type Authenticator } from './authenticator.js';
import type { Person } from './person.js';

/** The code of a notice: it stands alone between two lines. */
export const codeIn = (notice: string): string | undefined => /^-{20,}\n(\S+)\n-{20,}$/m.exec(notice)?.[1];

/** The next notice to that address with a code in it. @param mail what lies in the notification file */
export async function mailedCode(mail: () => string, address: string, ask: () => Promise<unknown>): Promise<string> {
  const before = mail();
  await ask();
  return until(() => mail() !== before && mail().includes(address) && codeIn(mail()), { timeoutMs: 10_000, what: `a code for ${address}` });
}

async function accepted(what: string, answer: ReturnType<Person['send']>): ReturnType<Person['send']> {
  const found = await answer;
  if (found.status !== 200 || found.json().status !== 'OK') throw new Error(`${what}: ${found.status} ${found.body}`);
  return found;
}

/** Somebody who signed in with their password sets up an authenticator app over the API, by the code that is mailed to them (reference 4.5, 4.9). */
export async function enrol(who: Person, portal: string, address: string, mail: () => string): Promise<Authenticator> {
  const register = `${portal}/api/secondfactor/totp/register`;
  const elevation = `${portal}/api/user/session/elevation`;
  const refused = await who.send(register);
  if (refused.status !== 403) throw new Error(`an authenticator app could be set up without the mailed code: ${refused.status}`);
  const otc = await mailedCode(mail, address, () => accepted('the code', who.post(elevation)));
  await accepted('the mailed code', who.send(elevation, { method: 'PUT', body: { otc } }));
  const body = { algorithm: 'SHA1', length: 6, period: 30 };
  const begun = await accepted('the registration', who.send(register, { method: 'PUT', body }));
  const { base32_secret: secret, otpauth_url: url } = begun.json().data as { base32_secret: string; otpauth_url: string };
  if (!url.includes(secret)) throw new Error(`the address holds another secret: ${url}`);
  const app = authenticator(secret);
  await accepted('the first code', who.post(register, { token: await app.code() }));
  return app;
}
