import type { PortalOrigin } from '../verify/target.js';

/**
 * May this request change anything? A browser says where it comes from: Sec-Fetch-Site (Fetch Metadata) and Origin (RFC 6454); both must
 * name the portal itself. Neither header: a script, which holds no ambient cookie it did not mean to send.
 */
export function isSameOrigin(origin: PortalOrigin, secFetchSite: string | undefined, originHeader: string | undefined): boolean {
  if (secFetchSite !== undefined && secFetchSite !== 'same-origin' && secFetchSite !== 'none') return false;
  return originHeader === undefined || originHeader.toLowerCase() === `${origin.scheme}://${withoutDefaultPort(origin)}`;
}

function withoutDefaultPort({ scheme, authority }: PortalOrigin): string {
  const port = scheme === 'https' ? ':443' : ':80';
  return authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
}
