import { existsSync, readFileSync } from 'node:fs';
import {
  type HttpResponse,
  type RunningBackend,
  type RunningPortcullis,
  type RunningRedis,
  type ServiceName,
  serviceNames,
  startBackend,
  startPortcullis,
  startRedis,
  usersFile,
} from '../support/index.js';
import type { Front, FrontOptions } from './fronts.js';
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
  readonly redis: RunningRedis;
  readonly front: Front;
  readonly backend: RunningBackend;
  /** Behind live.example.com. */
  readonly echo: RunningEcho;
  /** The notice that was written last; empty for none. */
  readonly mail: () => string;
  /** Somebody new. */
  readonly person: () => Person;
}

export type StartFront = (options: FrontOptions) => Promise<Front>;

/** Where the gate listens. */
export const gatePort = ({ base }: RunningPortcullis): number => Number(new URL(base).port);

export interface InstallationOptions {
  readonly config?: string | object;
  readonly users?: string;
  readonly backend?: RunningBackend;
  readonly services?: readonly ServiceName[];
}

/** Redis, the four services, a proxy with the shipped files and an application that answers with what it was sent. */
export async function startInstallation(startFront: StartFront, options: InstallationOptions = {}): Promise<Installation> {
  const redis = await startRedis({ password: 'a password of Redis', appendonly: true });
  const users = options.users ?? (await usersFile(people));
  const { services = serviceNames } = options;
  const portcullis = await startPortcullis({
    config: options.config ?? config,
    users,
    redis,
    services,
  });
  const backend = options.backend ?? (await startBackend());
  const echo = await startEcho();
  const sites = { ...Object.fromEntries(hosts.map((host) => [host, { backend: backend.url }])), 'live.example.com': { backend: echo.url } };
  const front = await startFront({ gate: gatePort(portcullis), portal: new URL(portal).host, sites });
  const mail = (): string => (existsSync(portcullis.mailFile) ? readFileSync(portcullis.mailFile, 'utf8') : '');
  return { portcullis, redis, front, backend, echo, mail, person: () => person(front.base) };
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
