import { describe, expect, it } from 'vitest';
import { TrustedProxies } from './trusted-proxies.js';

describe('without a list', () => {
  const proxies = new TrustedProxies(null);

  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '10.1.2.3',
    '172.16.0.1',
    '172.31.255.255',
    '192.168.7.7',
    '169.254.1.1',
    '::1',
    'fd00::1',
    'fe80::1',
    'fe80::1%eth0',
    '::ffff:10.0.0.1',
  ])('a peer at %s may speak for clients', (peer) => {
    expect(proxies.trusts(peer)).toBe(true);
  });

  it.each(['8.8.8.8', '172.32.0.1', '192.169.0.1', '100.64.0.1', '2001:db8::1', '::ffff:8.8.8.8', '::2'])(
    'a peer at %s may not (attack 5)',
    (peer) => {
      expect(proxies.trusts(peer)).toBe(false);
    },
  );

  it('who reaches the unix socket may', () => {
    expect(proxies.trusts(undefined)).toBe(true);
  });

  it('no entry of X-Forwarded-For is taken for a hop (attack 23)', () => {
    expect(['127.0.0.1', '10.1.2.3', '::1'].map((address) => proxies.listed(address))).toEqual([false, false, false]);
  });
});

describe('with a list', () => {
  const proxies = new TrustedProxies(['203.0.113.0/28', '198.51.100.9', '2001:db8:1::/48']);

  it('it alone counts', () => {
    const peers = ['203.0.113.15', '198.51.100.9', '2001:db8:1:2::3', '::ffff:198.51.100.9', '203.0.113.16', '127.0.0.1', '10.0.0.1', '::1'];
    expect(peers.map((peer) => proxies.trusts(peer))).toEqual([true, true, true, true, false, false, false, false]);
  });

  it('names the further hops too', () => {
    expect(['203.0.113.1', '203.0.113.16'].map((address) => proxies.listed(address))).toEqual([true, false]);
  });

  it('of nobody trusts nobody', () => {
    expect(new TrustedProxies([]).trusts('127.0.0.1')).toBe(false);
  });
});
