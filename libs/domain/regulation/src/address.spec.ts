import { expect, it } from 'vitest';
import { canonicalBanAddress } from './address.js';

it.each([
  ['192.0.2.7', '192.0.2.7'],
  ['::ffff:192.0.2.7', '192.0.2.7'],
  ['::ffff:c000:207', '192.0.2.7'],
  ['0:0:0:0:0:FFFF:192.0.2.7', '192.0.2.7'],
  ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
  ['2001:db8:1:2:ffff:ffff:ffff:ffff', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2:0:0:0:9', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8::/64'],
  ['fe80::1%eth0', 'fe80::/64'],
  ['::1', '::/64'],
  ['2001:db8:1:2::/64', '2001:db8:1:2::/64'],
])('%s is banned as %s', (ip, canonical) => {
  expect(canonicalBanAddress(ip)).toBe(canonical);
});

it('a neighbouring /64 is another', () => {
  expect(canonicalBanAddress('2001:db8:1:3::1')).not.toBe(canonicalBanAddress('2001:db8:1:2::1'));
});

it.each([
  '',
  'unknown',
  '192.0.2',
  '0300.0.2.7',
  '192.0.2.7.1',
  '192.0.2.256',
  '3221225991',
  '0xc0.0.2.7',
  '192.0.2.7:443',
  '[::1]',
  '2001:db8::/32',
  '192.0.2.7/24',
  ' 192.0.2.7',
])('what is written %j is no address', (text) => {
  expect(canonicalBanAddress(text)).toBeNull();
});
