import { expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import { explain } from './explain.js';
import type { PolicyRequest, Rule, Subject } from './types.js';

function rule(policy: Rule['policy'], criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: [], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

const request: PolicyRequest = { host: 'one.example.com', path: '/x', query: 'a=1', method: 'GET', ip: '10.1.2.3' };
const policy = compilePolicy({
  defaultPolicy: 'deny',
  networks: {},
  rules: [
    rule('bypass', { domains: ['two.example.com'] }),
    rule('bypass', { resources: ['^/y'] }),
    rule('bypass', { query: [[{ key: 'a', operator: 'absent' }]] }),
    rule('bypass', { methods: ['POST'] }),
    rule('bypass', { networks: ['192.168.0.0/16'] }),
    rule('two_factor', { domains: ['*.example.com'], subjects: [['group:admins']] }),
    rule('one_factor', { domains: ['one.example.com'] }),
    rule('deny'),
  ],
});

/** Rule number, mark, then domain, resource, query, method, network, subject, as check-policy prints them. */
function table(asked: PolicyRequest, subject: Subject | null): readonly string[] {
  const marks = { applied: '*', potential: '~', unmatched: ' ', skipped: '-' };
  return explain(policy, asked, subject).rules.map(
    (row) => `${marks[row.outcome]} ${row.ruleIndex + 1} ${row.domain} ${row.resource} ${row.query} ${row.method} ${row.network} ${row.subject}`,
  );
}

test('every criterion of every rule is told, and for a stranger only the subject is open', () => {
  expect(table(request, null)).toEqual([
    '  1 miss hit hit hit hit hit',
    '  2 hit miss hit hit hit hit',
    '  3 hit hit miss hit hit hit',
    '  4 hit hit hit miss hit hit',
    '  5 hit hit hit hit miss hit',
    '~ 6 hit hit hit hit hit may',
    '* 7 hit hit hit hit hit hit',
    '- 8 hit hit hit hit hit hit',
  ]);
});

test('for a known person the subject is settled', () => {
  expect(table(request, { username: 'bob', groups: [] })[5]).toBe('  6 hit hit hit hit hit miss');
  expect(table(request, { username: 'alice', groups: ['admins'] })[5]).toBe('* 6 hit hit hit hit hit hit');
});

test('the rule that counts and the one that might are named', () => {
  expect(explain(policy, request, null)).toMatchObject({ appliedIndex: 6, potentialIndex: 5, defaultPolicy: 'deny' });
  expect(explain(policy, request, { username: 'bob', groups: [] })).toMatchObject({ appliedIndex: 6, potentialIndex: -1 });
});

test('where no rule matches, neither is', () => {
  const one = compilePolicy({ defaultPolicy: 'two_factor', networks: {}, rules: [rule('deny', { domains: ['x.y'] })] });
  expect(explain(one, request, null)).toMatchObject({ appliedIndex: -1, potentialIndex: -1, defaultPolicy: 'two_factor' });
});

test('a rule that might match after the one that does is not potential', () => {
  const late = compilePolicy({ defaultPolicy: 'deny', networks: {}, rules: [rule('bypass'), rule('deny', { subjects: [['user:x']] })] });
  expect(explain(late, request, null)).toMatchObject({ appliedIndex: 0, potentialIndex: -1 });
});

test('a query of several readings is explained by the one that counts', () => {
  const ruled = compilePolicy({
    defaultPolicy: 'deny',
    networks: {},
    rules: [
      rule('bypass', { query: [[{ key: 'private', operator: 'absent' }]] }),
      rule('one_factor', { subjects: [['user:x']] }),
      rule('two_factor'),
    ],
  });
  expect(explain(ruled, { ...request, query: 'private=1;' }, null)).toMatchObject({ potentialIndex: 1, appliedIndex: 2 });
  expect(explain(ruled, { ...request, query: 'private=1;' }, { username: 'y', groups: [] })).toMatchObject({ potentialIndex: -1, appliedIndex: 2 });
  expect(explain(ruled, { ...request, query: 'public=1;' }, null)).toMatchObject({ potentialIndex: -1, appliedIndex: 0 });
});
