import { describe, expect, it } from 'vitest';
import { readSection } from './testing.js';
import { redisSection } from './redis.js';
import { sessionFactsSection, sessionSection } from './session.js';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const cookie = { domain: 'example.com', authelia_url: 'https://auth.example.com' };
const settings = { name: 'authelia_session', sameSite: 'lax', expirationMs: HOUR, inactivityMs: 300_000, rememberMeMs: 30 * DAY };

const read = (session: object, rest = {}) => readSection(sessionSection, { session, ...rest });
const readCookie = (own: object) => read({ cookies: [{ ...cookie, ...own }] });

describe('session.cookies', () => {
  it('has the defaults of reference 3.1', () => {
    expect(read({ cookies: [cookie] })).toEqual({
      problems: [],
      value: {
        secrets: [],
        cookies: [{ ...settings, domain: 'example.com', autheliaUrl: 'https://auth.example.com', defaultRedirectionUrl: null }],
        redisOutage: 'refuse',
      },
    });
  });

  it('inherits from the session, and may differ', () => {
    const { value } = read({
      name: 'sid',
      expiration: 2 * HOUR,
      remember_me: -1000,
      cookies: [cookie, { domain: 'other.test', authelia_url: 'https://auth.other.test', name: 'sid2', remember_me: DAY, same_site: 'strict' }],
    });
    expect(value?.cookies).toMatchObject([
      { name: 'sid', expirationMs: 2 * HOUR, rememberMeMs: null, sameSite: 'lax' },
      { name: 'sid2', expirationMs: 2 * HOUR, rememberMeMs: DAY, sameSite: 'strict' },
    ]);
  });

  it('takes zero and less as the default, but -1 as never remembered', () => {
    expect(read({ expiration: 0, inactivity: -5000, remember_me: 0, cookies: [cookie] }).value?.cookies[0]).toMatchObject(settings);
    expect(read({ remember_me: -1000, cookies: [cookie] }).value?.cookies[0]).toMatchObject({ rememberMeMs: null });
  });

  it.each([
    ['https://auth.example.com', 'https://auth.example.com'],
    ['https://auth.example.com/', 'https://auth.example.com/'],
    ['https://example.com/authelia', 'https://example.com/authelia/'],
    ['https://AUTH.example.com:8443/gate/', 'https://AUTH.example.com:8443/gate/'],
  ])('takes the portal %s', (written, autheliaUrl) => {
    expect(readCookie({ authelia_url: written }).value?.cookies[0]).toMatchObject({ autheliaUrl });
  });

  it('allows http below .localhost alone', () => {
    const demonstration = {
      domain: 'portcullis.localhost',
      authelia_url: 'http://auth.portcullis.localhost:8080',
      default_redirection_url: 'http://app.portcullis.localhost:8080',
    };
    expect(readCookie(demonstration).problems).toEqual([]);
    expect(readCookie({ authelia_url: 'http://auth.example.com' }).problems).toEqual([expect.stringContaining('must begin with https://')]);
    expect(readCookie({ domain: 'evil-localhost.com', authelia_url: 'http://auth.evil-localhost.com' }).problems).toHaveLength(1);
  });

  it.each([
    [{ authelia_url: undefined }, 'authelia_url'],
    [{ authelia_url: '' }, 'authelia_url'],
    [{ authelia_url: 'auth.example.com' }, 'authelia_url'],
    [{ authelia_url: 'https:auth.example.com' }, 'authelia_url'],
    [{ authelia_url: 'ftp://auth.example.com' }, 'authelia_url'],
    [{ authelia_url: 'https://auth.example.org' }, 'authelia_url'],
    [{ authelia_url: 'https://evilexample.com' }, 'authelia_url'],
    [{ authelia_url: 'https://me@auth.example.com' }, 'authelia_url'],
    [{ authelia_url: 'https://auth.example.com/?a=b' }, 'authelia_url'],
    [{ default_redirection_url: 'http://www.example.com' }, 'default_redirection_url'],
    [{ default_redirection_url: 'https://www.example.org' }, 'default_redirection_url'],
    [{ default_redirection_url: 'https://auth.example.com/' }, 'default_redirection_url'],
    [{ same_site: 'Lax' }, 'same_site'],
    [{ name: 'a;b' }, 'name'],
    [{ name: '__Host-sid' }, 'name'],
  ])('refuses %j', (own, key) => {
    expect(readCookie(own).problems).toEqual([expect.stringContaining(`error session.cookies[0].${key}: `)]);
  });

  it.each([
    '',
    '*.example.com',
    '.example.com',
    'example.com:443',
    'https://example.com',
    'localhost',
    'ex ample.com',
    '-a.com',
    'com',
    'co.uk',
    'duckdns.org',
    'github.io',
  ])('refuses the domain %j', (domain) => {
    expect(readCookie({ domain, authelia_url: `https://auth.${domain}` }).problems[0]).toContain('error session.cookies[0].domain: ');
  });

  it.each([
    ['home.duckdns.org', 'https://auth.home.duckdns.org'],
    ['Example.COM', 'https://auth.example.com'],
    ['192.168.1.10', 'https://192.168.1.10:9091'],
    ['::1', 'https://[::1]:9091'],
    ['a.internal', 'https://auth.a.internal'],
  ])('takes the domain %s', (domain, url) => {
    expect(readCookie({ domain, authelia_url: url })).toMatchObject({ problems: [], value: { cookies: [{ domain: domain.toLowerCase() }] } });
  });

  it.each([
    [['example.com', 'example.com'], 'is there twice'],
    [['example.com', 'in.example.com'], 'lie one inside the other'],
    [['in.example.com', 'example.com'], 'lie one inside the other'],
  ])('refuses %j', (domains, message) => {
    const cookies = domains.map((domain) => ({ domain, authelia_url: `https://auth.${domain}` }));
    expect(read({ cookies }).problems).toEqual([expect.stringMatching(`error session\\.cookies\\[1\\]\\.domain: .*${message}`)]);
  });

  it('must be there', () => {
    expect(readSection(sessionSection, {}).problems).toEqual(['error session.cookies: session.cookies is required']);
  });
});

describe('session.domain, the old form', () => {
  it('becomes one cookie domain without the address of the portal, and a line that says what to add', () => {
    const { value, problems } = read({ domain: 'example.com', expiration: HOUR }, { default_redirection_url: 'https://example.com' });
    expect(value?.cookies).toEqual([{ ...settings, domain: 'example.com', autheliaUrl: null, defaultRedirectionUrl: 'https://example.com' }]);
    expect(problems).toEqual([expect.stringContaining('warning session.domain: ')]);
    expect(problems[0]).toContain('authelia_url');
  });

  it('drops a landing page elsewhere, with a warning', () => {
    const { value, problems } = read({ domain: 'example.com' }, { default_redirection_url: 'https://example.org' });
    expect(value?.cookies[0]?.defaultRedirectionUrl).toBeNull();
    expect(problems).toContainEqual(expect.stringContaining('warning default_redirection_url: '));
  });

  it('cannot stand beside the new one, nor can the global landing page', () => {
    expect(
      read({ domain: 'example.com', cookies: [cookie] }, { default_redirection_url: 'https://example.com' }).problems.map(
        (text) => text.split(':')[0],
      ),
    ).toEqual(['error session.domain', 'error default_redirection_url']);
  });
});

it('session.redis_outage is refuse, or serve_cached', () => {
  expect(read({ cookies: [cookie], redis_outage: 'serve_cached' })).toMatchObject({ value: { redisOutage: 'serve_cached' }, problems: [] });
  expect(read({ cookies: [cookie], redis_outage: 'true' }).problems).toEqual([expect.stringContaining('error session.redis_outage: ')]);
});

describe('session.secret', () => {
  it('may be one or several, and is required with redis alone', () => {
    const long = 'x'.repeat(64);
    expect(read({ cookies: [cookie], secret: [long, `${long}y`] })).toMatchObject({ value: { secrets: [long, `${long}y`] }, problems: [] });
    expect(read({ cookies: [cookie], secret: [''] })).toMatchObject({ value: { secrets: [] }, problems: [] });
    expect(read({ cookies: [cookie], redis: { host: 'redis' } }).problems).toEqual([
      'error session.secret: session.secret is required with session.redis',
    ]);
  });

  it('is asked of no service that opens no session, where the services have a secret of their own', () => {
    const facts = (rpc: object) => readSection(sessionFactsSection, { session: { cookies: [cookie], redis: { host: 'redis' } }, rpc }).problems;
    expect(facts({ secret: ['y'.repeat(64)] })).toEqual([]);
    expect(facts({})).toEqual(['error session.secret: session.secret is required with session.redis']);
  });

  it('must be no placeholder, and should be long', () => {
    expect(read({ cookies: [cookie], secret: ['another_random_64_char_string_here'] }).problems).toEqual([
      expect.stringContaining('error session.secret: '),
    ]);
    expect(read({ cookies: [cookie], secret: ['short'] }).problems).toEqual([expect.stringContaining('warning session.secret: ')]);
  });
});

describe('session.redis', () => {
  const readRedis = (redis: object) => readSection(redisSection, { session: { redis } });
  const defaults = {
    host: 'redis',
    port: 6379,
    path: undefined,
    username: undefined,
    password: undefined,
    database: 0,
    keyPrefix: 'portcullis:',
    timeoutMs: 5000,
    tls: undefined,
    sentinel: undefined,
  };

  it('is null when not configured', () => {
    expect(readSection(redisSection, { session: {} })).toEqual({ value: null, problems: [] });
  });

  it('has the defaults of reference 3.5', () => {
    expect(readRedis({ host: 'redis' })).toEqual({ value: defaults, problems: [] });
    expect(readRedis({ host: '/run/redis.sock', password: '' }).value).toEqual({ ...defaults, host: '/run/redis.sock', path: '/run/redis.sock' });
    expect(readRedis({ host: 'redis', port: 6380, database_index: 3, username: 'u', password: 'p', tls: {} }).value).toMatchObject({
      port: 6380,
      database: 3,
      username: 'u',
      password: 'p',
      tls: { skipVerify: false, minVersion: 'TLSv1.2' },
    });
  });

  it('may begin every key with a name of its own', () => {
    expect(readRedis({ host: 'redis', key_prefix: 'home:' })).toEqual({ value: { ...defaults, keyPrefix: 'home:' }, problems: [] });
    expect(readRedis({ host: 'redis', key_prefix: '' })).toEqual({ value: defaults, problems: [] });
  });

  it('asks Sentinel', () => {
    const high_availability = { sentinel_name: 'gate', sentinel_password: 's', nodes: [{ host: 's2' }, { host: 's3', port: 5000 }] };
    expect(readRedis({ host: 's1', high_availability }).value?.sentinel).toEqual({
      name: 'gate',
      username: undefined,
      password: 's',
      nodes: [
        { host: 's1', port: 26_379 },
        { host: 's2', port: 26_379 },
        { host: 's3', port: 5000 },
      ],
    });
    expect(readRedis({ high_availability }).problems).toEqual([]);
  });

  it.each([
    [{}, 'host'],
    [{ host: 'r', port: 0 }, 'port'],
    [{ host: 'r', port: 70_000 }, 'port'],
    [{ host: 'r', database_index: -1 }, 'database_index'],
    [{ host: 'r', key_prefix: 'home*' }, 'key_prefix'],
    [{ host: 'r', key_prefix: 'home gate:' }, 'key_prefix'],
    [{ host: 'r', key_prefix: 'x'.repeat(65) }, 'key_prefix'],
    [{ host: 'r', password: 'your_redis_password' }, 'password'],
    [{ host: 'r', high_availability: { nodes: [{ host: 's' }] } }, 'high_availability.sentinel_name'],
    [{ high_availability: { sentinel_name: 'g' } }, 'high_availability.nodes'],
    [{ high_availability: { sentinel_name: 'g', nodes: [{ port: 1 }] } }, 'high_availability.nodes[0].host'],
  ])('refuses %j', (written, key) => {
    expect(readRedis(written).problems).toEqual([expect.stringContaining(`error session.redis.${key}: `)]);
  });
});
