import { expect, test } from 'vitest';
import { accessMatrix } from './access-matrix.js';
import { compilePolicy } from './compile-policy.js';
import type { Policy, Rule } from './types.js';

function rule(policy: Policy, domain: string, criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: [domain], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

test('each host is answered for a stranger and for each person, with a mark where not all of it is answered alike', () => {
  const source = {
    defaultPolicy: 'deny' as const,
    networks: {},
    rules: [
      rule('bypass', 'app.test', { resources: ['^/api/'] }),
      rule('one_factor', 'app.test'),
      rule('two_factor', 'admin.test', { subjects: [['group:admins']] }),
      rule('one_factor', '{user}.home.test'),
      rule('one_factor', '*.lab.test'),
    ],
  };
  const people = [
    { username: 'alice', groups: ['admins'] },
    { username: 'Bob', groups: [] },
  ];
  const rows = accessMatrix({ source, policy: compilePolicy(source) }, people);
  const shown = rows.map(
    ({ host, cells }) => `${host}: ${cells.map(({ policy, ruleIndex, varies }) => `${policy}#${ruleIndex + 1}${varies ? '*' : ''}`).join(' ')}`,
  );
  expect(shown).toEqual([
    'app.test: one_factor#2* one_factor#2* one_factor#2*',
    'admin.test: two_factor#3 two_factor#3 deny#0',
    '{user}.home.test: one_factor#4 one_factor#4 deny#0',
    '<any>.home.test: one_factor#4 deny#0 deny#0',
    '<any>.lab.test: one_factor#5 one_factor#5 one_factor#5',
    '<any>: deny#0 deny#0 deny#0',
  ]);
});
