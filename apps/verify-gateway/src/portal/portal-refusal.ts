import { type Answer, ko } from '@portcullis/contracts-portal-api';

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
/** A store is away: nobody is told to check their password. */
export const unavailable = (): PortalRefusal =>
  new PortalRefusal(503, ko('The service is not available right now. Please try again in a moment.'), { 'Retry-After': '2' });
