import type { Dialect, EndpointQuery } from './dialect.js';

export type StrategyName =
  'CookieSession' | 'HeaderAuthorization' | 'HeaderProxyAuthorization' | 'HeaderAuthRequestProxyAuthorization' | 'HeaderLegacy';

/** One authorization endpoint (Authelia `server.endpoints.authz.<name>`). */
export interface Endpoint {
  readonly name: string;
  /** Its place in the metrics. */
  readonly slot: number;
  readonly path: string;
  readonly dialect: Dialect;
  readonly strategies: readonly StrategyName[];
}

export interface Route {
  readonly endpoint: Endpoint;
  readonly query: EndpointQuery;
  /** Path and query without the portal's sub-path. */
  readonly uri: string;
  /** What follows the endpoint's path, query included. */
  readonly below: string;
}

const MAX_ROUTES = 1024;

/** Finds the endpoint of a URL, at `/` and below the portal's sub-path. A proxy asks with few distinct URLs: those are remembered. */
export class Routes {
  readonly #known = new Map<string, Route>();
  readonly #exact: ReadonlyMap<string, Endpoint>;
  readonly #prefixes: readonly Endpoint[];

  /** @param subPath `''` or `/authelia` */
  constructor(
    endpoints: readonly Endpoint[],
    private readonly subPath: string,
  ) {
    this.#exact = new Map(endpoints.map((endpoint) => [endpoint.path, endpoint]));
    // The longest first, so that an endpoint below another keeps its own path.
    this.#prefixes = endpoints.filter(({ dialect }) => dialect.subPaths).sort((a, b) => b.path.length - a.path.length);
  }

  match(url: string): Route | null {
    const known = this.#known.get(url);
    if (known !== undefined) return known;
    const route = this.#find(this.#strip(url));
    // Paths below an endpoint are the clients' own: remembering them would be remembering everything.
    if (route === null || (route.below !== '' && !route.below.startsWith('?'))) return route;
    if (this.#known.size >= MAX_ROUTES) this.#known.clear();
    this.#known.set(url, route);
    return route;
  }

  #strip(url: string): string {
    const { subPath } = this;
    return subPath !== '' && url.startsWith(`${subPath}/`) ? url.slice(subPath.length) : url;
  }

  #find(uri: string): Route | null {
    const question = uri.indexOf('?');
    const path = question === -1 ? uri : uri.slice(0, question);
    const endpoint = this.#exact.get(path) ?? this.#prefixes.find((candidate) => path.startsWith(`${candidate.path}/`));
    if (endpoint === undefined) return null;
    return { endpoint, query: readQuery(question === -1 ? '' : uri.slice(question + 1)), uri, below: uri.slice(endpoint.path.length) };
  }
}

function readQuery(query: string): EndpointQuery {
  const parameters = new URLSearchParams(query);
  return { rd: parameters.get('rd'), autheliaUrl: parameters.get('authelia_url'), basic: parameters.get('auth') === 'basic' };
}
