import { type HttpResponse, type RunningPortcullis, startBackend, startPortcullis, type RunningBackend, usersFile } from '../support/index.js';
import { type Front, type FrontOptions } from './fronts.js';
import { type Person, person } from './person.js';
import { type RunningEcho, startEcho } from './websocket.js';

export const portal = 'https://auth.example.com';

/** Passwords that satisfy the guide's own policy. */
export const people = {
  john: { password: 'Apple-pie-1', displayname: 'John Doe', groups: ['users', 'dev'] },
  mary: { password: 'Cherry-cake-2', displayname: 'Märy Poppins', groups: ['admins', 'users'] },
  victim: { password: 'Plum-crumble-3', groups: ['users'] },
};
export type Name = keyof typeof people;

/** A rule of every kind that a proxy can be tricked about. */
export const config = {
  server: { address: 'tcp://:9091/authelia' },
  session: { cookies: [{ domain: 'example.com', authelia_url: portal }] },
  access_control: {
    default_policy: 'deny',
    rules: [
      { domain: 'public.example.com', policy: 'bypass' },
      { domain: 'mixed.example.com', resources: ['^/public([/?].*)?$'], policy: 'bypass' },
      { domain: 'mixed.example.com', resources: ['^/admin([/?].*)?$'], subject: 'group:admins', policy: 'one_factor' },
      { domain: 'mixed.example.com', resources: ['^/admin([/?].*)?$'], policy: 'deny' },
      { domain: 'mixed.example.com', policy: 'one_factor' },
      { domain: 'admin.example.com', subject: 'group:admins', policy: 'one_factor' },
      { domain: ['app.example.com', 'live.example.com'], policy: 'one_factor' },
      { domain: 'bank.example.com', policy: 'two_factor' },
    ],
  },
  regulation: { max_retries: 3, find_time: '10m', ban_time: '30m' },
};

export const hosts = ['public', 'mixed', 'admin', 'app', 'bank'].map((name) => `${name}.example.com`);

export interface Installation {
  readonly portcullis: RunningPortcullis;
  readonly front: Front;
  readonly backend: RunningBackend;
  /** Behind live.example.com. */
  readonly echo: RunningEcho;
  /** Somebody new. */
  readonly person: () => Person;
}

export type StartFront = (options: FrontOptions) => Promise<Front>;

/** Where the gate listens. */
export const gatePort = ({ base }: RunningPortcullis): number => Number(new URL(base).port);

/** Redis, the four services, a proxy with the shipped files and an application that answers with what it was sent. */
export async function startInstallation(
  startFront: StartFront,
  more: { readonly config?: object; readonly backend?: RunningBackend } = {},
): Promise<Installation> {
  const portcullis = await startPortcullis({
    config: more.config ?? config,
    users: await usersFile(people),
    services: ['verify-gateway', 'identity', 'session'],
  });
  const backend = more.backend ?? (await startBackend());
  const echo = await startEcho();
  const sites = { ...Object.fromEntries(hosts.map((host) => [host, { backend: backend.url }])), 'live.example.com': { backend: echo.url } };
  const front = await startFront({ gate: gatePort(portcullis), portal: new URL(portal).host, sites });
  return { portcullis, front, backend, echo, person: () => person(front.base) };
}

export const tryPassword = (who: Person, username: string, password: string, targetURL?: string): Promise<HttpResponse> =>
  who.post(`${portal}/api/firstfactor`, { username, password, keepMeLoggedIn: false, ...(targetURL === undefined ? {} : { targetURL }) });

/** Signs somebody in with their password; throws where that is refused. */
export async function signIn(who: Person, name: Name): Promise<Person> {
  const { status, body } = await tryPassword(who, name, people[name].password);
  if (status !== 200) throw new Error(`${name} cannot sign in: ${status} ${body}`);
  return who;
}

/** Where somebody is sent to sign in for an address. */
export const signInAddress = (url: string, method = 'GET'): string => `${portal}/?${new URLSearchParams({ rd: url, rm: method }).toString()}`;
