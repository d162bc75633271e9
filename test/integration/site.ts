import { type Client, http, type HttpResponse, type RunningPortcullis, totp, usersFile } from '../support/index.js';

/** A site of two cookie domains with a host for each policy, and who lives there. */
export const SITE = {
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'open.site.test', policy: 'bypass' },
      { domain: ['one.site.test', 'one.annex.test'], policy: 'one_factor' },
      { domain: 'two.site.test', policy: 'two_factor' },
    ],
  },
  session: {
    expiration: '1h',
    inactivity: '30m',
    remember_me: '30d',
    cookies: [
      { domain: 'site.test', authelia_url: 'https://auth.site.test' },
      { domain: 'annex.test', authelia_url: 'https://auth.annex.test' },
    ],
  },
  regulation: { max_retries: 100 },
} as const;

/** Everybody's password says whose it is. */
export const passwordOf = (name: string): string => `Password-0f-${name}!`;
/** Everybody's device has the same secret: what tells people apart is who shows the code. */
export const SECRET = 'JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP';

export const peopleOf = (...names: readonly string[]): Promise<string> =>
  usersFile(
    Object.fromEntries(
      names.map((name) => [name, { password: passwordOf(name), displayname: `${name} of the site`, email: `${name}@site.test`, groups: ['people'] }]),
    ),
  );

function expectOk(what: string, answer: HttpResponse): void {
  if (answer.status !== 200 || answer.json().status !== 'OK') throw new Error(`${what}: ${answer.status} ${answer.body}`);
}

/** Signs in at the portal and returns it, with the session in its jar. */
export async function signIn(portal: Client, username: string, more: Readonly<Record<string, unknown>> = {}): Promise<Client> {
  expectOk(`${username} signs in`, await portal.post('/api/firstfactor', { username, password: passwordOf(username), ...more }));
  return portal;
}

/** @param step of the code: 0 the present one */
export async function giveSecondFactor(portal: Client, step = 0, secret = SECRET): Promise<Client> {
  expectOk('the second factor', await portal.post('/api/secondfactor/totp', { token: totp(secret, step) }));
  return portal;
}

/** A one-time password device for each of them, from the command line. */
export async function giveDevices(portcullis: RunningPortcullis, secrets: Readonly<Record<string, string>>): Promise<void> {
  await Promise.all(
    Object.entries(secrets).map(async ([name, secret]) => {
      const made = await portcullis.cli('storage', 'user', 'totp', 'generate', name, '--secret', secret, '--force');
      if (made.code !== 0) throw new Error(`no device for ${name}: ${made.stderr}`);
    }),
  );
}

/** What the gateway at `base` answers a browser that shows these cookies at a host. */
export const verify = (base: string, cookie: string, host = 'one.site.test'): Promise<HttpResponse> =>
  http(base, {
    path: '/api/authz/forward-auth',
    headers: {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': host,
      'X-Forwarded-URI': '/',
      'X-Forwarded-Method': 'GET',
      'X-Forwarded-For': '192.0.2.10',
      Accept: 'text/html',
      ...(cookie === '' ? {} : { Cookie: cookie }),
    },
  });

export const verifyStatus = async (base: string, cookie: string, host?: string): Promise<number> => (await verify(base, cookie, host)).status;
