import { existsSync, readFileSync } from 'node:fs';
import {
  type Client,
  http,
  type HttpRequest,
  type HttpResponse,
  type Person,
  type PortcullisOptions,
  type RunningPortcullis,
  startPortcullis,
  until,
  usersFile,
} from '../support/index.js';

export const PORTAL_HOST = 'auth.example.com';
export const PORTAL = `https://${PORTAL_HOST}`;

/** Everybody's password; one that any policy takes. */
export const passwordOf = (name: string): string => `${name}-Pass:word-1`;

export const person = (name: string, more: Partial<Person> = {}): Record<string, Person> => ({
  [name]: { password: passwordOf(name), email: `${name}@example.com`, groups: ['users'], ...more },
});

/** Somebody for each name: whom a test bans, changes or locks out is of that test alone. */
export const persons = (...names: readonly string[]): Record<string, Person> =>
  Object.assign({}, ...names.map((name) => person(name))) as Record<string, Person>;

/** In every world. */
const everybody = {
  ...person('john', { displayname: 'John Doe', groups: ['users', 'dev'] }),
  ...person('mary', { displayname: 'Märy Poppins', groups: ['admins', 'users'] }),
};

/** A rule of every kind that a request can be dressed up for, and two cookie domains. */
export const CONFIGURATION = {
  server: { address: 'tcp://:9091/authelia' },
  session: {
    cookies: [
      { domain: 'example.com', authelia_url: PORTAL },
      { domain: 'other.test', authelia_url: 'https://auth.other.test' },
    ],
  },
  definitions: { network: { inside: ['10.0.0.0/8', 'fd00::/8'] } },
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'public.example.com', policy: 'bypass' },
      { domain: 'mixed.example.com', resources: ['^/public([/?].*)?$'], policy: 'bypass' },
      { domain: 'mixed.example.com', resources: ['^/admin([/?].*)?$'], subject: 'group:admins', policy: 'one_factor' },
      { domain: 'mixed.example.com', resources: ['^/admin([/?].*)?$'], policy: 'deny' },
      { domain: 'mixed.example.com', policy: 'one_factor' },
      { domain: 'loose.example.com', resources: ['/status'], policy: 'bypass' },
      { domain: 'loose.example.com', policy: 'one_factor' },
      { domain: 'tight.example.com', resources: ['^/status$'], policy: 'bypass' },
      { domain: 'tight.example.com', policy: 'one_factor' },
      { domain: 'admin.example.com', subject: 'group:admins', policy: 'one_factor' },
      { domain: 'app.example.com', policy: 'one_factor' },
      { domain: 'bank.example.com', policy: 'two_factor' },
      { domain: 'inside.example.com', networks: ['inside'], policy: 'bypass' },
      { domain: 'inside.example.com', policy: 'one_factor' },
      { domain: 'banned.example.com', networks: ['198.51.100.0/24'], policy: 'deny' },
      { domain: 'banned.example.com', policy: 'bypass' },
      { domain: 'cors.example.com', methods: ['OPTIONS'], policy: 'bypass' },
      { domain: 'cors.example.com', policy: 'one_factor' },
      { domain: 'asked.example.com', query: [{ key: 'view', operator: 'equal', value: 'public' }], policy: 'bypass' },
      { domain: 'asked.example.com', query: [{ key: 'do', operator: 'equal', value: 'delete' }], policy: 'deny' },
      { domain: 'asked.example.com', policy: 'one_factor' },
      { domain: '{user}.home.example.com', policy: 'one_factor' },
      { domain: '*.lan.example.com', policy: 'one_factor' },
      { domain: 'public.other.test', policy: 'bypass' },
      { domain: 'app.other.test', policy: 'one_factor' },
    ],
  },
  authentication_backend: { file: { watch: true, search: { email: true, case_insensitive: true } } },
  regulation: { modes: ['user', 'ip'], max_retries: 3, find_time: '10m', ban_time: '30m' },
  // Tests that run side by side each find their own mail.
  notifier: { filesystem: { append: true } },
};

/** The endpoint of each family of proxies, and how such a proxy asks about a request. */
export const ENDPOINTS = {
  'auth-request': {
    path: '/api/authz/auth-request',
    headers: (url: string, method: string) => ({ 'X-Original-URL': url, 'X-Original-Method': method }),
  },
  'forward-auth': { path: '/api/authz/forward-auth', headers: forwarded },
  legacy: { path: `/api/verify?rd=${encodeURIComponent(PORTAL)}`, headers: forwarded },
} as const;
export type EndpointName = keyof typeof ENDPOINTS;
export const EVERY_ENDPOINT = Object.keys(ENDPOINTS) as readonly EndpointName[];

function forwarded(url: string, method: string): Readonly<Record<string, string>> {
  const [, proto = '', host = '', uri = ''] = /^([a-z]+):\/\/([^/?#]*)(.*)$/is.exec(url) ?? [];
  return { 'X-Forwarded-Proto': proto, 'X-Forwarded-Host': host, 'X-Forwarded-URI': uri, 'X-Forwarded-Method': method };
}

export interface Asked {
  readonly endpoint?: EndpointName;
  readonly method?: string;
  /** Whose browser it is: its cookies go along. */
  readonly as?: Client;
  readonly ip?: string;
  /** More headers, or others in the place of the proxy's. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** A verify, as the proxy in front sends it for a browser. */
export function verifyRequest(
  url: string,
  { endpoint = 'forward-auth', method = 'GET', as, ip = '203.0.113.7', headers = {} }: Asked = {},
): HttpRequest {
  const { path, headers: named } = ENDPOINTS[endpoint];
  const cookie = as === undefined || as.cookies.size === 0 ? {} : { Cookie: as.cookieHeader() };
  return { path, headers: { ...named(url, method), 'X-Forwarded-For': ip, Accept: 'text/html', ...cookie, ...headers } };
}

export interface World {
  readonly portcullis: RunningPortcullis;
  verify(url: string, asked?: Asked): Promise<HttpResponse>;
  /** Somebody at the portal who has not signed in, from an address of their own unless one is given. */
  visitor(ip?: string, host?: string): Client;
  signIn(name: string, ip?: string, host?: string): Promise<Client>;
  /** The notice that was written last; empty for none. */
  mail(): string;
  /** Lines of every service's log. */
  lines(fits: RegExp): readonly string[];
  /** One metric of the gate's, by its name and labels as Prometheus writes them; 0 where it is not there. */
  metric(instance: string, sample: string): Promise<number>;
}

export interface WorldOptions extends Partial<Omit<PortcullisOptions, 'users'>> {
  readonly people?: Readonly<Record<string, Person>>;
  /** The users file as it is, in the place of everybody. */
  readonly usersText?: string;
}

let addresses = 0;
/** An address that nobody used yet: limits and bans of one test are not those of another. */
export const freshAddress = (): string => `192.0.${2 + Math.trunc(++addresses / 250)}.${1 + (addresses % 250)}`;

export const tryPassword = (who: Client, username: string, password: string, more: object = {}): Promise<HttpResponse> =>
  who.post('/api/firstfactor', { username, password, ...more });

/** Redis and the four services on CONFIGURATION. */
export async function startWorld({ people = {}, usersText, ...options }: WorldOptions = {}): Promise<World> {
  const users = usersText ?? (await usersFile({ ...everybody, ...people }));
  return worldOf(await startPortcullis({ config: CONFIGURATION, ...options, users }));
}

export function worldOf(portcullis: RunningPortcullis): World {
  const visitor = (ip = freshAddress(), host = PORTAL_HOST): Client => portcullis.client({ host, ip });
  return {
    portcullis,
    visitor,
    verify: (url, asked) => http(portcullis.base, verifyRequest(url, asked)),
    signIn: async (name, ip, host) => {
      const who = visitor(ip, host);
      const answer = await tryPassword(who, name, passwordOf(name));
      if (answer.status !== 200) throw new Error(`${name} cannot sign in: ${answer.status} ${answer.body}`);
      return who;
    },
    mail: () => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : ''),
    lines: (fits) =>
      portcullis
        .logs()
        .split('\n')
        .filter((line) => fits.test(line)),
    metric: async (instance, sample) => {
      const { body } = await http(portcullis.management(instance), { path: '/metrics' });
      const line = body.split('\n').find((each) => each.startsWith(`${sample} `));
      return Number(line?.slice(sample.length + 1) ?? 0);
    },
  };
}

/** What the Remote-* headers of an answer say; undefined for one that is not there. */
export const identityOf = ({ headers }: HttpResponse): readonly (string | undefined)[] =>
  ['remote-user', 'remote-groups', 'remote-name', 'remote-email'].map((name) => {
    const value = headers[name];
    return typeof value === 'string' ? Buffer.from(value, 'latin1').toString() : undefined;
  });

export const NOBODY = ['', '', '', ''];

/** The next notice to somebody that holds what is looked for: its text. */
export async function nextMail(world: World, address: string, fits: RegExp, ask: () => Promise<unknown>): Promise<string> {
  const before = world.mail().length;
  await ask();
  const notices = (): readonly string[] =>
    world
      .mail()
      .slice(before)
      .split(/^(?=Date: )/m);
  return until(() => notices().find((notice) => notice.includes(address) && fits.test(notice)), { timeoutMs: 10_000, what: `a mail for ${address}` });
}

/** The code of a notice: it stands alone between two lines. */
const CODE = /^-{20,}\n(\S+)\n-{20,}$/m;
/** The link of a reset notice, and the one beside it that cancels. */
const RESET_TOKEN = /reset-password\/step2\?token=([\w.-]+)/;
const CANCEL_TOKEN = /revoke\/reset-password\?token=([\w.-]+)/;

/** A one-time code, asked for by somebody who is signed in. */
export async function mailedCode(world: World, who: Client, name: string): Promise<string> {
  const notice = await nextMail(world, `${name}@example.com`, CODE, () => accepted(who.post('/api/user/session/elevation')));
  return CODE.exec(notice)?.[1] ?? '';
}

export interface ResetMail {
  readonly token: string;
  readonly cancel: string;
}

/** A link to set a new password, asked for by anybody. */
export async function resetMail(world: World, name: string, who = world.visitor()): Promise<ResetMail> {
  const ask = () => accepted(who.post('/api/reset-password/identity/start', { username: name }));
  const notice = await nextMail(world, `${name}@example.com`, RESET_TOKEN, ask);
  return { token: RESET_TOKEN.exec(notice)?.[1] ?? '', cancel: CANCEL_TOKEN.exec(notice)?.[1] ?? '' };
}

/** An answer of the portal that must say OK. */
export async function accepted(answer: Promise<HttpResponse>): Promise<HttpResponse> {
  const found = await answer;
  if (found.status !== 200 || found.json().status !== 'OK') throw new Error(`refused: ${found.status} ${found.body}`);
  return found;
}

/** The level of somebody's session, 0 for nobody. */
export async function levelOf(who: Client): Promise<number> {
  return (await who.get('/api/state')).json().data.authentication_level as number;
}
