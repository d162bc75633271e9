import { describe, expect, it } from 'vitest';
import { RequestHead } from './request-head.js';
import { canonicalAddress, clientAddress, portalOrigin } from './target.js';
import { TrustedProxies } from './trusted-proxies.js';

type Headers = Readonly<Record<string, string>>;

function headOf(headers: Headers): RequestHead {
  const head = new RequestHead();
  head.read(Object.entries(headers).flat());
  return head;
}

describe('the address of the client', () => {
  const byDefault = new TrustedProxies(null);
  const listed = new TrustedProxies(['10.0.0.0/8', '2001:db8::/32']);

  it.each<[string, string | undefined, string, TrustedProxies, string | null]>([
    ['the peer where nothing is said', undefined, '192.168.1.9', byDefault, '192.168.1.9'],
    ['the peer where nothing is in it', '', '192.168.1.9', byDefault, '192.168.1.9'],
    ['the one entry', '203.0.113.7', '127.0.0.1', byDefault, '203.0.113.7'],
    ['the last entry: what is before it the client wrote (attack 23)', '10.1.2.3, 203.0.113.7', '127.0.0.1', byDefault, '203.0.113.7'],
    ['the last entry, also a private one', '8.8.8.8, 10.0.0.5', '127.0.0.1', byDefault, '10.0.0.5'],
    ['the last entry that is none of the listed hops', '10.1.1.1,203.0.113.7, 10.0.0.5', '10.0.0.1', listed, '203.0.113.7'],
    ['the first of nothing but listed hops', '10.0.0.9, 10.0.0.5', '10.0.0.1', listed, '10.0.0.9'],
    ['IPv4 that came as IPv6', '::ffff:203.0.113.7', '127.0.0.1', byDefault, '203.0.113.7'],
    ['IPv4 that came as IPv6 in hexadecimal', '::ffff:cb00:7107', '127.0.0.1', byDefault, '203.0.113.7'],
    ['IPv6 in its one spelling', '2001:DB8:0:0:0:0:0:1', '127.0.0.1', byDefault, '2001:db8::1'],
    ['a mapped peer', undefined, '::ffff:10.0.0.1', byDefault, '10.0.0.1'],
    ['a link-local peer', undefined, 'fe80::1%eth0', byDefault, 'fe80::1'],
    ['none: a word (attack 22)', 'a', '127.0.0.1', byDefault, null],
    ['none: a word as the last entry', '203.0.113.7, unknown', '127.0.0.1', byDefault, null],
    ['none: an empty last entry', '203.0.113.7,', '127.0.0.1', byDefault, null],
    ['none: a word that would count behind a listed hop', 'a, 10.0.0.5', '10.0.0.1', listed, null],
    ['the last entry, whatever junk was written before it', 'junk, 203.0.113.7', '127.0.0.1', byDefault, '203.0.113.7'],
    ['none: an address with a port', '203.0.113.7:4711', '127.0.0.1', byDefault, null],
    ['none: an address with a zone', 'fe80::1%eth0', '127.0.0.1', byDefault, null],
    ['none: octal', '010.0.0.1', '127.0.0.1', byDefault, null],
  ])('is %s', (_, forwardedFor, peer, proxies, expected) => {
    expect(clientAddress(forwardedFor, peer, proxies)).toBe(expected);
  });

  it('stays right when more addresses come than it remembers', () => {
    for (let i = 0; i < 5000; i++) expect(canonicalAddress(`::FFFF:10.0.${i >> 8}.${i & 255}`)).toBe(`10.0.${i >> 8}.${i & 255}`);
  });
});

describe('where a person meets the portal', () => {
  const trusted = new TrustedProxies(null);
  const headers = { Host: '127.0.0.1:9091', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'Auth.example.com', 'X-Forwarded-For': '203.0.113.7' };
  const meets = (given: Headers, peer: string | undefined): unknown => portalOrigin(headOf(given), peer, trusted);

  it('is what the proxy in front says', () => {
    expect(meets(headers, '127.0.0.1')).toEqual({ scheme: 'https', host: 'auth.example.com', authority: 'auth.example.com', ip: '203.0.113.7' });
  });

  it('is what the request itself says when a stranger sends it (attack 5)', () => {
    expect(meets(headers, '203.0.113.66')).toEqual({ scheme: 'http', host: '127.0.0.1', authority: '127.0.0.1:9091', ip: '203.0.113.66' });
  });

  it('is the peer behind a unix socket', () => {
    expect(meets(headers, undefined)).toMatchObject({ host: 'auth.example.com', ip: '203.0.113.7' });
  });

  it('is Host where the proxy names no other', () => {
    expect(meets({ Host: 'auth.example.com:8443', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': '' }, '::1')).toMatchObject({
      authority: 'auth.example.com:8443',
      ip: '::1',
    });
  });

  it('is not chosen by X-Original-URL (attack 78)', () => {
    expect(meets({ ...headers, 'X-Original-URL': 'https://auth.other.test/' }, '127.0.0.1')).toMatchObject({ host: 'auth.example.com' });
  });

  it.each([
    ['malformed_target', { ...headers, 'X-Forwarded-Host': 'auth.example.com, evil.test' }],
    ['malformed_target', { 'X-Forwarded-Proto': 'https' }],
    ['malformed_address', { ...headers, 'X-Forwarded-For': 'a' }],
  ])('is %s', (problem, given) => {
    expect(meets(given, '127.0.0.1')).toBe(problem);
  });
});
