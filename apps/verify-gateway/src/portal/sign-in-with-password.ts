import type { PortalParts } from './portal-parts.js';
import { type Onward, onward } from './return-address.js';
import type { originOf } from './exchange.js';
import type { Visit } from './visit.js';

export interface PasswordSignIn {
  readonly username: string;
  readonly password: string;
  readonly keepMeLoggedIn: boolean;
  readonly targetURL: string;
  readonly requestMethod: string;
  readonly origin: ReturnType<typeof originOf>;
}

export interface SignedIn {
  readonly id: string;
  readonly expiresAtMs: number;
  readonly onward: Onward;
  /** What the browser is known by from now on; null: that could not be written down. */
  readonly deviceToken: string | null;
}

/** Road 2 of the house: identity proves, session creates. null: refused, nothing changed. Rejects with a fault where either is away. */
export async function signInWithPassword(parts: PortalParts, visit: Visit, body: PasswordSignIn): Promise<SignedIn | null> {
  const { origin, domain, userAgent, sessionId } = visit;
  const proof = await parts.identity.authenticate({ username: body.username, password: body.password, origin: { ...body.origin, via: 'portal' } });
  if (proof.outcome === 'refused') return null;
  const device = { ip: origin.ip, userAgent };
  const remember = body.keepMeLoggedIn && domain.rememberMe;
  const created = await parts.session.create({ profile: proof.person, domain: domain.domain, remember, device, replaces: sessionId });
  if (created.outcome === 'unknown_domain') throw new Error(`the session service does not know the cookie domain ${domain.domain}`);
  const arrival = {
    targetUrl: body.targetURL,
    method: body.requestMethod,
    level: 1 as const,
    person: proof.person,
    ip: origin.ip,
    domain,
    defaultRedirectionUrl: domain.defaultRedirectionUrl,
  };
  return {
    id: created.id,
    expiresAtMs: created.expiresAtMs,
    deviceToken: await knownDevice(parts, visit, proof.person.username, created.handle),
    onward: onward(arrival, parts.settings.domains, parts.live.policy, parts.live.needsSecondFactor),
  };
}

/** A browser that is new to the account is told of by mail. Whatever becomes of that, the person is signed in. */
async function knownDevice(
  { identity, logger }: PortalParts,
  { origin, domain, userAgent, deviceToken }: Visit,
  username: string,
  handle: string,
): Promise<string | null> {
  try {
    const recorded = await identity.recordSignIn({ username, handle, domain: domain.domain, ip: origin.ip, userAgent, deviceToken });
    return recorded.deviceToken;
  } catch (error) {
    logger.error('A sign-in was not compared with the devices of its account: nobody is told of a new one', { username, error: String(error) });
    return null;
  }
}
