import { describe, expect, test } from 'vitest';
import { compilePolicy, compilePolicyInSteps, policyNeedsSecondFactor } from './compile-policy.js';
import { PolicyError, type PolicyProblem } from './policy-error.js';
import type { Policy, Rule } from './types.js';

function rule(policy: Policy, criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: ['a.b'], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

function problems(rules: readonly Rule[]): readonly PolicyProblem[] {
  try {
    compilePolicy({ defaultPolicy: 'deny', rules, networks: { home: ['10.0.0.0/8'], broken: ['10.0.0.0/40'] } });
  } catch (error) {
    if (error instanceof PolicyError) return error.problems;
    throw error;
  }
  return [];
}

describe('rules that cannot be compiled are refused', () => {
  test.each<[string, string, Partial<Rule>, string]>([
    ['a look-ahead', 'resources', { resources: ['^/a(?!b)'] }, '(?!'],
    ['a look-behind', 'domain_regex', { domainRegex: ['(?<=a)b'] }, '(?<=a)b'],
    ['\\K', 'resources', { resources: ['a\\Kb'] }, '\\K'],
    ['a back-reference', 'resources', { resources: ['(a)\\1'] }, '\\1'],
    ['an open bracket', 'resources', { resources: ['[a'] }, '[a'],
    ['a pattern that would need too much memory', 'resources', { resources: ['((a{100}){100}){100}'] }, '{100}'],
    ['a query pattern', 'query', { query: [[{ key: 'k', operator: 'pattern', value: '(' }]] }, "'('"],
    ['a query operator without its value', 'query', { query: [[{ key: 'k', operator: 'equal' }]] }, "'k'"],
    ['an unknown network name', 'networks', { networks: ['hmoe'] }, "'hmoe'"],
    ['a network that was inherited by every object', 'networks', { networks: ['constructor'] }, "'constructor'"],
    ['a prefix that is too long', 'networks', { networks: ['10.0.0.0/33'] }, '10.0.0.0/33'],
    ['a named network with a broken entry', 'networks', { networks: ['broken'] }, '10.0.0.0/40'],
    ['an address with leading zeros', 'networks', { networks: ['010.0.0.1'] }, '010.0.0.1'],
    ['a subject of unknown kind', 'subject', { subjects: [['admins']] }, "'admins'"],
  ])('%s', (_, field, criteria, named) => {
    const [problem, ...others] = problems([rule('deny'), rule('one_factor', criteria)]);
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ ruleIndex: 1, field });
    expect(problem?.reason).toContain(named);
  });

  test.each<[string, Partial<Rule>]>([
    ['a subject', { subjects: [['user:alice']] }],
    ['{user}', { domains: ['{user}.example.com'] }],
    ['{group}', { domains: ['{group}.example.com'] }],
    ['a User group in the domain', { domainRegex: ['^(?P<User>\\w+)'] }],
  ])('bypass together with %s, which nobody can tell before the sign-in', (_, criteria) => {
    expect(problems([rule('bypass', criteria)])).toMatchObject([{ ruleIndex: 0, field: 'policy' }]);
  });

  test('with every problem in one report', () => {
    const found = problems([rule('deny', { resources: ['(', '[', '^/ok$'] }), rule('bypass', { subjects: [['x']], networks: ['y', 'home'] })]);
    expect(found.map(({ ruleIndex, field }) => `${ruleIndex} ${field}`)).toEqual(['0 resources', '0 resources', '1 subject', '1 networks']);
  });

  test('with rule numbers that count from 1', () => {
    const compile = () => compilePolicy({ defaultPolicy: 'deny', rules: [rule('deny', { resources: ['('] })], networks: {} });
    expect(compile).toThrow(/^rule #1: resources: '\(' is not an RE2 pattern: missing closing \)/);
  });
});

test.each(['::ffff:10.0.0.0/104', '0.0.0.0/0', '::/0', '192.168.7.9/24', '::1', 'home'])('the network %s is taken', (network) => {
  expect(problems([rule('deny', { networks: [network] })])).toEqual([]);
});

test.each(['(?P<User>\\w+)', '(?<User>\\w+)', '(?i)a', '\\pN', '[[:word:]]', '\\Qa.b\\E', '(?s).', 'a{2,3}?', '\\z', '\\x{10FFFF}'])(
  'the RE2 pattern %s is taken',
  (pattern) => {
    expect(problems([rule('deny', { resources: [pattern] })])).toEqual([]);
  },
);

describe('a second factor is needed', () => {
  test.each<[string, boolean, Policy, Policy]>([
    ['when a rule asks for it', true, 'deny', 'two_factor'],
    ['when the default policy asks for it', true, 'two_factor', 'bypass'],
    ['by nobody otherwise', false, 'one_factor', 'one_factor'],
  ])('%s', (_, isNeeded, defaultPolicy, policy) => {
    expect(policyNeedsSecondFactor(compilePolicy({ defaultPolicy, rules: [rule(policy)], networks: {} }))).toBe(isNeeded);
  });
});

describe('compiling in steps', () => {
  test('stops after every rule and ends with the policy', () => {
    const steps = compilePolicyInSteps({ defaultPolicy: 'two_factor', rules: [rule('deny'), rule('bypass')], networks: {} });
    expect([steps.next(), steps.next()]).toEqual([{ done: false }, { done: false }]);
    expect(steps.next()).toMatchObject({ done: true, value: { defaultDecision: { policy: 'two_factor' }, rules: [{}, {}] } });
  });

  test('throws at the end, with every problem', () => {
    const broken = rule('deny', { resources: ['('] });
    const steps = compilePolicyInSteps({ defaultPolicy: 'deny', rules: [broken, broken], networks: {} });
    steps.next();
    steps.next();
    expect(() => steps.next()).toThrow(/^rule #1: [^]*\nrule #2: /);
  });
});
