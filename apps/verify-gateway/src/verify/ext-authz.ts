import type { Dialect } from './dialect.js';
import { SLOT } from './request-head.js';
import { closingTarget, requestLineTarget } from './target.js';

/** Envoy `ext_authz`: the request line and Host are the client's, behind the endpoint's path. */
export const extAuthz: Dialect = {
  implementation: 'ExtAuthz',
  anyMethod: true,
  subPaths: true,
  target: (head, ip, ownMethod, own) => requestLineTarget(head, ip, ownMethod, own.below),
  portalOverride: (head) => head.get(SLOT['x-authelia-url']) ?? null,
  usesConfiguredPortal: true,
  refusal: 400,
  redirects: true,
};

/** One that the operator names in `server.endpoints.authz`: rules that look at the query close there too. */
export const namedExtAuthz: Dialect = { ...extAuthz, target: (head, ip, ownMethod, own) => closingTarget(head, ip, ownMethod, own.below) };
