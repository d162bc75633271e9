import { describe, expect, it } from 'vitest';
import { accessControlSection } from './access-control.js';
import { auditSection } from './audit.js';
import { configurationHistorySection } from './configuration-history.js';
import { authenticationBackendSection } from './authentication-backend.js';
import { refusedPaths } from './check-states.js';
import { endpointsSection } from './endpoints.js';
import { identityValidationSection } from './identity-validation.js';
import { configurationKeys } from './keys.js';
import { logSection } from './log.js';
import { configurationMappings } from './mappings.js';
import { notifierSection } from './notifier.js';
import { passwordPolicySection } from './password-policy.js';
import { portalSection } from './portal.js';
import { redisSection } from './redis.js';
import { regulationSection } from './regulation.js';
import { rpcSection } from './rpc.js';
import type { Section } from './section.js';
import { serverSection } from './server.js';
import { sessionSection } from './session.js';
import { storageSection, storeSection } from './storage.js';
import { configurationTables } from './tables.js';
import { telemetrySection } from './telemetry.js';
import { totpSection } from './totp.js';

const never = (): never => {
  throw new Error('not called');
};
const sections: readonly Section<unknown>[] = [
  accessControlSection({ compilePolicy: never }),
  auditSection,
  configurationHistorySection,
  authenticationBackendSection({
    digestOptionProblems: never,
    get DIGEST_DEFAULTS() {
      return never();
    },
  }),
  endpointsSection,
  identityValidationSection,
  logSection,
  notifierSection,
  passwordPolicySection,
  portalSection,
  redisSection,
  regulationSection,
  rpcSection,
  serverSection,
  sessionSection,
  storageSection,
  storeSection,
  telemetrySection,
  totpSection,
];

interface Definition {
  readonly type: string;
  readonly shape?: Readonly<Record<string, Schema>>;
  readonly innerType?: Schema;
  readonly element?: Schema;
  readonly valueType?: Schema;
}
interface Schema {
  readonly def: Definition;
}

const scalars = ['string', 'number', 'boolean', 'enum', 'unknown', 'union', 'pipe', 'nullable'];

/** Every key a schema reads, spelt as in the table. */
function keysOf({ def }: Schema, path: string): string[] {
  if (def.innerType !== undefined) return keysOf(def.innerType, path);
  if (def.shape !== undefined && isSplitAddress(def.shape)) return [path];
  if (def.shape !== undefined) return Object.entries(def.shape).flatMap(([key, schema]) => keysOf(schema, path === '' ? key : `${path}.${key}`));
  if (def.valueType !== undefined) return keysOf(def.valueType, `${path}.*`);
  if (def.element !== undefined) return scalars.includes(def.element.def.type) ? [path] : keysOf(def.element, `${path}[]`);
  return [path];
}

const isSplitAddress = (shape: object): boolean => 'socketPath' in shape;

const read = new Set(sections.flatMap((section) => keysOf(section.schema as unknown as Schema, '')));
const known = Object.entries(configurationKeys);

describe('the table of keys', () => {
  it('marks as used exactly what a section reads', () => {
    const used = known.filter(([, { state }]) => state === 'used').map(([path]) => path);
    expect(used.filter((path) => !read.has(path))).toEqual([]);
    // A section may look at a key it does not honour, to tell what is disabled or configured elsewhere.
    const glances = [
      'webauthn.disable',
      'duo_api.disable',
      'authentication_backend.ldap',
      'storage.mysql',
      'session.redis',
      'notifier.filesystem',
      'server.endpoints.authz.*.authn_strategies[].scheme_basic_cache_lifespan',
    ];
    expect([...read].filter((path) => !used.includes(path)).sort()).toEqual(glances.sort());
  });

  it('marks as refused exactly what stops the start', () => {
    expect(
      known
        .filter(([, { state }]) => state === 'refused')
        .map(([path]) => path)
        .sort(),
    ).toEqual([...refusedPaths].sort());
  });

  it.each([
    'theme',
    'server.endpoints.authz.*.authn_strategies[].name',
    'session.cookies[].authelia_url',
    'storage.local.path',
    'webauthn.filtering.permitted_aaguids',
  ])('knows %s', (path) => {
    expect(configurationKeys).toHaveProperty([path]);
  });
});

describe('the table of old names', () => {
  it('leads to keys that are known, or to other old names', () => {
    const old = configurationMappings.flatMap(({ from }) => from);
    const targets = configurationMappings.flatMap((mapping) => ('to' in mapping ? [mapping.to] : []));
    const whole = known.flatMap(([path, { kind }]) => (kind === 'any' ? [path] : []));
    const isKnown = (path: string): boolean =>
      path in configurationKeys || old.includes(path) || whole.some((section) => path.startsWith(`${section}.`));
    expect(targets.filter((path) => !isKnown(path))).toEqual([]);
  });

  it('holds no key that is in use', () => {
    const old = configurationMappings.flatMap(({ from }) => from);
    expect(old.filter((path) => path in configurationKeys)).toEqual([]);
  });

  it('gives every key its own variable', () => {
    const settable = Object.keys(configurationTables.keys).filter((path) => !/[[*]/u.test(path));
    const names = settable.map((path) => path.replaceAll('.', '_').toUpperCase());
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });
});
