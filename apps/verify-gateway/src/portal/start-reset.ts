import type { PortalParts } from './portal-parts.js';

/**
 * Asks for a link, at most as often for one name as for one address: mails from many addresses must not bury somebody, nor end the link
 * they wait for. Beyond that nothing happens, and the answer is the same.
 */
export async function startReset(
  parts: PortalParts,
  request: { readonly username: string; readonly ip: string; readonly domain: string },
): Promise<void> {
  const waitMs = await parts.limits.take('reset_password_start', `name ${request.username.toLowerCase()}`);
  if (waitMs === 0) await parts.identity.startReset(request);
}
