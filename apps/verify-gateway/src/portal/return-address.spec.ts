import { compilePolicy, type Rule } from '@portcullis/domain-policy';
import { describe, expect, it } from 'vitest';
import { type Arrival, onward } from './return-address.js';
import type { CookieDomain } from '../verify/portal-url.js';

const domain: CookieDomain = { domain: 'example.com', cookieName: 'authelia_session', inactivityMs: 1, portalUrl: 'https://auth.example.com' };
const other: CookieDomain = { ...domain, domain: 'other.test', portalUrl: 'https://auth.other.test/' };
const unnamed: CookieDomain = { ...domain, domain: 'unnamed.test', portalUrl: null };
const domains = [domain, other, unnamed];

const rule = (host: string, policy: Rule['policy'], more: Partial<Rule> = {}): Rule => ({
  policy,
  domains: [host],
  domainRegex: [],
  subjects: [],
  networks: [],
  methods: [],
  resources: [],
  query: [],
  ...more,
});
const policy = compilePolicy({
  defaultPolicy: 'deny',
  networks: {},
  rules: [
    rule('public.example.com', 'bypass'),
    rule('one.example.com', 'one_factor'),
    rule('two.example.com', 'two_factor'),
    rule('admin.example.com', 'one_factor', { subjects: [['group:admins']] }),
    rule('net.example.com', 'one_factor', { networks: ['10.0.0.0/8'] }),
    rule('api.example.com', 'two_factor', { resources: ['^/v1/admin([/?].*)?$'] }),
    rule('api.example.com', 'one_factor', { methods: ['GET'] }),
    rule('*.other.test', 'one_factor'),
  ],
});
const home = 'https://www.example.com';

function wayTo(targetUrl: string, change: Partial<Arrival> & { readonly needsSecondFactor?: boolean } = {}): unknown {
  const { needsSecondFactor = true, ...arrival } = change;
  const bob = { username: 'bob', groups: ['users'] };
  return onward(
    { targetUrl, method: 'GET', level: 1, person: bob, ip: '203.0.113.7', domain, defaultRedirectionUrl: home, ...arrival },
    domains,
    policy,
    needsSecondFactor,
  );
}
const STAY = { kind: 'stay' };

describe('a safe target that the person may open is gone to, as it was given', () => {
  it.each([
    'https://one.example.com/a?b=c&d=e%20f#g',
    'https://ONE.example.com/',
    'HTTPS://one.example.com/',
    'https://one.example.com',
    'https://public.example.com/',
    'https://one.example.com:8443/',
    'wss://one.example.com/ws',
  ])('%s', (url) => {
    expect(wayTo(url)).toEqual({ kind: 'redirect', to: url });
  });

  it('with the factor, the group or the address that it asks for', () => {
    expect(wayTo('https://two.example.com/', { level: 2 })).toEqual({ kind: 'redirect', to: 'https://two.example.com/' });
    expect(wayTo('https://admin.example.com/', { person: { username: 'alice', groups: ['admins'] } })).toMatchObject({ kind: 'redirect' });
    expect(wayTo('https://net.example.com/', { ip: '10.1.2.3' })).toMatchObject({ kind: 'redirect' });
  });

  it.each(['GET', 'get', ''])('by the method %j', (method) => {
    expect(wayTo('https://api.example.com/v2', { method })).toMatchObject({ kind: 'redirect' });
  });
});

describe('a target that asks for more waits for it', () => {
  it.each([
    'https://two.example.com/',
    'https://api.example.com/v1/admin',
    'https://api.example.com/public/../v1/admin',
    'https://api.example.com/v1/x/..%2fadmin',
  ])('%s', (url) => {
    expect(wayTo(url)).toEqual(STAY);
  });
});

describe('a target that will answer 403 is not gone to: it is said so', () => {
  it.each(['https://deny.example.com/', 'https://unknown.example.com/', 'https://admin.example.com/', 'https://net.example.com/'])('%s', (url) => {
    expect(wayTo(url)).toEqual({ kind: 'forbidden' });
  });

  it('by a method that no rule lets through', () => {
    expect(wayTo('https://api.example.com/v2', { method: 'DELETE' })).toEqual({ kind: 'forbidden' });
  });
});

it('the portal itself is gone to, for no rule stands before it', () => {
  expect(wayTo('https://auth.example.com/')).toEqual({ kind: 'redirect', to: 'https://auth.example.com/' });
});

describe('a target of another cookie domain', () => {
  it('is signed in to at the portal of that domain', () => {
    expect(wayTo('https://x.other.test/')).toEqual({ kind: 'portal', at: 'https://auth.other.test/' });
  });

  it('that names no portal is left', () => {
    expect(wayTo('https://x.unnamed.test/')).toEqual(STAY);
  });
});

describe('a target that is not safe is as good as none (attacks 54, 55, 69)', () => {
  it.each([
    'https://evil.test/',
    'https://evilexample.com/',
    'https://one.example.com.evil.test/',
    'https://one.example.com@evil.test/',
    'https://evil.test@one.example.com/',
    'https://u:p@one.example.com/',
    'http://one.example.com/',
    'http://two.example.com/',
    'ftp://one.example.com/',
    'javascript:alert(1)//one.example.com/',
    'data:text/html,x',
    '//evil.test/',
    '/\\evil.test',
    'https:evil.test',
    'https:/one.example.com/',
    '\t//evil.test',
    ' https://one.example.com/',
    'https://one.example.com\\@evil.test/',
    'https://one.example.com/a\\b',
    'https://one.example.com/\r\nX: y',
    'https://one.example.com/\u0000',
    'https://one.example.com./',
    'https://192.168.1.1/',
    'https://localhost/',
    'https://',
    '//x/',
    '/x',
    'nonsense',
    'https://one.example.com:abc/',
    'https://one.example.com%2eevil.test/',
    'https://one.ex\u00e4mple.com/',
    `https://one.example.com/${'a'.repeat(9000)}`,
  ])('%j', (url) => {
    expect(wayTo(url)).toEqual(STAY);
    expect(wayTo(url, { level: 2 })).toEqual(STAY);
    expect(wayTo(url, { needsSecondFactor: false })).toEqual({ kind: 'redirect', to: home });
  });

  it.each(['https://one.example.com/%zz', 'https://one.example.com/%ff', 'https://one.example.com/a%00b'])('%j, which no site takes', (url) => {
    expect(wayTo(url)).toEqual(STAY);
  });
});

describe('without a target', () => {
  it('a person at the first of two factors stays for the second', () => {
    expect(wayTo('')).toEqual(STAY);
  });

  it('a person with all that is asked for goes home, where there is one', () => {
    expect(wayTo('', { level: 2 })).toEqual({ kind: 'redirect', to: home });
    expect(wayTo('', { needsSecondFactor: false })).toEqual({ kind: 'redirect', to: home });
    expect(wayTo('', { level: 2, defaultRedirectionUrl: null })).toEqual(STAY);
  });
});
