import { isInside } from './scope.js';
import { parseTarget, type Target } from './target.js';

/**
 * Where a proxy names the portal: `rd` of the legacy endpoint, where a port or a query of its own has always been taken;
 * `authelia_url` (also as a header), where only the configured portal itself is.
 */
export type PortalUrlSource = 'rd' | 'authelia_url';

/**
 * Whether people may be sent to sign in at an address that came with the request: inside the cookie domain, https, and, where
 * one is configured (`session.cookies[].authelia_url`), the portal of that domain. A neighbour that somebody else runs below
 * the same domain could otherwise collect passwords.
 */
export function isPortalUrlAllowed(override: string, cookieDomain: string, configured: string | null, source: PortalUrlSource): boolean {
  const portal = parseTarget(override);
  if (portal === null || portal.fragment !== '' || override.includes('#')) return false;
  if ((portal.scheme !== 'https' && portal.scheme !== 'http') || !isInside(portal, cookieDomain)) return false;
  if (configured === null) return true;
  const own = parseTarget(configured);
  if (own === null || own.host !== portal.host || own.scheme !== portal.scheme) return false;
  return source === 'rd' || isSamePlace(portal, own);
}

function isSamePlace(a: Target, b: Target): boolean {
  return port(a) === port(b) && directory(a) === directory(b) && a.query === b.query;
}

function port({ scheme, port: given }: Target): number {
  return given ?? (scheme === 'https' || scheme === 'wss' ? 443 : 80);
}

function directory({ path }: Target): string {
  return path.endsWith('/') ? path : `${path}/`;
}
