import { z } from 'zod';
import { hasContent } from './check-states.js';
import { durationMs, MINUTE_MS, positive, text, texts } from './raw.js';
import { rateLimitsOf, rateLimits } from './rate-limits.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { AuthzEndpoint, AuthzImplementation, AuthzStrategy, AuthzStrategyName, EndpointsConfiguration } from './values.js';

const endpoint = z.object({
  implementation: text,
  authn_strategies: z.array(z.object({ name: text, schemes: texts, scheme_basic_cache_lifespan: durationMs })).optional(),
});
type RawEndpoint = z.output<typeof endpoint>;
type RawStrategy = NonNullable<RawEndpoint['authn_strategies']>[number];

/** Which rules look at the query; what is wrong with them is told by their own section. */
const rules = z.array(z.object({ query: z.unknown().optional() })).optional();

const schema = z.object({
  access_control: z.object({ rules }).optional().catch(undefined),
  server: z.object({ endpoints: z.object({ authz: z.record(z.string(), endpoint).optional(), rate_limits: rateLimits }).optional() }).optional(),
  identity_validation: z.object({ elevated_session: z.object({ code_lifespan: durationMs }).optional() }).optional(),
});

const IMPLEMENTATIONS = ['Legacy', 'ForwardAuth', 'AuthRequest', 'ExtAuthz'] as const;
const STRATEGIES = [
  'CookieSession',
  'HeaderAuthorization',
  'HeaderProxyAuthorization',
  'HeaderAuthRequestProxyAuthorization',
  'HeaderLegacy',
] as const;
const PATH = 'server.endpoints.authz';

/** `server.endpoints`: the authorization endpoints (those named replace the four there are) and the limits of requests. */
export const endpointsSection: Section<EndpointsConfiguration> = defineSection(schema, (raw, report) => {
  const { authz = {}, rate_limits: limits } = raw.server?.endpoints ?? {};
  const named = Object.entries(authz);
  const endpoints = named.length === 0 ? DEFAULT_ENDPOINTS : named.map(([name, value]) => readEndpoint(name, value, report));
  checkNesting(endpoints, report);
  warnOfQueries(endpoints, raw.access_control?.rules ?? [], report);
  const codeMs = positive(raw.identity_validation?.elevated_session?.code_lifespan, 5 * MINUTE_MS);
  return { authz: endpoints, rateLimits: rateLimitsOf(limits ?? {}, codeMs, report) };
});

const strategy = (name: AuthzStrategyName, schemes: AuthzStrategy['schemes'] = []): AuthzStrategy => ({ name, schemes });

function defaultStrategies(implementation: AuthzImplementation): readonly AuthzStrategy[] {
  const header = implementation === 'Legacy' ? strategy('HeaderLegacy') : strategy('HeaderAuthorization', ['basic']);
  return [header, strategy('CookieSession')];
}

function makeEndpoint(name: string, implementation: AuthzImplementation, isNamed: boolean, strategies: readonly AuthzStrategy[] = []): AuthzEndpoint {
  const path = name === 'legacy' ? '/api/verify' : `/api/authz/${name}`;
  const anySubPath = implementation === 'Legacy' || implementation === 'ExtAuthz';
  return { name, path, implementation, isNamed, anySubPath, strategies: strategies.length === 0 ? defaultStrategies(implementation) : strategies };
}

/** Out of the box. */
const DEFAULT_ENDPOINTS: readonly AuthzEndpoint[] = [
  makeEndpoint('legacy', 'Legacy', false),
  makeEndpoint('auth-request', 'AuthRequest', false),
  makeEndpoint('forward-auth', 'ForwardAuth', false),
  makeEndpoint('ext-authz', 'ExtAuthz', false),
];

function readEndpoint(name: string, raw: RawEndpoint, report: Report): AuthzEndpoint {
  const path = `${PATH}.${name}`;
  if (!/^[a-z](?:[a-z/-]*[a-z])?$/iu.test(name)) {
    report.error(path, `the endpoint name '${name}' may hold only letters, and - and / within`, `write for instance ${PATH}.forward-auth`);
  }
  const written = raw.implementation ?? (name === 'legacy' ? 'Legacy' : '');
  const implementation = IMPLEMENTATIONS.find((known) => known === written);
  if (implementation === undefined) {
    const message = written === '' ? `${path}.implementation is required` : `'${written}' is not one of ${IMPLEMENTATIONS.join(', ')}`;
    report.error(`${path}.implementation`, message, `write one of ${IMPLEMENTATIONS.join(', ')}`);
  } else if (name === 'legacy' && implementation !== 'Legacy') {
    report.error(
      `${path}.implementation`,
      `${path} must have the implementation Legacy, not ${implementation}`,
      'write Legacy, or give the endpoint another name',
    );
  }
  const strategies = raw.authn_strategies ?? [];
  const read = strategies.flatMap((entry, index) => readStrategy(entry, `${path}.authn_strategies[${index}]`, report));
  const names = read.map((entry) => entry.name);
  names.forEach((each, index) => {
    if (names.indexOf(each) !== index)
      report.error(`${path}.authn_strategies[${index}].name`, `${path} names the strategy ${each} twice`, 'remove one');
  });
  return makeEndpoint(name, implementation ?? 'ForwardAuth', true, read);
}

function readStrategy(raw: RawStrategy, path: string, report: Report): AuthzStrategy[] {
  const name = STRATEGIES.find((known) => known === raw.name);
  if (name === undefined) {
    report.error(
      `${path}.name`,
      raw.name === undefined ? `${path}.name is required` : `'${raw.name}' is not one of ${STRATEGIES.join(', ')}`,
      `write one of ${STRATEGIES.join(', ')}`,
    );
    return [];
  }
  const hasSchemes = name.startsWith('Header') && name !== 'HeaderLegacy';
  if (!hasSchemes && (raw.schemes ?? []).length > 0) report.error(`${path}.schemes`, `the strategy ${name} has no schemes`, 'remove schemes');
  const schemes = hasSchemes ? readSchemes(raw.schemes ?? [], `${path}.schemes`, report) : [];
  const caches = (raw.scheme_basic_cache_lifespan ?? 0) > 0;
  if (caches && !schemes.includes('basic')) {
    report.error(`${path}.scheme_basic_cache_lifespan`, 'scheme_basic_cache_lifespan needs the scheme basic', 'add basic to schemes, or remove it');
  } else if (caches) {
    report.warning(
      `${path}.scheme_basic_cache_lifespan`,
      'scheme_basic_cache_lifespan has no effect: a password in a header is checked at every request, so that a changed one is refused at once',
      'remove it; a script that asks often costs less with a session cookie',
    );
  }
  return [{ name, schemes }];
}

function readSchemes(written: readonly string[], path: string, report: Report): AuthzStrategy['schemes'] {
  if (written.length === 0) return ['basic'];
  return written.flatMap((each) => {
    const scheme = each.toLowerCase();
    if (scheme === 'basic') return [scheme];
    if (scheme === 'bearer')
      report.warning(path, 'the scheme bearer has no effect yet: there is no OpenID Connect provider that gives out tokens', 'remove it');
    else report.error(path, `'${each}' is not one of basic, bearer`, 'write basic');
    return scheme === 'bearer' ? [scheme] : [];
  });
}

/** An endpoint that answers below its path leaves no room there for another. */
function checkNesting(endpoints: readonly AuthzEndpoint[], report: Report): void {
  for (const outer of endpoints) {
    const inner = endpoints.find(({ path }) => outer.anySubPath && path.startsWith(`${outer.path}/`));
    if (inner !== undefined)
      report.error(`${PATH}.${inner.name}`, `${inner.path} lies below ${outer.path}, which answers there itself`, 'choose another name');
  }
}

/** Rules that look at the query mean less where Authelia has none, and other things than they say where we have one. */
function warnOfQueries(endpoints: readonly AuthzEndpoint[], written: NonNullable<z.output<typeof rules>>, report: Report): void {
  const numbers = written.flatMap(({ query }, index) => (hasContent(query) ? [`#${index + 1}`] : []));
  if (numbers.length === 0) return;
  for (const { name, path } of endpoints.filter(({ implementation, isNamed }) => isNamed && implementation === 'ExtAuthz')) {
    report.warning(
      `${PATH}.${name}`,
      `rules ${numbers.join(', ')} look at the query, which Authelia does not see at ${path} (ExtAuthz), so that they could be evaded there: ` +
        'here every rule is asked with the query and without it, and the stricter answer counts. A query closes there, it never opens',
      'let no site behind this endpoint rely on a query to open something, and have the proxy send the query behind the path, as Envoy does',
    );
  }
}
