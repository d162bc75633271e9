import type { originOf } from './exchange.js';
import type { PortalParts } from './portal-parts.js';
import { type Onward, onward } from './return-address.js';
import type { SignedInVisit } from './visit.js';

export interface CodeSignIn {
  readonly token: string;
  readonly targetURL: string;
  readonly requestMethod: string;
  readonly origin: ReturnType<typeof originOf>;
}

export type CodeResult =
  | { readonly outcome: 'raised'; readonly id: string; readonly expiresAtMs: number; readonly onward: Onward }
  | { readonly outcome: 'malformed' }
  | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'used' | 'no_device' | 'banned' };

/** Six or eight characters apart from spaces: what else is no code, and costs no try. */
const isCodeShaped = (token: string): boolean => {
  const { length } = token.replaceAll(/\s/g, '');
  return length === 6 || length === 8;
};

/** Road 2 of the house, second half: identity uses up the code, session raises the level under a new id. */
export async function signInWithCode(parts: PortalParts, visit: SignedInVisit, body: CodeSignIn): Promise<CodeResult> {
  if (!isCodeShaped(body.token)) return { outcome: 'malformed' };
  const { session, sessionId, origin, domain } = visit;
  const person = session.record.profile;
  const proof = await parts.identity.verifyTotp({ username: person.username, code: body.token, origin: body.origin });
  if (proof.outcome === 'banned') return { outcome: 'refused', reason: 'banned' };
  if (proof.outcome === 'refused') return proof;
  const raised = await parts.session.raise({ id: sessionId, factor: 'totp' });
  if (raised.outcome === 'gone') return { outcome: 'refused', reason: 'wrong' };
  const arrival = {
    targetUrl: body.targetURL,
    method: body.requestMethod,
    level: 2 as const,
    person,
    ip: origin.ip,
    domain,
    defaultRedirectionUrl: domain.defaultRedirectionUrl,
  };
  const way = onward(arrival, parts.settings.domains, parts.live.policy, parts.live.needsSecondFactor);
  return { outcome: 'raised', id: raised.id, expiresAtMs: raised.expiresAtMs, onward: way };
}
