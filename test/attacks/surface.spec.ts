import { readFileSync } from 'node:fs';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { describeWith, http, serviceNames } from '../support/index.js';
import { accepted, identityOf, passwordOf, PORTAL_HOST, startWorld, type World } from './world.js';

describeWith(['redis'], 'what can be reached that should not be', () => {
  let world: World;
  beforeAll(async () => {
    world = await startWorld();
  });

  it.each([
    '/metrics',
    '/debug/vars',
    '/debug/pprof/',
    '/debug/pprof/heap',
    '/health/live',
    '/health/../metrics',
    '/actuator/env',
    '/server-status',
    '/.env',
    '/.git/config',
    '/configuration.yml',
    '/portcullis.yml',
    '/users_database.yml',
    '/db.sqlite3',
    '/notification.txt',
    '/static/../configuration.yml',
    '/static/..%2f..%2fconfiguration.yml',
    '/assets/..%2f..%2f..%2fpackage.json',
    '/assets/../../../package.json',
    '/locales/..%2f..%2fpackage.json',
    '/authelia/metrics',
    '/authelia/static/..%2f..%2fpackage.json',
    '/api/admin',
    '/api/admin/users',
    '/api/v1/users',
    '/api/users',
    '/api/metrics',
    '/api/debug',
    '/api/openapi.yml',
    '/authz/forward-auth',
    '/other/api/verify',
    '/auth/api/authz/forward-auth',
  ])('attack 67: %s is not on the port of the portal, for anybody', async (path) => {
    const john = await world.signIn('john');
    for (const who of [world.visitor(), john])
      for (const method of ['GET', 'POST', 'HEAD', 'PUT']) {
        const { status, body } = await who.send(path, { method });
        // The supervisor of a container asks whether the gate lives; that is all it hears.
        if (path === '/health/live' && status === 200) expect(body.length).toBeLessThan(100);
        else expect([400, 403, 404, 405], `${method} ${path} ${body.slice(0, 200)}`).toContain(status);
      }
  });

  it('attack 67: the ports for metrics and health take nothing but that', async () => {
    for (const name of serviceNames) {
      const base = world.portcullis.management(name);
      for (const path of ['/', '/api/state', '/api/firstfactor', '/api/verify', '/api/authz/forward-auth', '/debug/vars', '/../configuration.yml'])
        expect(
          (await http(base, { path, headers: { 'X-Forwarded-Host': PORTAL_HOST, 'X-Forwarded-Proto': 'https' } })).status,
          `${name} ${path}`,
        ).toBe(404);
      for (const method of ['POST', 'PUT', 'DELETE']) expect([404, 405]).toContain((await http(base, { path: '/metrics', method })).status);
    }
  });

  it('attack 67: no answer of the portal, no metric and no log holds a secret of the configuration', async () => {
    const john = await world.signIn('john');
    const { configFile, usersFile } = world.portcullis;
    const secrets = [
      ...leaves(parse(readFileSync(configFile, 'utf8')), /secret|password$|_key$/),
      ...leaves(parse(readFileSync(usersFile, 'utf8')), /^password$/),
    ];
    expect(secrets.length).toBeGreaterThan(4);
    const answers = await Promise.all(
      [
        '/',
        '/api/state',
        '/api/configuration',
        '/api/configuration/password-policy',
        '/api/user/info',
        '/api/portal',
        '/api/user/overview',
        '/api/user/sessions',
        '/api/health',
        '/logout',
        '/enrol',
      ].map(async (path) => (await john.get(path)).body),
    );
    const metrics = await Promise.all(serviceNames.map(async (name) => (await http(world.portcullis.management(name), { path: '/metrics' })).body));
    const shown = [...answers, ...metrics, world.portcullis.logs()].join('\n');
    for (const secret of [...secrets, passwordOf('john'), john.cookies.get('authelia_session')!]) expect(shown).not.toContain(secret);
  });

  it('attack 68: fields and pages that nobody offers give nobody more', async () => {
    const more = {
      groups: ['admins'],
      is_admin: true,
      role: 'admin',
      level: 2,
      authentication_level: 2,
      profile: { groups: ['admins'] },
      __proto__: { groups: ['admins'] },
      constructor: { prototype: { level: 2 } },
    };
    const who = world.visitor();
    await accepted(who.post('/api/firstfactor', { username: 'john', password: passwordOf('john'), ...more }));
    const text = `{"username":"john","password":"${passwordOf('john')}","__proto__":{"level":2,"groups":["admins"]},"keepMeLoggedIn":true}`;
    const other = world.visitor();
    expect((await other.send('/api/firstfactor', { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: text })).status).toBe(200);
    for (const each of [who, other]) {
      await each.post('/api/user/info', more);
      await each.post('/api/user/info/2fa_method', { method: 'totp', ...more });
      expect((await world.verify('https://admin.example.com/', { as: each })).status).toBe(403);
      expect((await world.verify('https://bank.example.com/', { as: each })).status).toBe(302);
      expect(identityOf(await world.verify('https://app.example.com/', { as: each }))[1]).toBe('users,dev');
    }
    for (const query of ['page_size=0', 'page_size=1000000000', 'limit=-1', 'offset=-1', 'limit=1e309', 'username=mary', 'username=*'])
      for (const path of ['/api/user/sessions', '/api/user/history', '/api/user/overview']) {
        const { status, body } = await who.get(`${path}?${query}`);
        expect(status, `${path}?${query}`).toBeLessThan(500);
        expect(body).not.toMatch(/mary/i);
      }
  });
});

/** The texts of a tree whose key is one of those. */
function leaves(tree: unknown, key: RegExp): readonly string[] {
  if (typeof tree !== 'object' || tree === null) return [];
  return Object.entries(tree).flatMap(([name, value]) => (typeof value === 'string' ? (key.test(name) ? [value] : []) : leaves(value, key)));
}
