import { describe, expect, it } from 'vitest';
import { RequestHead } from './request-head.js';
import {
  closingTarget,
  forwardedTarget,
  hostOf,
  legacyTarget,
  originalTarget,
  requestLineTarget,
  type Target,
  type TargetProblem,
  targetUrl,
} from './target.js';

type Headers = Readonly<Record<string, string>>;
type Answer = Target | TargetProblem;

const ip = '203.0.113.7';
function headOf(headers: Headers): RequestHead {
  const head = new RequestHead();
  head.read(Object.entries(headers).flat());
  return head;
}
const told = (answer: Answer): string => (typeof answer === 'string' ? answer : `${answer.method} ${targetUrl(answer)}`);

const legacy = (headers: Headers, ownMethod = 'GET', ownUri = '/api/verify'): string => told(legacyTarget(headOf(headers), ip, ownMethod, ownUri));
const forwarded = (headers: Headers): string => told(forwardedTarget(headOf(headers), ip));
const original = (headers: Headers): string => told(originalTarget(headOf(headers), ip));
const requestLine = (headers: Headers, below: string, method = 'GET'): string => told(requestLineTarget(headOf(headers), ip, method, below));

const full: Headers = {
  'X-Forwarded-Proto': 'https',
  'X-Forwarded-Host': 'one.example.com',
  'X-Forwarded-URI': '/a?b=c',
  'X-Forwarded-Method': 'POST',
};
const without = (name: string): Headers => Object.fromEntries(Object.entries(full).filter(([key]) => key !== name));
/** The target of forward-auth at that address. */
function at(uri: string, host = 'one.example.com'): Answer {
  return forwardedTarget(headOf({ ...full, 'X-Forwarded-Host': host, 'X-Forwarded-URI': uri }), ip);
}

describe('forward-auth', () => {
  it('takes the target from X-Forwarded-* alone', () => {
    expect(forwardedTarget(headOf(full), ip)).toEqual({
      scheme: 'https',
      authority: 'one.example.com',
      host: 'one.example.com',
      uri: '/a?b=c',
      path: '/a',
      query: 'b=c',
      otherPaths: [],
      method: 'POST',
      ip,
    });
  });

  it.each<[string, Headers, string]>([
    ['no proto: plain http, which is refused later', without('X-Forwarded-Proto'), 'POST http://one.example.com/a?b=c'],
    ['no host, whatever Host says', { ...without('X-Forwarded-Host'), Host: 'one.example.com' }, 'missing_target'],
    ['no URI: no path', without('X-Forwarded-URI'), 'POST https://one.example.com'],
    ['no method', without('X-Forwarded-Method'), 'missing_method'],
    ['the scheme in capitals', { ...full, 'X-Forwarded-Proto': 'HTTPS' }, 'POST https://one.example.com/a?b=c'],
    ['nothing', { Host: 'one.example.com' }, 'missing_target'],
  ])('with %s', (_, headers, expected) => {
    expect(forwarded(headers)).toBe(expected);
  });

  it('does not look at the headers of the other family (attack 2)', () => {
    const forged = { 'X-Original-URL': 'https://public.example.com/', 'X-Original-Method': 'OPTIONS' };
    expect(forwarded({ ...full, ...forged })).toBe('POST https://one.example.com/a?b=c');
    expect(forwarded({ ...forged, 'X-Forwarded-Method': 'GET' })).toBe('missing_target');
  });

  it('does not look at X-HTTP-Method-Override (attack 20)', () => {
    expect(forwarded({ ...full, 'X-HTTP-Method-Override': 'OPTIONS', 'X-Method-Override': 'OPTIONS' })).toMatch(/^POST /);
  });
});

describe('auth-request', () => {
  const headers = { 'X-Original-URL': 'https://one.example.com/a?b=c', 'X-Original-Method': 'PUT' };

  it.each<[string, Headers, string]>([
    ['both of its headers', headers, 'PUT https://one.example.com/a?b=c'],
    ['no URL', { 'X-Original-Method': 'GET' }, 'missing_target'],
    ['an empty URL', { ...headers, 'X-Original-URL': '' }, 'missing_target'],
    ['no method', { 'X-Original-URL': 'https://one.example.com/' }, 'missing_method'],
    ['a relative URL', { ...headers, 'X-Original-URL': '/just/a/path' }, 'malformed_target'],
    ['a URL without a scheme', { ...headers, 'X-Original-URL': '//one.example.com/' }, 'malformed_target'],
    ['a URL without a host', { ...headers, 'X-Original-URL': 'https:///x' }, 'missing_target'],
    ['an opaque URL', { ...headers, 'X-Original-URL': 'https:one.example.com' }, 'malformed_target'],
    ['a scheme in capitals', { ...headers, 'X-Original-URL': 'HTTPS://one.example.com/' }, 'PUT https://one.example.com/'],
    ['a query behind the bare host', { ...headers, 'X-Original-URL': 'https://one.example.com?x' }, 'PUT https://one.example.com?x'],
  ])('with %s', (_, given, expected) => {
    expect(original(given)).toBe(expected);
  });

  it('does not look at X-Original-URI nor at X-Forwarded-* (attack 1)', () => {
    const forged = {
      'X-Original-URI': '/public',
      'X-Forwarded-Uri': '/public',
      'X-Forwarded-Host': 'public.example.com',
      'X-Forwarded-Method': 'OPTIONS',
    };
    expect(original({ ...headers, ...forged })).toBe('PUT https://one.example.com/a?b=c');
    expect(original(forged)).toBe('missing_target');
  });
});

describe('the legacy endpoint', () => {
  const url = 'https://one.example.com/a?b=c';

  it.each<[string, Headers, string]>([
    ['X-Original-URL', { 'X-Original-URL': url }, 'GET https://one.example.com/a?b=c'],
    ['X-Original-URL and X-Forwarded-Method', { 'X-Original-URL': url, 'X-Forwarded-Method': 'POST' }, 'POST https://one.example.com/a?b=c'],
    [
      'X-Original-URL and X-Original-Method, which it does not read',
      { 'X-Original-URL': url, 'X-Original-Method': 'POST' },
      'GET https://one.example.com/a?b=c',
    ],
    ['X-Forwarded-*', full, 'POST https://one.example.com/a?b=c'],
    ['no proto: plain http, which is refused later', without('X-Forwarded-Proto'), 'POST http://one.example.com/a?b=c'],
    ['Host for the missing X-Forwarded-Host', { ...without('X-Forwarded-Host'), Host: 'two.example.com' }, 'POST https://two.example.com/a?b=c'],
    ['its own URI for the missing X-Forwarded-URI', without('X-Forwarded-URI'), 'POST https://one.example.com/api/verify'],
    ['its own method for the missing X-Forwarded-Method', without('X-Forwarded-Method'), 'GET https://one.example.com/a?b=c'],
    ['Host alone: no proxy sends that', { Host: 'one.example.com' }, 'missing_target'],
    ['an empty X-Original-URL: present, and malformed', { ...full, 'X-Original-URL': '' }, 'malformed_target'],
    ['a malformed X-Original-URL: no falling back', { ...full, 'X-Original-URL': '/x' }, 'malformed_target'],
  ])('with %s', (_, headers, expected) => {
    expect(legacy(headers)).toBe(expected);
  });

  it('takes both families where they say the same', () => {
    expect(legacy({ ...full, 'X-Original-URL': url })).toBe('POST https://one.example.com/a?b=c');
    expect(legacy({ 'X-Original-URL': url, 'X-Forwarded-Host': 'ONE.example.com', 'X-Forwarded-Proto': 'HTTPS' })).toBe(
      'GET https://one.example.com/a?b=c',
    );
  });

  it.each<[string, Headers]>([
    ['another host', { 'X-Forwarded-Host': 'public.example.com' }],
    ['another port', { 'X-Forwarded-Host': 'one.example.com:8443' }],
    ['another path', { 'X-Forwarded-URI': '/public' }],
    ['another query', { 'X-Forwarded-URI': '/a?b=d' }],
    ['another scheme', { 'X-Forwarded-Proto': 'http' }],
    ['another method', { 'X-Forwarded-Method': 'OPTIONS', 'X-Original-Method': 'GET' }],
  ])('believes nobody when the families name %s (attack 3)', (_, headers) => {
    expect(legacy({ 'X-Original-URL': url, ...headers })).toBe('ambiguous_target');
  });
});

describe('ext-authz', () => {
  const headers = { Host: 'one.example.com', 'X-Forwarded-Proto': 'https' };

  it.each<[string, Headers, string, string]>([
    ['the path behind its own', headers, '/a/b', 'GET https://one.example.com/a/b'],
    ['the slash that a prefix ending in one leaves', headers, '//a/b', 'GET https://one.example.com/a/b'],
    ['nothing behind its path', headers, '', 'GET https://one.example.com'],
    ['a query: it is the prefix’ own', headers, '/a?b=c', 'GET https://one.example.com/a'],
    ['a host in capitals', { ...headers, Host: 'ONE.example.com' }, '/', 'GET https://one.example.com/'],
    ['no proto', { Host: 'one.example.com' }, '/', 'GET http://one.example.com/'],
    ['no host', { 'X-Forwarded-Proto': 'https' }, '/', 'missing_target'],
  ])('with %s', (_, given, below, expected) => {
    expect(requestLine(given, below)).toBe(expected);
  });

  it('takes method and host from the request line, whatever the other headers say', () => {
    const forged = {
      'X-Forwarded-Host': 'public.example.com',
      'X-Forwarded-Uri': '/public',
      'X-Forwarded-Method': 'OPTIONS',
      'X-Original-URL': 'https://public.example.com/',
    };
    expect(requestLine({ ...headers, ...forged }, '//a', 'PATCH')).toBe('PATCH https://one.example.com/a');
  });

  it.each([
    ['//a?b=c&d', '/a', 'b=c&d'],
    ['//a?', '/a', ''],
    ['//a', '/a', undefined],
    ['?b', '', 'b'],
  ])('named by the operator keeps the query of %s apart: the rules may close by it', (below, uri, closingQuery) => {
    const target = closingTarget(headOf(headers), ip, 'GET', below);
    expect(target).toMatchObject({ uri, query: '', path: uri === '' ? '.' : uri });
    expect(typeof target === 'string' ? target : target.closingQuery).toBe(closingQuery);
  });

  it('named by the operator checks the query as every other', () => {
    expect(closingTarget(headOf(headers), ip, 'GET', '//a?b\\c')).toBe('malformed_target');
    expect(requestLineTarget(headOf(headers), ip, 'GET', '//a?b')).not.toHaveProperty('closingQuery');
  });
});

describe('the method', () => {
  it.each(['GET', 'PROPFIND', 'BREW'])('%s is one', (method) => {
    expect(forwarded({ ...full, 'X-Forwarded-Method': method })).toMatch(new RegExp(`^${method} `));
  });

  it.each(['get', 'GETz', 'GE T', 'GET ', 'GET,POST', 'G3T', 'M-SEARCH', 'ПУТ', 'G'.repeat(33)])('%j is none (attack 21)', (method) => {
    expect(forwarded({ ...full, 'X-Forwarded-Method': method })).toBe('malformed_method');
  });
});

describe('the path', () => {
  it.each([
    ['/%zz', 'a malformed escape'],
    ['/%%zz', 'two percent signs'],
    ['/%', 'a lone percent sign'],
    ['/%ff', 'invalid UTF-8'],
    ['/a%00b', 'NUL'],
    ['/a%0d%0aX: y', 'CR and LF'],
    ['/a%09b', 'a tab'],
    ['/a b', 'a blank'],
    ['/a\tb', 'a tab as it is'],
    ['/a\x7fb', 'a control character as it is'],
    ['/a#b', 'a fragment (attack 12)'],
    ['/a?b#c', 'a fragment behind the query'],
    ['/\\evil', 'a backslash'],
    ['?a\\b', 'a backslash in the query'],
    ['a/b', 'no slash in front'],
    ['https://public.example.com/', 'a whole URL'],
    ['@evil.test/', 'what would become userinfo'],
  ])('%j is refused: %s (attack 9)', (uri) => {
    expect(at(uri)).toBe('malformed_target');
  });

  it.each([
    ['/public/../admin', '/admin'],
    ['/public/%2e%2e/admin', '/admin'],
    ['/public/..%2fadmin', '/admin'],
    ['/public/%252e%252e%252fadmin', '/admin'],
    ['//admin', '/admin'],
    ['/admin;/..', '/admin;/..'],
    ['/public;/../admin', '/admin'],
    ['/public/..%5cadmin', '/admin'],
    ['/./admin', '/admin'],
  ])('%s is judged as %s as well (attacks 10, 11)', (uri, reading) => {
    const target = at(uri);
    expect(typeof target === 'string' ? [] : [target.path, ...target.otherPaths]).toContain(reading);
  });

  it('is kept as the client wrote it for the way back', () => {
    expect(told(at('/a/../b?x=%2F#'.slice(0, -1)))).toBe('POST https://one.example.com/a/../b?x=%2F');
  });

  it('keeps the query apart, raw (attack 13)', () => {
    expect(at('/api/private?path=/status')).toMatchObject({ path: '/api/private', query: 'path=/status' });
    expect(at('?x=1')).toMatchObject({ uri: '?x=1', query: 'x=1' });
    expect(at('/?')).toMatchObject({ path: '/', query: '' });
  });

  it('reads bytes of UTF-8 that came as they are', () => {
    expect(at(Buffer.from('/日').toString('latin1'))).toMatchObject({ path: '/日' });
  });
});

describe('the host', () => {
  it.each([
    ['ADMIN.Example.com', 'admin.example.com'],
    ['admin.example.com:8443', 'admin.example.com'],
    ['admin.example.com:443', 'admin.example.com'],
    // Another name than the one without the dot: it is in no cookie domain (attack 15).
    ['admin.example.com.', 'admin.example.com.'],
    ['xn--n-0ga.example.com', 'xn--n-0ga.example.com'],
    ['under_score.example.com', 'under_score.example.com'],
    ['192.168.1.1:8080', '192.168.1.1'],
    ['[::1]', '::1'],
    ['[2001:DB8::1]:8443', '2001:db8::1'],
  ])('%s is %s', (authority, host) => {
    expect(hostOf(authority)).toBe(host);
  });

  it.each([
    'a:b@one.example.com',
    'one.example.com@evil.test',
    'one.example.com:abc',
    'one.example.com:',
    'one.example.com:65536',
    'one.example.com:443:443',
    'one.example.com, evil.test',
    'one.example.com evil.test',
    'one.example.com/x',
    'one.example.com\\x',
    'one.example.com?x',
    'one.example.com#x',
    'one%2eexample.com',
    'ônë.example.com',
    '[::1',
    '::1',
    '[::1%25eth0]',
    '[1.2.3.4]',
    '[:::]',
    '',
    `${'a'.repeat(300)}.example.com`,
  ])('%j is none (attacks 4, 16)', (authority) => {
    expect(hostOf(authority)).toBeNull();
  });

  it('stays right when more hosts come than it remembers', () => {
    for (let i = 0; i < 10_000; i++) expect(hostOf(`H${i}.example.com`)).toBe(`h${i}.example.com`);
    expect(hostOf('a@b')).toBeNull();
  });

  it('in the target is for decisions, the authority for the way back', () => {
    expect(at('/', 'ONE.Example.com:8443')).toMatchObject({ host: 'one.example.com', authority: 'ONE.Example.com:8443' });
  });
});
