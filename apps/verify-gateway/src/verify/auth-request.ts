import type { Dialect } from './dialect.js';
import { originalTarget } from './target.js';

/** nginx `auth_request`: X-Original-*, and it understands 2xx, 401 and 403 alone; the redirect goes out as a 401 with Location. */
export const authRequest: Dialect = {
  implementation: 'AuthRequest',
  anyMethod: false,
  subPaths: false,
  target: originalTarget,
  portalOverride: (_head, query) => query.autheliaUrl,
  usesConfiguredPortal: true,
  refusal: 400,
  redirects: false,
};
