import { describe, expect, test } from 'vitest';
import { hostInScope, isSafeRedirection } from './scope.js';

describe('a host is in the scope of a cookie domain', () => {
  test.each([
    ['example.com', 'example.com'],
    ['one.example.com', 'example.com'],
    ['a.b.example.com', 'example.com'],
    ['ONE.Example.COM', 'example.com'],
    ['192.168.1.1', '192.168.1.1'],
    ['[::1]', '::1'],
  ])('%s is in %s', (host, domain) => {
    expect(hostInScope(host, domain)).toBe(true);
  });

  test.each([
    ['evilexample.com', 'example.com'],
    ['example.com.evil.test', 'example.com'],
    ['auth.example.com.evil.test', 'example.com'],
    ['one.example.com.', 'example.com'],
    ['com', 'example.com'],
    ['.example.com', 'example.com'],
    ['1.192.168.1.1', '192.168.1.1'],
    ['example.com', ''],
    ['', 'example.com'],
  ])('%s is not in %s', (host, domain) => {
    expect(hostInScope(host, domain)).toBe(false);
  });
});

const domains = ['example.com', 'other.test'];

describe('people may be sent to', () => {
  test.each([
    'https://one.example.com/',
    'https://one.example.com/a?b=c&d=e%20f#g',
    'https://ONE.example.com/',
    'HTTPS://one.example.com/',
    'https://example.com/',
    'https://one.example.com:8443/x?y#z',
    'wss://one.example.com/',
    'https://x.other.test/',
    'https://auth.example.com/',
  ])('%s', (url) => {
    expect(isSafeRedirection(url, domains)).toBe(true);
  });

  test('plain http below .localhost, where browsers keep secure cookies', () => {
    expect(isSafeRedirection('http://app.portcullis.localhost:8080/', ['portcullis.localhost'])).toBe(true);
  });
});

describe('people are never sent to', () => {
  test.each([
    'http://one.example.com/',
    'ws://one.example.com/',
    'ftp://one.example.com/',
    'https://evil.test/',
    'https://evilexample.com/',
    'https://one.example.com.evil.test/',
    'https://one.example.com@evil.test/',
    'https://evil.test@one.example.com/',
    'https://evil.test\\.example.com/',
    'https://evil.test#.example.com/',
    'https://evil.test?.example.com/',
    'https://evil.test/.example.com/',
    'https://one.example.com./',
    'https://localhost/',
    'https://192.168.1.1/',
    '//evil.test',
    '//one.example.com/',
    '/\\evil.test',
    '%09//evil.test',
    '\t//evil.test',
    'https:evil.test',
    'javascript:alert(1)',
    'nonsense',
    '',
  ])('%j', (url) => {
    expect(isSafeRedirection(url, domains)).toBe(false);
  });

  test('plain http on a domain that only looks like localhost', () => {
    expect(isSafeRedirection('http://app.evillocalhost/', ['evillocalhost'])).toBe(false);
  });

  test('anywhere while no cookie domain is configured', () => {
    expect(isSafeRedirection('https://one.example.com/', [])).toBe(false);
  });
});
