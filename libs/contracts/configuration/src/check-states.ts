import type { Report } from './report.js';

interface State {
  readonly path: string;
  /** Whether what stands there matters; by default, whether anything does. */
  readonly when?: (value: unknown) => boolean;
  readonly message: string;
  readonly fix: string;
}

const isOn = (value: unknown): boolean => value === true;
const isEnabled = (value: unknown): boolean => isSection(value) && value['disable'] !== true && Object.keys(value).length > 0;

const REFUSED: readonly State[] = [
  {
    path: 'authentication_backend.ldap',
    message: 'authentication_backend.ldap is not there yet: nobody in that directory could sign in',
    fix: 'use authentication_backend.file, or wait for the release that has it',
  },
  {
    path: 'identity_providers',
    message: 'identity_providers (OpenID Connect) is not there yet: applications that sign in by it could not',
    fix: 'take identity_providers out, or wait for the release that has it',
  },
  {
    path: 'storage.mysql',
    message: 'storage.mysql is not there: the second factors and bans in that database would be missing',
    fix: 'use storage.postgres, storage.local, or no storage section at all',
  },
  {
    path: 'storage.postgres.servers',
    message: 'storage.postgres.servers is not there: servers to fall back to would never be asked',
    fix: 'take it out, and write in storage.postgres.address a name that always leads to the primary',
  },
  {
    path: 'storage.postgres.ssl',
    message: 'storage.postgres.ssl was replaced by storage.postgres.tls',
    fix: 'write for instance\nstorage:\n  postgres:\n    tls:\n      minimum_version: TLS1.2\nand name a private authority in the variable NODE_EXTRA_CA_CERTS',
  },
];

const WITHOUT_EFFECT: readonly State[] = [
  {
    path: 'webauthn',
    when: isEnabled,
    message: 'webauthn has no effect yet: whoever signs in with a security key or a passkey loses that factor and must enrol one-time passwords',
    fix: 'tell them before you switch; `webauthn: {disable: true}` silences this',
  },
  {
    path: 'duo_api',
    when: isEnabled,
    message: 'duo_api has no effect yet: whoever approves sign-ins by Duo push loses that factor and must enrol one-time passwords',
    fix: 'tell them before you switch; `duo_api: {disable: true}` silences this',
  },
  {
    path: 'certificates_directory',
    message: 'certificates_directory has no effect yet: servers with a certificate of a private authority are not trusted by it',
    fix: 'name the authority in the variable NODE_EXTRA_CA_CERTS',
  },
  {
    path: 'server.headers.csp_template',
    message: 'server.headers.csp_template has no effect: the pages bring a strict policy of their own',
    fix: 'remove it',
  },
  {
    path: 'server.endpoints.enable_pprof',
    when: isOn,
    message: 'server.endpoints.enable_pprof has no effect: there is no such endpoint',
    fix: 'remove it',
  },
  {
    path: 'server.endpoints.enable_expvars',
    when: isOn,
    message: 'server.endpoints.enable_expvars has no effect: there is no such endpoint',
    fix: 'remove it',
  },
  {
    path: 'session.redis.high_availability.route_by_latency',
    when: isOn,
    message: 'route_by_latency has no effect: everything is asked of the master, for a replica may be behind',
    fix: 'remove it',
  },
  {
    path: 'session.redis.high_availability.route_randomly',
    when: isOn,
    message: 'route_randomly has no effect: everything is asked of the master, for a replica may be behind',
    fix: 'remove it',
  },
];

const PREFERENCE = ['discouraged', 'preferred', 'required'];

/** Words of keys that have no effect yet: a wrong one is told now, not on the day they have. */
const WORDS: Readonly<Record<string, readonly string[]>> = {
  'webauthn.attestation_conveyance_preference': ['none', 'indirect', 'direct', 'enterprise'],
  'webauthn.selection_criteria.attachment': ['platform', 'cross-platform'],
  'webauthn.selection_criteria.discoverability': PREFERENCE,
  'webauthn.selection_criteria.user_verification': PREFERENCE,
  'webauthn.metadata.cache_policy': ['strict', 'relaxed'],
};

function checkWords(tree: unknown, report: Report): void {
  for (const [path, words] of Object.entries(WORDS)) {
    const value = at(tree, path);
    if (typeof value === 'string' && value !== '' && !words.includes(value))
      report.error(path, `'${value}' is not one of ${words.join(', ')}`, `write ${words.join(' or ')}`);
  }
}

/** What no service can honour: errors where people would be locked out or let in by it, warnings elsewhere. */
export function checkStates(tree: unknown, report: Report): void {
  checkWords(tree, report);
  for (const { path, when = hasContent, message, fix } of REFUSED) if (when(at(tree, path))) report.error(path, message, fix);
  for (const { path, when = hasContent, message, fix } of WITHOUT_EFFECT) if (when(at(tree, path))) report.warning(path, message, fix);
}

/** The paths of what is refused, for the table of keys. */
export const refusedPaths: readonly string[] = REFUSED.map(({ path }) => path);

export function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isSection(value) ? value[key] : undefined), tree);
}

/** An empty section, or one of empty sections, is as none. */
export function hasContent(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  return isSection(value) ? Object.values(value).some(hasContent) : value !== undefined && value !== null && value !== '';
}

function isSection(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
