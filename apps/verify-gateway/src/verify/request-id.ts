import { newRequestId } from '@portcullis/platform-telemetry';

const REQUEST_ID = /^[A-Za-z0-9_-]{8,64}$/;

/** The proxy's own id of a request (X-Request-Id) where it looks like one, so that what a page quotes stands in the log; else a new one. */
export const requestIdOf = (given: string | undefined): string => (given !== undefined && REQUEST_ID.test(given) ? given : newRequestId());
