import { isSchemeAllowed } from '@portcullis/domain-redirection';
import { isElevated } from '@portcullis/domain-session-rules';
import type { FastifyRequest } from 'fastify';
import { ko } from '@portcullis/contracts-portal-api';
import type { LiveSession } from '../sessions/live-session.js';
import type { SessionGate } from '../sessions/session-gate.js';
import { readSessionCookie } from '../verify/cookie.js';
import type { CookieDomain } from '../verify/portal-url.js';
import { RequestHead, SLOT } from '../verify/request-head.js';
import { type PortalOrigin, portalOrigin } from '../verify/target.js';
import type { TrustedProxies } from '../verify/trusted-proxies.js';
import { type CookieSettings, readDeviceToken, sessionCookie } from './cookies.js';
import { forbidden, malformed, PortalRefusal } from './portal-refusal.js';
import { isSameOrigin } from './same-origin.js';

/** A cookie domain as the portal needs it (Authelia `session.cookies[]`). */
export interface PortalDomain extends CookieDomain, CookieSettings {
  readonly defaultRedirectionUrl: string | null;
  readonly rememberMe: boolean;
}

/** One request to the portal: from where, to which domain, by whom. */
export interface Visit {
  readonly origin: PortalOrigin;
  readonly domain: PortalDomain;
  readonly sessionId: string | null;
  readonly session: LiveSession | null;
  readonly userAgent: string;
  /** The secret by which this browser is known, where it shows one. */
  readonly deviceToken: string | null;
}

/** A visit of somebody with at least one factor. */
export interface SignedInVisit extends Visit {
  readonly sessionId: string;
  readonly session: LiveSession;
}

export interface VisitOptions {
  readonly proxies: TrustedProxies;
  /** Of this gate's own listener. */
  readonly ownScheme: 'http' | 'https';
  readonly sessions: SessionGate;
  readonly domains: readonly PortalDomain[];
  readonly domainOf: (host: string) => PortalDomain | null;
  /** `identity_validation.elevated_session` */
  readonly elevation: { readonly requireSecondFactor: boolean; readonly skipSecondFactor: boolean };
  readonly now: () => number;
  /** Takes an elevation back; the new id of the session, or null where it is gone. */
  readonly lower: (sessionId: string) => Promise<{ readonly id: string; readonly expiresAtMs: number } | null>;
}

/** Who comes to the portal; each guard throws the PortalRefusal that its caller answers with. */
export class Visits {
  constructor(private readonly options: VisitOptions) {}

  /** Anybody, on a host that is served. Rejects with SessionsUnavailable when somebody shows a session that cannot be read now. */
  async open(request: FastifyRequest): Promise<Visit> {
    const head = this.#headOf(request);
    if (head.repeated) throw malformed('A header that may come once came twice.');
    const origin = portalOrigin(head, request.raw.socket.remoteAddress, this.options.proxies);
    if (typeof origin === 'string') throw malformed(`The request is malformed: ${origin.replace('_', ' ')}.`);
    const domain = this.options.domainOf(origin.host);
    if (domain === null) throw this.#misdirected(origin.host);
    const sessionId = readSessionCookie(head.get(SLOT.cookie), domain.cookieName);
    if (sessionId === false) throw malformed('There are two session cookies. Delete the cookies of this site and sign in again.');
    const session = sessionId === null ? null : await this.options.sessions.find(sessionId, domain, this.options.now());
    const userAgent = request.headers['user-agent']?.slice(0, 512) ?? '';
    return { origin, domain, sessionId, session, userAgent, deviceToken: readDeviceToken(head.get(SLOT.cookie)) };
  }

  /** Of a request for whatever host, the portal's or an application's: its cookie domain, or null. */
  domainAt(request: FastifyRequest): PortalDomain | null {
    const head = this.#headOf(request);
    const origin = portalOrigin(head, request.raw.socket.remoteAddress, this.options.proxies);
    return head.repeated || typeof origin === 'string' ? null : this.options.domainOf(origin.host);
  }

  /** Somebody who is about to change something: from this very site, over https, or from a script. */
  async change(request: FastifyRequest): Promise<Visit> {
    const visit = await this.open(request);
    const { origin, domain } = visit;
    // First, for the origin of a page that came over https is never that of a portal that believes to be reached over http.
    if (!isSchemeAllowed(origin.scheme, domain.domain)) {
      throw malformed('The portal is reached over http. The proxy in front must serve https and send X-Forwarded-Proto: https.');
    }
    if (!isSameOrigin(origin, header(request, 'sec-fetch-site'), header(request, 'origin'))) {
      throw new PortalRefusal(403, ko('This request came from another site; nothing was changed.'));
    }
    return visit;
  }

  /** 403 plain below level 1 (reference 4.1, "1FA" routes). */
  signedIn(visit: Visit): SignedInVisit {
    const { session, sessionId } = visit;
    if (session === null || sessionId === null || session.level === 0) throw forbidden();
    return { ...visit, session, sessionId };
  }

  /**
   * 403 with what is missing (reference 4.1, "elevated" routes): true names it.
   * @param hasSecondFactor of the person; @param replaces the route removes or replaces that factor, which then needs it (attack 70)
   */
  async elevated(
    visit: Visit,
    { hasSecondFactor, replaces }: { readonly hasSecondFactor: boolean; readonly replaces: boolean },
  ): Promise<SignedInVisit> {
    const { session } = visit;
    if (session === null || session.level === 0) throw lacking({ elevation: false, first_factor: true, second_factor: false });
    await this.#refuseElsewhere(this.signedIn(visit));
    const secondFactor = hasSecondFactor && session.level < 2 && (replaces || this.options.elevation.requireSecondFactor);
    const elevation = !this.isElevated(visit);
    if (elevation || secondFactor) throw lacking({ elevation, first_factor: false, second_factor: secondFactor });
    return this.signedIn(visit);
  }

  /** An elevation shown from another address than it was given to is taken back: one of the two is not the person. */
  async #refuseElsewhere({ session, sessionId, origin, domain }: SignedInVisit): Promise<void> {
    const { elevation } = session.record;
    if (elevation === null || elevation.ip === origin.ip) return;
    const lowered = await this.options.lower(sessionId);
    this.options.sessions.forget(sessionId);
    const headers = lowered === null ? {} : { 'Set-Cookie': sessionCookie(domain, lowered.id, lowered.expiresAtMs) };
    throw lacking({ elevation: true, first_factor: false, second_factor: false }, headers);
  }

  /** By a mailed code entered from this address, or by the second factor where the configuration says so. */
  isElevated({ session, origin }: Visit): boolean {
    if (session === null) return false;
    const bySecondFactor = this.options.elevation.skipSecondFactor && session.level === 2;
    return bySecondFactor || isElevated(session.record.elevation, origin.ip, this.options.now());
  }

  #headOf(request: FastifyRequest): RequestHead {
    const head = new RequestHead(this.options.ownScheme);
    head.read(request.raw.rawHeaders);
    return head;
  }

  #misdirected(host: string): PortalRefusal {
    const served = this.options.domains.map(({ portalUrl, domain }) => portalUrl ?? `https://*.${domain}`).join(', ');
    return new PortalRefusal(421, ko(`No portal is served at ${host}. This one serves: ${served}.`));
  }
}

type Lacking = Readonly<Record<'elevation' | 'first_factor' | 'second_factor', boolean>>;
const lacking = (data: Lacking, headers: Readonly<Record<string, string>> = {}): PortalRefusal =>
  new PortalRefusal(403, { status: 'KO', data }, headers);

function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value.join(',') : value;
}
