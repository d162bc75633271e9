import { describe, expect, it } from 'vitest';
import { changesNeedingRestart } from './restart.js';
import { rpcSection } from './rpc.js';
import { readSection } from './testing.js';

const problemsOf = (tree: Readonly<Record<string, unknown>>) => readSection(rpcSection, tree).problems;

describe('what is not there yet', () => {
  it.each([
    [{ authentication_backend: { ldap: { address: 'ldap://x' } } }, 'authentication_backend.ldap'],
    [{ identity_providers: { oidc: { hmac_secret: 'x' } } }, 'identity_providers'],
    [{ storage: { mysql: { address: 'x' } } }, 'storage.mysql'],
    [{ storage: { postgres: { servers: [{ address: 'x' }] } } }, 'storage.postgres.servers'],
    [{ storage: { postgres: { ssl: { mode: 'require' } } } }, 'storage.postgres.ssl'],
  ])('refuses %j for every service, by name', (tree, path) => {
    expect(problemsOf(tree)).toEqual([expect.stringContaining(`error ${path}: ${path}`)]);
  });

  it.each([{ identity_providers: {} }, { identity_providers: { oidc: { clients: [] } } }, { storage: { mysql: {} } }])(
    'takes the empty %j as nothing',
    (tree) => {
      expect(problemsOf(tree)).toEqual([]);
    },
  );

  it.each([
    [{ webauthn: { display_name: 'x' } }, 'webauthn', 'security key or a passkey'],
    [{ duo_api: { hostname: 'x' } }, 'duo_api', 'Duo push'],
    [{ certificates_directory: '/certs' }, 'certificates_directory', 'private authority'],
    [{ server: { endpoints: { enable_pprof: true } } }, 'server.endpoints.enable_pprof', 'no such endpoint'],
  ])('warns of %j, and says who is concerned', (tree, path, message) => {
    const [problem] = problemsOf(tree);
    expect(problem).toContain(`warning ${path}: `);
    expect(problem).toContain(message);
  });

  it.each([{ webauthn: { disable: true } }, { duo_api: { disable: true } }, { duo_api: {} }])('is silent about %j', (tree) => {
    expect(problemsOf(tree)).toEqual([]);
  });
});

describe('changesNeedingRestart', () => {
  const before = { theme: 'light', access_control: { rules: [1] }, definitions: {}, session: { name: 'a', cookies: [{ domain: 'a.b' }] } };

  it('names no change of what is live', () => {
    expect(changesNeedingRestart(before, { ...before, access_control: { rules: [2] }, definitions: { network: {} } })).toEqual([]);
  });

  it('names the others by their paths, whatever the order', () => {
    expect(
      changesNeedingRestart(before, {
        session: { cookies: [{ domain: 'c.d' }], name: 'a' },
        definitions: {},
        access_control: before.access_control,
        log: { level: 'debug' },
      }),
    ).toEqual(['log', 'session.cookies', 'theme']);
  });
});
