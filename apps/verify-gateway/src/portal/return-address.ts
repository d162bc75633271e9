import { type CompiledPolicy, decide, decideStrictest, readPath } from '@portcullis/domain-policy';
import { hostInScope, isSafeRedirection, parseTarget, type Target } from '@portcullis/domain-redirection';
import type { CookieDomain } from '../verify/portal-url.js';
import type { PortalParts } from './portal-parts.js';

/** Where somebody who just gave a factor goes on to. */
export type Onward =
  | { readonly kind: 'stay' }
  | { readonly kind: 'redirect'; readonly to: string }
  /** The target will answer 403 to this person: it is not gone to. */
  | { readonly kind: 'forbidden' }
  /** The target is of another cookie domain, with a portal of its own. */
  | { readonly kind: 'portal'; readonly at: string };

export interface Arrival {
  readonly targetUrl: string;
  readonly method: string;
  readonly level: 1 | 2;
  readonly person: { readonly username: string; readonly groups: readonly string[] };
  readonly ip: string;
  readonly domain: CookieDomain;
  readonly defaultRedirectionUrl: string | null;
}

const STAY: Onward = { kind: 'stay' };

/** Reference 4.3 and 4.5, portal.md `targetURL`: an unsafe or odd target is ignored, never a reason to refuse. */
export function onward(arrival: Arrival, domains: readonly CookieDomain[], policy: CompiledPolicy, needsSecondFactor: boolean): Onward {
  const { targetUrl, domain, defaultRedirectionUrl, level } = arrival;
  const target = isSafeRedirection(
    targetUrl,
    domains.map((each) => each.domain),
  )
    ? parseTarget(targetUrl)
    : null;
  if (target === null) {
    const home = defaultRedirectionUrl !== null && (level === 2 ? targetUrl === '' : !needsSecondFactor);
    return home ? { kind: 'redirect', to: defaultRedirectionUrl } : STAY;
  }
  const home = domains.find((candidate) => hostInScope(target.host, candidate.domain));
  if (home === undefined) return STAY;
  if (home.domain !== domain.domain) return home.portalUrl === null ? STAY : { kind: 'portal', at: home.portalUrl };
  if (target.host === parseTarget(home.portalUrl ?? '')?.host) return { kind: 'redirect', to: targetUrl };
  return judge(arrival, target, policy);
}

function judge({ targetUrl, method, person, ip, level }: Arrival, target: Target, policy: CompiledPolicy): Onward {
  const path = readPath(target.path);
  if (path === null) return STAY;
  const request = { host: target.host, path: path.path, query: target.query, method: method === '' ? 'GET' : method.toUpperCase(), ip };
  const { policy: required } =
    path.otherPaths.length === 0 ? decide(policy, request, person) : decideStrictest(policy, request, path.otherPaths, person);
  if (required === 'deny') return { kind: 'forbidden' };
  return required === 'two_factor' && level < 2 ? STAY : { kind: 'redirect', to: targetUrl };
}

/** Is this an address that people may be sent on to? */
export const isSafe = ({ settings }: PortalParts, url: string): boolean =>
  isSafeRedirection(
    url,
    settings.domains.map(({ domain }) => domain),
  );

/** The host one will return to, named only where it is one of ours. */
export const destinationOf = (parts: PortalParts, rd: string): string | null => (isSafe(parts, rd) ? (parseTarget(rd)?.host ?? null) : null);
