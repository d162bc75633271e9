import { type Answer, type bannedData, ko, MESSAGES } from '@portcullis/contracts-portal-api';
import type { z } from 'zod';

/** An answer that ends a request of the portal: nothing was changed. */
export class PortalRefusal extends Error {
  readonly code = 'PORTAL_REFUSAL';
  override readonly name = 'PortalRefusal';
  /** @param body JSON for an Answer, plain text for a string */
  constructor(
    readonly status: number,
    readonly body: Answer<unknown> | string,
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(`${status}`);
  }
}

export const malformed = (what: string): PortalRefusal => new PortalRefusal(400, ko(what));
/** Level 1 is missing (reference 4.1). */
export const forbidden = (): PortalRefusal => new PortalRefusal(403, '403 Forbidden');
/** Too many wrong codes of a second factor: until when is told to whoever gave the first. */
export function codesBanned(untilMs: number | null): PortalRefusal {
  const data: z.output<typeof bannedData> = { banned_until: untilMs === null ? null : new Date(untilMs).toISOString() };
  return new PortalRefusal(403, { status: 'KO', message: MESSAGES.codesBanned, data });
}
/** A store is away: nobody is told to check their password. */
export const unavailable = (): PortalRefusal =>
  new PortalRefusal(503, ko('The service is not available right now. Please try again in a moment.'), { 'Retry-After': '2' });
