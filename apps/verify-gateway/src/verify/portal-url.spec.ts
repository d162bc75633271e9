import { describe, expect, it } from 'vitest';
import { authRequest } from './auth-request.js';
import type { Dialect, EndpointQuery } from './dialect.js';
import { extAuthz } from './ext-authz.js';
import { forwardAuth } from './forward-auth.js';
import { legacy } from './legacy.js';
import { type CookieDomain, portalFor } from './portal-url.js';
import { RequestHead } from './request-head.js';

const domain: CookieDomain = { domain: 'example.com', cookieName: 'authelia_session', inactivityMs: 1, portalUrl: 'https://auth.example.com' };
const unnamed: CookieDomain = { ...domain, portalUrl: null };
const portal = 'https://auth.example.com/';

interface Named {
  readonly rd?: string;
  readonly autheliaUrl?: string;
  readonly header?: string;
}
function portalOf(dialect: Dialect, { rd, autheliaUrl, header }: Named, from: CookieDomain = domain): string | null | false {
  const head = new RequestHead();
  head.read(header === undefined ? [] : ['X-Authelia-URL', header]);
  const query: EndpointQuery = { rd: rd ?? null, autheliaUrl: autheliaUrl ?? null, basic: false };
  return portalFor(dialect, head, query, from);
}

describe('the legacy endpoint', () => {
  it.each<[string, Named, string | null | false]>([
    ['rd', { rd: portal }, portal],
    ['rd before the header', { rd: portal, header: 'https://evil.test/' }, portal],
    ['the header where there is no rd', { header: portal }, portal],
    ['nothing: the configured portal is not used', {}, null],
    ['authelia_url: not its parameter', { autheliaUrl: portal }, null],
    ['an empty rd', { rd: '' }, false],
    ['an empty header', { header: '' }, false],
    ['an rd elsewhere (attack 57)', { rd: 'https://evil.test/' }, false],
    ['an rd beyond ASCII, which no header can carry', { rd: `${portal}日` }, false],
  ])('with %s', (_, named, expected) => {
    expect(portalOf(legacy, named)).toBe(expected);
  });
});

describe.each([
  ['forward-auth', forwardAuth, (url: string): Named => ({ autheliaUrl: url })],
  ['auth-request', authRequest, (url: string): Named => ({ autheliaUrl: url })],
  ['ext-authz', extAuthz, (url: string): Named => ({ header: url })],
])('%s', (_, dialect, named) => {
  it.each<[string, Named, string | null | false]>([
    ['its override', named(portal), portal],
    ['nothing: the configured portal', {}, 'https://auth.example.com'],
    ['rd: not its parameter', { rd: 'https://evil.test/' }, 'https://auth.example.com'],
    ['an empty override', named(''), false],
    ['a neighbour below the same domain (attack 57)', named('https://sso.example.com/'), false],
    ['a word', named('nonsense'), false],
  ])('with %s', (_title, given, expected) => {
    expect(portalOf(dialect, given)).toBe(expected);
  });

  it('knows none where neither the proxy nor the configuration names one', () => {
    expect(portalOf(dialect, {}, unnamed)).toBe(false);
  });

  it('takes any portal inside the domain where the configuration names none', () => {
    expect(portalOf(dialect, named('https://sso.example.com/'), unnamed)).toBe('https://sso.example.com/');
  });
});

it('the source that does not count is not looked at', () => {
  expect(portalOf(forwardAuth, { header: 'https://evil.test/' })).toBe('https://auth.example.com');
  expect(portalOf(extAuthz, { autheliaUrl: 'https://evil.test/' })).toBe('https://auth.example.com');
});

it('a verdict about one source does not answer for the other', () => {
  const other: CookieDomain = { ...domain };
  expect(portalOf(legacy, { rd: ` ${portal}` }, other)).toBe(false);
  expect(portalOf(forwardAuth, { autheliaUrl: portal }, other)).toBe(portal);
  expect(portalOf(legacy, { rd: 'https://auth.example.com:9443/' }, other)).toBe('https://auth.example.com:9443/');
  expect(portalOf(forwardAuth, { autheliaUrl: 'https://auth.example.com:9443/' }, other)).toBe(false);
});

it('stays right when more portals are named than it remembers', () => {
  for (let i = 0; i < 1000; i++) expect(portalOf(legacy, { rd: `${portal}${i}` })).toBe(`${portal}${i}`);
  expect(portalOf(legacy, { rd: 'https://evil.test/' })).toBe(false);
});
