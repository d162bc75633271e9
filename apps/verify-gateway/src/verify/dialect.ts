import type { RequestHead } from './request-head.js';
import type { Target, TargetProblem } from './target.js';

/** What the query of an authorization endpoint may say; parsed once per distinct URL. */
export interface EndpointQuery {
  readonly rd: string | null;
  readonly autheliaUrl: string | null;
  /** `auth=basic` */
  readonly basic: boolean;
}

/** The address the proxy asked at. */
export interface OwnAddress {
  /** Path and query without the portal's sub-path. */
  readonly uri: string;
  /** What follows the endpoint's own path, query included. */
  readonly below: string;
}

/** A proxy family: which headers it sends, and which answers it understands (reference 1.2, 1.3, 1.7). One file each. */
export interface Dialect {
  readonly implementation: 'Legacy' | 'ForwardAuth' | 'AuthRequest' | 'ExtAuthz';
  /** GET and HEAD alone, or any method. */
  readonly anyMethod: boolean;
  /** Answers below its path too. */
  readonly subPaths: boolean;
  /** @param ownMethod of the request the proxy made */
  target(head: RequestHead, ip: string, ownMethod: string, own: OwnAddress): Target | TargetProblem;
  /** The portal the proxy names, or null; '' is a name too, and a wrong one. */
  portalOverride(head: RequestHead, query: EndpointQuery): string | null;
  /** Whether `session.cookies[].authelia_url` stands in where the proxy names none. */
  readonly usesConfiguredPortal: boolean;
  /** Where there is no acceptable target or portal. */
  readonly refusal: 400 | 401;
  /** How a browser is sent to sign in; a script always gets 401. */
  readonly redirects: boolean;
}
