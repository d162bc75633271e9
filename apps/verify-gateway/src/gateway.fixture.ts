import { compilePolicy, policyNeedsSecondFactor, type Rule } from '@portcullis/domain-policy';
import type { ProbeSeen } from '@portcullis/contracts-portal-api';
import { createRegistry, type Logger } from '@portcullis/platform-telemetry';
import type { ServerTls } from '@portcullis/platform-tls';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest, type Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { type AddressInfo, connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { createAuditTeller } from './audit-teller.js';
import { FakeIdentity } from './fake-identity.fixture.js';
import { FakeSession } from './fake-session.fixture.js';
import { createListener } from './listener.js';
import { offeringWrites } from './password-writes.js';
import { PortalModule } from './portal/portal.module.js';
import { type LivePolicy, type PortalSettings, PortalParts } from './portal/portal-parts.js';
import type { PortalFiles } from './portal/portal-files.js';
import { createPortalServer, type PortalServer } from './portal/portal-server.js';
import type { RateLimits } from './portal/rate-limit.js';
import { type PortalDomain, Visits } from './portal/visit.js';
import { Readiness } from './readiness.js';
import type { LastSeen } from './sessions/last-seen.js';
import { liveSession } from './sessions/live-session.js';
import { SessionCache } from './sessions/session-cache.js';
import { SessionGate } from './sessions/session-gate.js';
import { type SessionReader, SessionsUnavailable } from './sessions/session-reader.js';
import { domainFinder } from './settings.js';
import { authRequest } from './verify/auth-request.js';
import { passwordChecker } from './verify/check-password.js';
import { extAuthz, namedExtAuthz } from './verify/ext-authz.js';
import { forwardAuth } from './verify/forward-auth.js';
import { legacy } from './verify/legacy.js';
import { probeLook } from './verify/probe.js';
import { type Endpoint, Routes } from './verify/routes.js';
import { TrustedProxies } from './verify/trusted-proxies.js';
import { type Told, Verify } from './verify/verify.js';

const rule = (domain: string, policy: Rule['policy'], more: Partial<Rule> = {}): Rule => ({
  ...{ policy, domains: [domain], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [] },
  ...more,
});
const RULES: readonly Rule[] = [
  rule('public.example.com', 'bypass'),
  rule('one.example.com', 'one_factor'),
  rule('two.example.com', 'two_factor'),
  rule('deny.example.com', 'deny'),
  rule('admin.example.com', 'one_factor', { subjects: [['group:admins']] }),
  rule('api.example.com', 'bypass', { methods: ['OPTIONS'] }),
  rule('api.example.com', 'bypass', { resources: ['^/public([/?].*)?$'] }),
  rule('api.example.com', 'one_factor'),
  rule('query.example.com', 'bypass', { query: [[{ key: 'token', operator: 'equal', value: 'abc' }]] }),
  rule('query.example.com', 'deny', { query: [[{ key: 'admin', operator: 'present' }]] }),
  rule('query.example.com', 'one_factor', { query: [[{ key: 'private', operator: 'absent' }]] }),
  rule('query.example.com', 'two_factor'),
  rule('*.other.test', 'one_factor'),
];
const both = { cookieName: 'authelia_session', sameSite: 'lax', inactivityMs: 1_800_000, rememberMe: true } as const;
const DOMAINS: readonly PortalDomain[] = [
  { ...both, domain: 'example.com', portalUrl: 'https://auth.example.com', defaultRedirectionUrl: 'https://www.example.com' },
  { ...both, domain: 'other.test', portalUrl: 'https://auth.other.test/', defaultRedirectionUrl: null },
];
const BASIC_AND_COOKIE = ['HeaderAuthorization', 'CookieSession'] as const;
const ENDPOINTS: readonly Endpoint[] = [
  { name: 'legacy', slot: 0, path: '/api/verify', dialect: legacy, strategies: ['HeaderLegacy', 'CookieSession'] },
  { name: 'auth-request', slot: 1, path: '/api/authz/auth-request', dialect: authRequest, strategies: BASIC_AND_COOKIE },
  { name: 'forward-auth', slot: 2, path: '/api/authz/forward-auth', dialect: forwardAuth, strategies: BASIC_AND_COOKIE },
  { name: 'ext-authz', slot: 3, path: '/api/authz/ext-authz', dialect: extAuthz, strategies: BASIC_AND_COOKIE },
  { name: 'envoy', slot: 4, path: '/api/authz/envoy', dialect: namedExtAuthz, strategies: BASIC_AND_COOKIE },
];
/** What the portal looks like where the configuration says nothing of it. */
export const LOOK: PortalSettings['look'] = {
  theme: 'light',
  default2faMethod: null,
  name: 'Portcullis',
  color: null,
  termsUrl: null,
  privacyUrl: null,
  privacyAcceptance: false,
  assetDirectory: null,
  notices: 'mail',
};
const SETTINGS: PortalSettings = {
  domains: DOMAINS,
  look: LOOK,
  subPath: '',
  resetDisabled: false,
  resetUrl: null,
  changeDisabled: false,
  passwordPolicy: {
    ...{ mode: 'standard', minLength: 8, maxLength: 64, minScore: 0 },
    ...{ requireUppercase: true, requireLowercase: false, requireNumber: true, requireSpecial: false },
  },
  totp: { algorithm: 'SHA1', digits: 6, periodS: 30, allowedAlgorithms: ['SHA1', 'SHA512'], allowedDigits: [6], allowedPeriodsS: [30] },
  elevation: { requireSecondFactor: false, skipSecondFactor: false },
};

export interface GatewayOptions {
  readonly settings?: Partial<PortalSettings>;
  readonly rules?: readonly Rule[];
  readonly trustedProxies?: readonly string[];
  /** The built pages; without them ours are plain. */
  readonly files?: PortalFiles;
  readonly tls?: ServerTls;
}

export type HeaderPairs = readonly (readonly [string, string])[];
export interface Asked {
  /** Instead of those of a proxy that is to be believed. */
  readonly headers?: Readonly<Record<string, string>>;
  /** A session's id. */
  readonly session?: string | undefined;
  readonly json?: unknown;
  readonly form?: Readonly<Record<string, string>>;
  readonly body?: string | Buffer;
}
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test says what shape it expects by asserting it
  readonly json: any;
}

/** Of the wire; whoever holds it may send probes. */
export const PROBE_SECRET = 'a secret of the wire for the tests';

/** What the proxy in front of the portal sends. */
export const PROXY = {
  Host: 'auth.example.com',
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'auth.example.com',
  'X-Forwarded-For': '203.0.113.7',
};

/** The whole listener on a port of its own, without the services behind it. */
export class Gateway {
  readonly clock = { aheadMs: 0 };
  readonly now = (): number => Date.now() + this.clock.aheadMs;
  readonly identity = new FakeIdentity();
  readonly session = new FakeSession(this.now);
  /** What lies in Redis cannot be read. */
  storeAway = false;
  readonly told: Told[] = [];
  readonly probes: ProbeSeen[] = [];
  readonly faults: unknown[] = [];
  /** Whether a new password could be kept, as the identity service said it. */
  readonly writes = { writable: true };
  readonly logged: string[] = [];
  /** How long who asks for that limit (`name`, or `name ip username`) must wait, and who asked. */
  readonly waits = new Map<string, number>();
  readonly limited: string[] = [];
  readonly unready: string[] = [];
  readonly cache = new SessionCache();
  live!: LivePolicy;
  #server!: Server | TlsServer;
  #portal!: PortalServer;

  static async start(options: GatewayOptions = {}): Promise<Gateway> {
    const gateway = new Gateway();
    await gateway.#open(options);
    return gateway;
  }

  async #open({ settings: change = {}, rules = RULES, trustedProxies, files, tls }: GatewayOptions): Promise<void> {
    const settings = { ...SETTINGS, ...change };
    const { domains, subPath, elevation } = settings;
    const policy = compilePolicy({ defaultPolicy: 'deny', networks: {}, rules });
    const live = (this.live = { policy, needsSecondFactor: policyNeedsSecondFactor(policy) });
    const domainOf = domainFinder(domains);
    const proxies = new TrustedProxies(trustedProxies ?? null);
    const ownScheme = tls === undefined ? 'http' : 'https';
    const sessions = this.#gate();
    const { identity, session, now } = this;
    const verify = new Verify({
      ...{ live, domainOf, proxies, ownScheme, sessions, now, checkPassword: passwordChecker(identity) },
      ...{ count: () => undefined, countRefusal: () => undefined, countDecision: () => undefined, tellAllowed: true },
      tell: (told) => this.told.push(told),
      isProbe: probeLook([PROBE_SECRET], (seen) => this.probes.push(seen), now),
    });
    const lower = async (id: string) => {
      const lowered = await session.lower({ id });
      return lowered.outcome === 'rotated' ? lowered : null;
    };
    const visits = new Visits({ proxies, ownScheme, sessions, domains, domainOf, elevation, now, lower });
    const limits: Pick<RateLimits, 'take'> = {
      take: (name, ip, username) => {
        const asked = [name, ip, username].filter((part) => part !== undefined).join(' ');
        this.limited.push(asked);
        return Promise.resolve(this.waits.get(asked) ?? this.waits.get(name) ?? 0);
      },
    };
    const log = (message: string, fields: object = {}): void => {
      this.logged.push(`${message} ${JSON.stringify(fields)}`);
    };
    const logger = { error: log, warn: log, info: log, debug: () => undefined, trace: () => undefined } as unknown as Logger;
    const parts = new PortalParts(
      offeringWrites(settings, this.writes),
      live,
      visits,
      sessions,
      identity,
      session,
      limits as RateLimits,
      now,
      logger,
      files,
      createAuditTeller(identity, createRegistry({ service: 'verify-gateway', version: '0' }), logger),
    );
    const readiness = new Readiness(() => this.unready);
    this.#portal = await createPortalServer(PortalModule.with(parts, readiness, logger), subPath, logger, files?.assets ?? null);
    this.#server = createListener({
      ...{ routes: new Routes(ENDPOINTS, subPath), verify, portal: this.#portal.handle },
      ...{ readTimeoutMs: 6000, idleTimeoutMs: 30_000, maxHeaderBytes: 8192, tls },
      onFault: (error) => this.faults.push(error),
    }).listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  #gate(): SessionGate {
    this.cache.open();
    const reader: Pick<SessionReader, 'read' | 'lastSeen'> = {
      read: (hashed) => {
        if (this.storeAway) return Promise.reject(new SessionsUnavailable('Redis does not answer'));
        const record = this.session.byHash(hashed);
        return Promise.resolve(record === null ? null : liveSession(hashed, record, null, this.now()));
      },
      lastSeen: () => Promise.resolve(null),
    };
    const lastSeen: Pick<LastSeen, 'note'> = { note: () => undefined };
    const end = async (id: string, reason: Parameters<FakeSession['end']>[0]['reason']): Promise<void> => {
      await this.session.end({ id, reason });
    };
    return new SessionGate({ cache: this.cache, reader: reader as SessionReader, lastSeen: lastSeen as LastSeen, end, serveCached: false });
  }

  get listener(): Server | TlsServer {
    return this.#server;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** One request on a connection of its own. */
  async ask(method: string, path: string, asked: Asked = {}): Promise<Answer> {
    const { headers = PROXY, session, json, form } = asked;
    const body = json !== undefined ? JSON.stringify(json) : form !== undefined ? new URLSearchParams(form).toString() : asked.body;
    const type = json !== undefined ? 'application/json' : form !== undefined ? 'application/x-www-form-urlencoded' : undefined;
    const all = {
      ...(type === undefined ? {} : { 'Content-Type': type }),
      ...(session === undefined ? {} : { Cookie: `authelia_session=${session}` }),
      ...(body === undefined ? {} : { 'Content-Length': String(Buffer.byteLength(body)) }),
      ...headers,
    };
    const outgoing = httpRequest({ host: '127.0.0.1', port: this.port, method, path, headers: Object.entries(all).flat(), agent: false });
    outgoing.end(body);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    const received = await text(incoming);
    const isJson = incoming.headers['content-type']?.startsWith('application/json') === true && received !== '';
    return {
      status: incoming.statusCode ?? 0,
      headers: incoming.headers,
      body: received,
      json: isJson ? (JSON.parse(received) as unknown) : undefined,
    };
  }

  /** A verify of a proxy of the X-Forwarded-* family. */
  verify(
    url: string,
    { session, ...headers }: Readonly<Record<string, string>> & { readonly session?: string } = {},
    path = '/api/authz/forward-auth',
  ): Promise<Answer> {
    const [, proto = '', host = '', uri = ''] = /^(\w+):\/\/([^/]*)(.*)$/.exec(url) ?? [];
    const own = { Host: '127.0.0.1', 'X-Forwarded-Proto': proto, 'X-Forwarded-Host': host, 'X-Forwarded-URI': uri, 'X-Forwarded-Method': 'GET' };
    return this.ask('GET', path, { session, headers: { ...own, 'X-Forwarded-For': '203.0.113.7', Accept: 'text/html', ...headers } });
  }

  /** What no client would send; the connection's whole answer. */
  async raw(bytes: string): Promise<string> {
    const socket = connect(this.port, '127.0.0.1');
    socket.write(bytes, 'latin1');
    return text(socket.setEncoding('latin1'));
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#portal.application.close();
  }
}

/** The value of the session cookie that an answer sets; undefined where it sets none, '' where it is taken away. */
export const cookieOf = ({ headers }: Answer, name = 'authelia_session'): string | undefined =>
  headers['set-cookie']?.map((line) => new RegExp(`^${name}=([^;]*)`).exec(line)?.[1]).find((value) => value !== undefined);
