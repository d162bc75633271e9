import { isPortalUrlAllowed, type PortalUrlSource } from '@portcullis/domain-redirection';
import type { Dialect, EndpointQuery } from './dialect.js';
import type { RequestHead } from './request-head.js';

/** A cookie domain of the configuration (Authelia `session.cookies[]`), as a verify needs it. */
export interface CookieDomain {
  readonly domain: string;
  readonly cookieName: string;
  readonly inactivityMs: number;
  /** `authelia_url`; null only with the older `session.domain`. */
  readonly portalUrl: string | null;
}

/** Where to sign in (reference 1.3). null: nowhere is known, a refusal stands alone. false: the proxy names a portal that is not ours. */
export function portalFor(dialect: Dialect, head: RequestHead, query: EndpointQuery, domain: CookieDomain): string | null | false {
  const override = dialect.portalOverride(head, query);
  if (override !== null) return judge(override, domain, dialect.usesConfiguredPortal ? 'authelia_url' : 'rd');
  if (!dialect.usesConfiguredPortal) return null;
  return domain.portalUrl ?? false;
}

const MAX_JUDGED = 256;
type Verdicts = WeakMap<CookieDomain, Map<string, string | false>>;
/** One memory for each source: what is a portal as `rd` may be none as `authelia_url`. */
const judged: Readonly<Record<PortalUrlSource, Verdicts>> = { rd: new WeakMap(), authelia_url: new WeakMap() };

/** A proxy names the same portal in every request: the verdict is remembered, in bounds. */
function judge(override: string, domain: CookieDomain, source: PortalUrlSource): string | false {
  let verdicts = judged[source].get(domain);
  if (verdicts === undefined || verdicts.size >= MAX_JUDGED) judged[source].set(domain, (verdicts = new Map<string, string | false>()));
  const known = verdicts.get(override);
  if (known !== undefined) return known;
  const verdict = isAscii(override) && isPortalUrlAllowed(override, domain.domain, domain.portalUrl, source) ? override : false;
  verdicts.set(override, verdict);
  return verdict;
}

/** It becomes a header as it is. */
const isAscii = (text: string): boolean => /^[\x21-\x7e]*$/.test(text);
