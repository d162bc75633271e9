import { isPortalUrlAllowed } from '@portcullis/domain-redirection';
import { type Dialect, type EndpointQuery } from './dialect.js';
import { type RequestHead } from './request-head.js';

/** A cookie domain of the configuration (Authelia `session.cookies[]`), as a verify needs it. */
export interface CookieDomain {
  readonly domain: string;
  readonly cookieName: string;
  readonly inactivityMs: number;
  /** `authelia_url`; null only with the older `session.domain`. */
  readonly portalUrl: string | null;
  /** Plain http is taken: only below `.localhost`, which browsers treat as a secure context. */
  readonly insecure: boolean;
}

/** Where to sign in (reference 1.3). null: nowhere is known, a refusal stands alone. false: the proxy names a portal that is not ours. */
export function portalFor(dialect: Dialect, head: RequestHead, query: EndpointQuery, domain: CookieDomain): string | null | false {
  const override = dialect.portalOverride(head, query);
  if (override !== null) return isPortalUrlAllowed(override, domain.domain, domain.portalUrl) ? override : false;
  if (!dialect.usesConfiguredPortal) return null;
  return domain.portalUrl ?? false;
}
