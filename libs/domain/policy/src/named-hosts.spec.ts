import { expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import { namedHosts } from './named-hosts.js';
import type { Rule } from './types.js';

const rule = (domains: readonly string[], domainRegex: readonly string[] = []): Rule => ({
  ...{ policy: 'one_factor', domains, domainRegex },
  ...{ subjects: [], networks: [], methods: [], resources: [], query: [] },
});
const hostsOf = (...rules: readonly Rule[]): readonly string[] => namedHosts(compilePolicy({ defaultPolicy: 'deny', rules, networks: {} }));

test('the hosts of the rules come in their order, each once, in lower case', () => {
  expect(hostsOf(rule(['b.example.com', 'A.example.com']), rule(['a.example.com', 'c.example.com']))).toEqual([
    'b.example.com',
    'a.example.com',
    'c.example.com',
  ]);
});

test.each(['*.example.com', '*', '{user}.example.com', '{group}.example.com', 'x.{user}.example.com', 'a.*.example.com', '', '-a.example.com'])(
  '%j spells out no host',
  (domain) => {
    expect(hostsOf(rule([domain]))).toEqual([]);
  },
);

test('neither does a domain_regex, nor a rule for every host', () => {
  expect(hostsOf(rule([], ['^a\\.example\\.com$']), rule([]))).toEqual([]);
});
