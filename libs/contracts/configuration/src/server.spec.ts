import { describe, expect, it } from 'vitest';
import { endpointsSection } from './endpoints.js';
import { serverSection } from './server.js';
import { address, readSection } from './testing.js';

const defaults = {
  listen: { kind: 'tcp', host: '', port: 9091 },
  pathPrefix: '',
  trustedProxies: [],
  sharePort: false,
  drainDelayMs: 0,
  healthcheckDisabled: false,
  headLimitBytes: 16_384,
  readTimeoutMs: 6000,
  writeTimeoutMs: 6000,
  idleTimeoutMs: 30_000,
  tls: null,
};

describe('server', () => {
  const read = (server: object) => readSection(serverSection, { server });
  const at = (parts: object) => read({ address: address({ ...parts }) });

  it('has the defaults of reference 7.7', () => {
    expect(readSection(serverSection, {})).toEqual({ value: defaults, problems: [] });
  });

  it.each([
    [
      { scheme: 'tcp', port: 80, path: '/' },
      { listen: { kind: 'tcp', host: '', port: 80 }, pathPrefix: '' },
    ],
    [{ host: '::1' }, { listen: { kind: 'tcp', host: '::1', port: 9091 } }],
    [{ scheme: 'tcp4' }, { listen: { kind: 'tcp', host: '0.0.0.0', port: 9091 } }],
    [{ scheme: 'tcp6', port: 0 }, { listen: { kind: 'tcp', host: '::', port: 0 } }],
    [
      { scheme: 'unix', socketPath: '/run/g.sock', umask: 0o22 },
      { listen: { kind: 'unix', path: '/run/g.sock', umask: 0o22 }, healthcheckDisabled: true },
    ],
    [{ path: '/authelia' }, { pathPrefix: '/authelia' }],
  ])('listens at %j', (parts, value) => {
    expect(at(parts)).toEqual({ value: { ...defaults, ...value }, problems: [] });
  });

  it.each([{ scheme: 'udp' }, { scheme: 'fd', host: '3' }, { path: '/auth/' }, { path: '/a/b' }, { path: '/app-le' }])(
    'refuses the address %j',
    (parts) => {
      expect(at(parts).problems).toEqual([expect.stringContaining('error server.address: ')]);
    },
  );

  it('believes the proxies that are named, and warns of the whole world', () => {
    expect(read({ trusted_proxies: ['10.0.0.0/8', '192.168.1.1', 'fd00::/8', '::1'] })).toMatchObject({
      problems: [],
      value: { trustedProxies: ['10.0.0.0/8', '192.168.1.1', 'fd00::/8', '::1'] },
    });
    expect(read({ trusted_proxies: ['0.0.0.0/0'] }).problems).toEqual([expect.stringContaining('warning server.trusted_proxies[0]: ')]);
    for (const wrong of ['proxy', '10.0.0.0/33', '10.0.0', '1.2.3.999', '010.0.0.1', '::1/129', '1.2.3.4/8/9', ':::']) {
      expect(read({ trusted_proxies: [wrong] }).problems).toEqual([expect.stringContaining('error server.trusted_proxies[0]: ')]);
    }
  });

  it('takes zero and less of a limit as its default', () => {
    expect(read({ buffers: { read: 0 }, timeouts: { read: -1, write: 2000 } }).value).toEqual({ ...defaults, writeTimeoutMs: 2000 });
  });
});

describe('server.tls', () => {
  const read = (tls: object, parts: Readonly<Record<string, unknown>> = {}) =>
    readSection(serverSection, { server: { tls, address: address(parts) } });
  const pair = { certificate: '/c.pem', key: '/k.pem' };

  it('is certificate and key, with or without authorities of the clients', () => {
    const plain = { certificate: '/c.pem', key: '/k.pem', clientCertificates: [], minVersion: 'TLSv1.2', maxVersion: undefined };
    expect(read(pair)).toMatchObject({ problems: [], value: { tls: plain } });
    expect(read({ ...pair, client_certificates: ['/ca.pem'], minimum_version: 'TLS1.3' })).toMatchObject({
      problems: [],
      value: { tls: { ...plain, clientCertificates: ['/ca.pem'], minVersion: 'TLSv1.3' } },
    });
    expect(read({ certificate: '', key: '' })).toMatchObject({ problems: [], value: { tls: null } });
  });

  it.each([
    [{ certificate: '/c.pem' }, 'server.tls: ', 'belong together'],
    [{ key: '/k.pem' }, 'server.tls: ', 'belong together'],
    [{ client_certificates: ['/ca.pem'] }, 'server.tls.client_certificates: ', 'in the clear'],
    [{ ...pair, key: '-----BEGIN PRIVATE KEY-----' }, 'server.tls.key: ', 'the path of a PEM file'],
    [{ ...pair, minimum_version: 'TLS1.1' }, 'server.tls.minimum_version: ', 'TLS1.2'],
    [{ ...pair, minimum_version: 'TLS1.3', maximum_version: 'TLS1.2' }, 'server.tls.maximum_version: ', 'no version is left'],
  ])('refuses %j', (tls, path, says) => {
    expect(read(tls).problems).toEqual([expect.stringMatching(new RegExp(`^error ${path}.*${says}`, 'su'))]);
  });

  it('has no effect on a unix socket, which is said', () => {
    expect(read(pair, { scheme: 'unix', socketPath: '/run/g.sock' })).toMatchObject({
      problems: [expect.stringContaining('warning server.tls: ')],
      value: { tls: null },
    });
  });
});

describe('server.endpoints.authz', () => {
  const read = (authz: object) => readSection(endpointsSection, { server: { endpoints: { authz } } });
  const cookie = { name: 'CookieSession', schemes: [] };
  const header = { name: 'HeaderAuthorization', schemes: ['basic'] };

  it('has four endpoints out of the box', () => {
    expect(readSection(endpointsSection, {}).value?.authz).toEqual([
      {
        name: 'legacy',
        path: '/api/verify',
        implementation: 'Legacy',
        isNamed: false,
        anySubPath: true,
        strategies: [{ name: 'HeaderLegacy', schemes: [] }, cookie],
      },
      {
        name: 'auth-request',
        path: '/api/authz/auth-request',
        implementation: 'AuthRequest',
        isNamed: false,
        anySubPath: false,
        strategies: [header, cookie],
      },
      {
        name: 'forward-auth',
        path: '/api/authz/forward-auth',
        implementation: 'ForwardAuth',
        isNamed: false,
        anySubPath: false,
        strategies: [header, cookie],
      },
      { name: 'ext-authz', path: '/api/authz/ext-authz', implementation: 'ExtAuthz', isNamed: false, anySubPath: true, strategies: [header, cookie] },
    ]);
  });

  it('replaces all of them by those that are named', () => {
    expect(
      read({
        'auth-request/basic': {
          implementation: 'AuthRequest',
          authn_strategies: [{ name: 'HeaderAuthorization', schemes: ['Basic'] }],
        },
        legacy: {},
      }),
    ).toMatchObject({
      problems: [],
      value: {
        authz: [
          { path: '/api/authz/auth-request/basic', strategies: [{ name: 'HeaderAuthorization', schemes: ['basic'] }] },
          { path: '/api/verify', implementation: 'Legacy', isNamed: true },
        ],
      },
    });
  });

  it.each([
    [{ a1: { implementation: 'ForwardAuth' } }, 'a1'],
    [{ '-a': { implementation: 'ForwardAuth' } }, '-a'],
    [{ 'a/': { implementation: 'ForwardAuth' } }, 'a/'],
    [{ a: {} }, 'a.implementation'],
    [{ a: { implementation: 'Forward' } }, 'a.implementation'],
    [{ legacy: { implementation: 'ForwardAuth' } }, 'legacy.implementation'],
    [{ a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'Cookie' }] } }, 'a.authn_strategies[0].name'],
    [{ a: { implementation: 'ForwardAuth', authn_strategies: [{}] } }, 'a.authn_strategies[0].name'],
    [
      { a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'CookieSession' }, { name: 'CookieSession' }] } },
      'a.authn_strategies[1].name',
    ],
    [{ a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'CookieSession', schemes: ['basic'] }] } }, 'a.authn_strategies[0].schemes'],
    [
      { a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'HeaderAuthorization', schemes: ['digest'] }] } },
      'a.authn_strategies[0].schemes',
    ],
    [
      { a: { implementation: 'Legacy', authn_strategies: [{ name: 'HeaderLegacy', scheme_basic_cache_lifespan: 1 }] } },
      'a.authn_strategies[0].scheme_basic_cache_lifespan',
    ],
    [{ pear: { implementation: 'ExtAuthz' }, 'pear/abc': { implementation: 'ForwardAuth' } }, 'pear/abc'],
  ])('refuses %j', (authz, key) => {
    expect(read(authz).problems).toEqual([expect.stringContaining(`error server.endpoints.authz.${key}: `)]);
  });

  it('warns that no password is remembered, whatever the lifespan', () => {
    const readLifespan = (scheme_basic_cache_lifespan: number) =>
      read({ a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'HeaderAuthorization', scheme_basic_cache_lifespan }] } });
    expect(readLifespan(60_000).problems).toEqual([
      expect.stringMatching(
        /^warning server\.endpoints\.authz\.a\.authn_strategies\[0\]\.scheme_basic_cache_lifespan: scheme_basic_cache_lifespan has no effect/u,
      ),
    ]);
    expect(readLifespan(60_000).value?.authz[0]?.strategies).toEqual([header]);
    expect(readLifespan(0).problems).toEqual([]);
  });

  it('warns that bearer tokens are not there', () => {
    const { value, problems } = read({
      a: { implementation: 'ForwardAuth', authn_strategies: [{ name: 'HeaderAuthorization', schemes: ['basic', 'bearer'] }] },
    });
    expect(problems).toEqual([expect.stringContaining('warning server.endpoints.authz.a.authn_strategies[0].schemes: ')]);
    expect(value?.authz[0]?.strategies[0]?.schemes).toEqual(['basic', 'bearer']);
  });
});

describe('rules that look at the query', () => {
  const query = [{ key: 'private', operator: 'absent' }];
  const rules = [{ domain: 'a.b', query }, { domain: 'a.b' }, { domain: 'a.b', query: [] }, { domain: 'c.d', query }];
  const warningsAt = (authz: object, access_control: unknown = { rules }) =>
    readSection(endpointsSection, { access_control, server: { endpoints: { authz } } }).problems;

  it('are named at every ExtAuthz endpoint that is', () => {
    expect(
      warningsAt({ envoy: { implementation: 'ExtAuthz' }, istio: { implementation: 'ExtAuthz' }, caddy: { implementation: 'ForwardAuth' } }),
    ).toEqual([
      expect.stringMatching(/^warning server\.endpoints\.authz\.envoy: rules #1, #4 .* at \/api\/authz\/envoy \(ExtAuthz\)/u),
      expect.stringMatching(/^warning server\.endpoints\.authz\.istio: rules #1, #4 .* at \/api\/authz\/istio \(ExtAuthz\)/u),
    ]);
  });

  it('are not told of where no such endpoint is named, or none of them looks there', () => {
    expect(warningsAt({})).toEqual([]);
    expect(warningsAt({ caddy: { implementation: 'ForwardAuth' } })).toEqual([]);
    for (const none of [null, { rules: 'x' }, { rules: [null, 'x'] }, { rules: [{ domain: 'a.b' }] }]) {
      expect(warningsAt({ envoy: { implementation: 'ExtAuthz' } }, none)).toEqual([]);
    }
  });
});

describe('server.endpoints.rate_limits', () => {
  const MINUTE = 60_000;
  const read = (rate_limits: object) => readSection(endpointsSection, { server: { endpoints: { rate_limits } } });

  it('has the defaults of reference 4.10, of which one follows the lifespan of a mailed code', () => {
    const limits = readSection(endpointsSection, { identity_validation: { elevated_session: { code_lifespan: 2 * MINUTE } } }).value?.rateLimits;
    expect(limits?.reset_password_start).toEqual({
      enabled: true,
      buckets: [
        { requests: 5, periodMs: 10 * MINUTE },
        { requests: 10, periodMs: 15 * MINUTE },
        { requests: 15, periodMs: 30 * MINUTE },
      ],
    });
    expect(limits?.second_factor_totp.buckets.map(({ requests }) => requests)).toEqual([30, 40, 50]);
    expect(limits?.session_elevation_start.buckets.map(({ periodMs }) => periodMs)).toEqual([2 * MINUTE, 4 * MINUTE, 24 * MINUTE]);
  });

  it('may be replaced or switched off one by one', () => {
    const limits = read({ second_factor_totp: { buckets: [{ period: MINUTE, requests: 7 }] }, reset_password_finish: { enable: false } }).value
      ?.rateLimits;
    expect(limits?.second_factor_totp).toEqual({ enabled: true, buckets: [{ periodMs: MINUTE, requests: 7 }] });
    expect(limits?.reset_password_finish.enabled).toBe(false);
  });

  it.each([
    [{ period: 9999, requests: 1 }, 'period'],
    [{ requests: 1 }, 'period'],
    [{ period: MINUTE, requests: 0 }, 'requests'],
    [{ period: MINUTE }, 'requests'],
  ])('refuses the bucket %j', (bucket, key) => {
    expect(read({ second_factor_totp: { buckets: [bucket] } }).problems).toEqual([
      expect.stringContaining(`error server.endpoints.rate_limits.second_factor_totp.buckets[0].${key}: `),
    ]);
  });
});
