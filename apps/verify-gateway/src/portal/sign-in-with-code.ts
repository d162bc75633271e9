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

interface Raised {
  readonly outcome: 'raised';
  readonly id: string;
  readonly expiresAtMs: number;
  readonly onward: Onward;
}
interface Banned {
  readonly outcome: 'banned';
  /** null: until somebody lifts it. */
  readonly untilMs: number | null;
}

export type CodeResult =
  Raised | Banned | { readonly outcome: 'malformed' } | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'used' | 'no_device' };

export type RecoveryResult = Raised | Banned | { readonly outcome: 'refused'; readonly reason: 'wrong' | 'used' | 'none' };

/** Six or eight characters apart from spaces: what else is no code, and costs no try. */
const isCodeShaped = (token: string): boolean => {
  const { length } = token.replaceAll(/\s/g, '');
  return length === 6 || length === 8;
};

/** Road 2 of the house, second half: identity uses up the code, session raises the level under a new id. */
export async function signInWithCode(parts: PortalParts, visit: SignedInVisit, body: CodeSignIn): Promise<CodeResult> {
  if (!isCodeShaped(body.token)) return { outcome: 'malformed' };
  const { username } = visit.session.record.profile;
  const proof = await parts.identity.verifyTotp({ username, code: body.token, origin: body.origin });
  return proof.outcome === 'verified' ? ((await raiseLevel(parts, visit, body)) ?? { outcome: 'refused', reason: 'wrong' }) : proof;
}

/** The same with one of the codes that stand in for a lost device. */
export async function signInWithRecoveryCode(parts: PortalParts, visit: SignedInVisit, body: CodeSignIn): Promise<RecoveryResult> {
  const { username } = visit.session.record.profile;
  const proof = await parts.identity.verifyRecoveryCode({ username, code: body.token, origin: body.origin });
  return proof.outcome === 'verified' ? ((await raiseLevel(parts, visit, body)) ?? { outcome: 'refused', reason: 'wrong' }) : proof;
}

/** After a right code: two factors under a new id, and where to go on to. null: the session has ended meanwhile. */
export async function raiseLevel(
  parts: PortalParts,
  { session, sessionId, origin, domain }: SignedInVisit,
  { targetURL, requestMethod }: Pick<CodeSignIn, 'targetURL' | 'requestMethod'>,
): Promise<Raised | null> {
  const raised = await parts.session.raise({ id: sessionId, factor: 'totp' });
  if (raised.outcome === 'gone') return null;
  const arrival = {
    targetUrl: targetURL,
    method: requestMethod,
    level: 2 as const,
    person: session.record.profile,
    ip: origin.ip,
    domain,
    defaultRedirectionUrl: domain.defaultRedirectionUrl,
  };
  const way = onward(arrival, parts.settings.domains, parts.live.policy, parts.live.needsSecondFactor);
  return { outcome: 'raised', id: raised.id, expiresAtMs: raised.expiresAtMs, onward: way };
}
