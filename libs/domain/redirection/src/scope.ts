import { parseTarget, type Target } from './target.js';

/** Whether the host is the cookie domain or lies below it; case and IPv6 brackets do not count, a port must be gone. */
export function hostInScope(host: string, domain: string): boolean {
  const name = plain(host);
  const scope = plain(domain);
  if (scope === '' || name === '') return false;
  if (name === scope) return true;
  return !isAddress(scope) && name.endsWith(`.${scope}`) && name.length > scope.length + 1;
}

/**
 * Whether a session cookie of the domain may travel by this scheme: https and wss. Below `.localhost`, which browsers treat
 * as secure, http and ws too.
 */
export function isSchemeAllowed(scheme: string, domain: string): boolean {
  if (scheme === 'https' || scheme === 'wss') return true;
  return (scheme === 'http' || scheme === 'ws') && hostInScope(domain, 'localhost');
}

/** Whether people may be sent to the address after signing in or out: a secure scheme, any port, inside a cookie domain. */
export function isSafeRedirection(url: string, cookieDomains: readonly string[]): boolean {
  const target = parseTarget(url);
  return target !== null && cookieDomains.some((domain) => isInside(target, domain));
}

export function isInside({ scheme, host }: Target, domain: string): boolean {
  return hostInScope(host, domain) && isSchemeAllowed(scheme, domain);
}

function plain(host: string): string {
  return host.toLowerCase().replace(/^\[(.*)\]$/, '$1');
}

/** An IP address has nothing below it. */
function isAddress(scope: string): boolean {
  return scope.includes(':') || /^\d+(?:\.\d+){3}$/.test(scope);
}
