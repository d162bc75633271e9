import { describe, expect, test } from 'vitest';
import { knownAddresses, type NetworkUse } from './known-addresses.js';
import type { NetworkDefinitions, Rule } from './types.js';

function use(networks: readonly string[], definitions: NetworkDefinitions = {}): NetworkUse {
  const rule: Rule = { policy: 'one_factor', domains: [], domainRegex: [], subjects: [], networks, methods: [], resources: [], query: [] };
  return { rules: [rule], networks: definitions };
}

const told = (uses: readonly NetworkUse[]) => knownAddresses(uses).map(({ ip, networks }) => `${ip ?? 'none'}: ${networks.join(' ')}`);

describe('the addresses that rules tell apart', () => {
  test.each<[string, readonly NetworkUse[], readonly string[]]>([
    ['no network, no address', [use([])], ['none: ']],
    ['one for a network', [use(['10.0.0.0/8'])], ['none: ', '10.0.0.0: 10.0.0.0/8']],
    [
      'one inside both and one inside the wider only',
      [use(['10.0.0.0/8', '10.0.0.0/16'])],
      ['none: ', '10.0.0.0: 10.0.0.0/8 10.0.0.0/16', '10.1.0.0: 10.0.0.0/8'],
    ],
    ['a name for its networks', [use(['home'], { home: ['192.168.1.0/24', 'fd00::/8'] })], ['none: ', '192.168.1.0: home']],
  ])('%s', (_, uses, expected) => {
    expect(told(uses)).toEqual(expected);
  });

  test('are those of every name, however many networks one of them stands for', () => {
    const provider = Array.from({ length: 400 }, (_, index) => `172.${16 + (index >> 8)}.${index & 255}.0/25`);
    const found = told([use(['provider', 'home'], { provider, home: ['192.168.1.0/24'] })]);
    expect(found).toEqual(['none: ', '172.16.0.0: provider', '192.168.1.0: home']);
  });

  test('stay few, and are soon found, where ten thousand networks are named', () => {
    const networks = Array.from({ length: 10_000 }, (_, index) => `10.${index >> 8}.${index & 255}.0/24`);
    expect(knownAddresses([use(networks)])).toHaveLength(17);
  });
});
