import type { ServerResponse } from 'node:http';
import type { CookieDomain } from './portal-url.js';
import type { Endpoint } from './routes.js';
import type { Target } from './target.js';

/** All that a verify knows of a request before it knows who asks. Outlives the shared RequestHead, which the next request overwrites. */
export interface Question {
  readonly res: ServerResponse;
  readonly endpoint: Endpoint;
  readonly target: Target;
  readonly domain: CookieDomain;
  /** Where to sign in; null: unknown. */
  readonly portal: string | null;
  /** `auth=basic`: credentials are mandatory (reference 1.4, HeaderLegacy). */
  readonly basicRequired: boolean;
  readonly sessionId: string | null;
  readonly authorization: string | undefined;
  readonly proxyAuthorization: string | undefined;
  readonly sessionUsername: string | undefined;
  readonly accept: string | undefined;
  readonly requestedWith: string | undefined;
  readonly requestId: string | undefined;
  /** performance.now() at the first byte read. */
  readonly startedAt: number;
}
