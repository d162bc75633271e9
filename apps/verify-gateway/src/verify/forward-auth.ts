import type { Dialect } from './dialect.js';
import { forwardedTarget } from './target.js';

/** Caddy, Traefik, HAProxy: X-Forwarded-*, and the answer is passed on to the browser. */
export const forwardAuth: Dialect = {
  implementation: 'ForwardAuth',
  anyMethod: false,
  subPaths: false,
  target: forwardedTarget,
  portalOverride: (_head, query) => query.autheliaUrl,
  usesConfiguredPortal: true,
  refusal: 400,
  redirects: true,
};
