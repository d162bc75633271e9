import type { Dialect } from './dialect.js';
import { SLOT } from './request-head.js';
import { legacyTarget } from './target.js';

/** `/api/verify`: nginx and Caddy of the older guides. The portal comes from `rd` alone; without it a refusal is a bare 401. */
export const legacy: Dialect = {
  implementation: 'Legacy',
  anyMethod: true,
  subPaths: true,
  target: (head, ip, ownMethod, own) => legacyTarget(head, ip, ownMethod, own.uri),
  portalOverride: (head, query) => query.rd ?? head.get(SLOT['x-authelia-url']) ?? null,
  usesConfiguredPortal: false,
  refusal: 401,
  redirects: true,
};
