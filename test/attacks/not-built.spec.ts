import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configurationKeys } from '@portcullis/contracts-configuration';
import { beforeAll, expect, it } from 'vitest';
import { describeWith, root } from '../support/index.js';
import { CATALOGUE } from './catalogue.js';
import { startWorld, type World } from './world.js';

/** The routes of what is not built. One that appears brings its attacks with it: give each a test, and take its `waitsFor` out of the catalogue. */
const ROUTES: Readonly<Record<string, readonly string[]>> = {
  'attack 62': [
    '/api/secondfactor/webauthn',
    '/api/secondfactor/webauthn/credentials',
    '/api/secondfactor/webauthn/credential/register',
    '/api/secondfactor/webauthn/credential/1',
    '/api/firstfactor/passkey',
    '/api/secondfactor/password',
  ],
  'attack oidc pkce, redirect and prompt': [
    '/.well-known/openid-configuration',
    '/.well-known/oauth-authorization-server',
    '/jwks.json',
    '/api/oidc/authorization',
    '/api/oidc/token',
    '/api/oidc/userinfo',
    '/api/oidc/introspection',
    '/api/oidc/revocation',
    '/api/oidc/pushed-authorization-request',
    '/api/oidc/consent',
    '/oauth2/authorize',
  ],
  'attack admin': ['/api/admin', '/api/admin/users', '/api/users', '/api/groups', '/api/management', '/scim/v2/Users'],
  'attack tokens': ['/api/user/tokens', '/api/tokens', '/api/user/access-tokens', '/api/user/api-keys'],
};

describeWith(['redis'], 'what is not built', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
    const waiting = CATALOGUE.filter(({ waitsFor }) => waitsFor !== undefined);
    console.info(
      ['Attacks that have no place yet:', ...waiting.map(({ id, attack, waitsFor }) => `  ${id}: ${attack} (waits for ${waitsFor ?? ''})`)].join(
        '\n',
      ),
    );
  });

  it.each(Object.entries(ROUTES))('has no route: %s', async (_attacks, paths) => {
    const john = await world.signIn('john');
    for (const path of paths)
      for (const method of ['GET', 'POST', 'PUT', 'DELETE']) {
        const { status } = await john.send(path, {
          method,
          headers: { 'Content-Type': 'application/json' },
          ...(method === 'GET' ? {} : { body: '{}' }),
        });
        // What will be behind a mailed code asks for it already.
        expect(path.includes('/credential/') ? [403, 404] : [404], `${method} ${path}`).toContain(status);
      }
  });

  it('attack ssrf: no key of the configuration names an address that would be fetched', () => {
    const fetched = Object.entries(configurationKeys).filter(
      ([path, { state }]) => state === 'used' && /webhook|avatar|logo.*url|metadata|jwks_uri|sector_identifier|remote/.test(path),
    );
    expect(fetched).toEqual([]);
  });

  it('attack ssrf: no service has a client of HTTP in it', () => {
    const sources = globSync('{apps/{verify-gateway,identity,session,notifier},libs/*/*}/src/**/*.ts', { cwd: root }).filter(
      (file) => !/\.(spec|fixture)\.ts$|testing\.ts$/.test(file),
    );
    expect(sources.length).toBeGreaterThan(100);
    const clients = sources.filter((file) => {
      const text = readFileSync(join(root, file), 'utf8');
      return /(?<![#.\w])fetch\(|from '(?:undici|axios|got)'|import \{[^}]*\b(?:request|get|connect)\b[^}]*\} from 'node:(?:http|https|http2)'/.test(
        text,
      );
    });
    expect(clients).toEqual([]);
  });
});
