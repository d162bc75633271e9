import { describe, expect, test } from 'vitest';
import type { RuleSet } from './compare-access.js';
import { compilePolicy } from './compile-policy.js';
import { finish } from './finish.js';
import { findOpeningsInSteps } from './openings.js';
import type { Policy, Rule } from './types.js';

function rule(policy: Policy, domain: string | null, criteria: Partial<Rule> = {}): Rule {
  return {
    policy,
    domains: domain === null ? [] : [domain],
    domainRegex: [],
    subjects: [],
    networks: [],
    methods: [],
    resources: [],
    query: [],
    ...criteria,
  };
}

function set(rules: readonly Rule[], defaultPolicy: Policy = 'deny'): RuleSet {
  const source = { defaultPolicy, rules, networks: {} };
  return { source, policy: compilePolicy(source) };
}

function openings(before: RuleSet, after: RuleSet): readonly string[] {
  return finish(findOpeningsInSteps(before, after)).map(
    ({ ruleIndex, who, hosts, before: was, after: is }) => `#${ruleIndex + 1} ${was}->${is} ${who}: ${hosts.join(' ')}`,
  );
}

const app = 'app.example.com';
const only = (...subjects: readonly string[]) => ({ subjects: subjects.map((subject) => [subject]) });

describe('a reload that opens something', () => {
  test.each<[string, RuleSet, RuleSet, readonly string[]]>([
    ['nothing is new', set([rule('one_factor', app)]), set([rule('one_factor', app)]), []],
    ['something closes', set([rule('one_factor', app)]), set([rule('two_factor', app)]), []],
    ['to everybody who signs in', set([]), set([rule('one_factor', app)]), ['#1 deny->one_factor anyone: app.example.com']],
    ['to strangers, which is told alone', set([]), set([rule('bypass', app)]), ['#1 deny->bypass strangers: app.example.com']],
    ['by a factor less', set([rule('two_factor', app)]), set([rule('one_factor', app)]), ['#1 two_factor->one_factor anyone: app.example.com']],
    [
      'to a group',
      set([]),
      set([rule('one_factor', app, only('group:admins', 'user:bob'))]),
      ['#1 deny->one_factor group:admins: app.example.com', '#1 deny->one_factor user:bob: app.example.com'],
    ],
    [
      'to who is two things',
      set([]),
      set([rule('one_factor', app, { subjects: [['user:bob', 'group:admins']] })]),
      ['#1 deny->one_factor user:bob with group:admins: app.example.com'],
    ],
    [
      'to people who were kept out',
      set([rule('deny', app, only('group:guests')), rule('one_factor', app, only('group:staff'))]),
      set([rule('one_factor', app, only('group:staff'))]),
      ['#1 deny->one_factor group:staff with group:guests: app.example.com'],
    ],
    [
      'by its order',
      set([rule('one_factor', app, only('group:admins')), rule('deny', app), rule('one_factor', '*.example.com')]),
      set([rule('one_factor', '*.example.com'), rule('one_factor', app, only('group:admins'))]),
      ['#1 deny->one_factor anyone: app.example.com'],
    ],
    [
      'on several hosts at once',
      set([]),
      set([{ ...rule('one_factor', app), domains: [app, 'b.test', '*.c.test'] }]),
      ['#1 deny->one_factor anyone: app.example.com b.test <any>.c.test'],
    ],
    [
      'to each on their own host',
      set([]),
      set([rule('one_factor', '{user}.home.test'), rule('two_factor', '{group}.team.test')]),
      ['#1 deny->one_factor anyone: {user}.home.test', '#2 deny->two_factor their own group: {group}.team.test'],
    ],
    ['by the default policy', set([rule('deny', app)]), set([rule('deny', app)], 'two_factor'), ['#0 deny->two_factor anyone: <any>']],
    [
      'by a path',
      set([rule('deny', app, { resources: ['^/admin([/?].*)?$'] }), rule('one_factor', app)]),
      set([rule('one_factor', app)]),
      ['#1 deny->one_factor anyone: app.example.com'],
    ],
    ['to nobody who can be', set([]), set([rule('one_factor', app, { subjects: [['user:a', 'user:b']] })]), []],
  ])('%s', (_, before, after, expected) => {
    expect(openings(before, after)).toEqual(expected);
  });

  test('is found among ten thousand rules host by host', () => {
    const rules = Array.from({ length: 10_000 }, (_, i) => rule('two_factor', `app${i}.example.com`));
    const steps = findOpeningsInSteps(set(rules), set([...rules.slice(0, 7), rule('bypass', 'app7.example.com'), ...rules.slice(8)]));
    let count = 0;
    for (let step = steps.next(); ; step = steps.next(), count++) {
      if (step.done !== true) continue;
      expect(step.value).toEqual([{ ruleIndex: 7, before: 'two_factor', after: 'bypass', who: 'strangers', hosts: ['app7.example.com'] }]);
      break;
    }
    expect(count).toBeGreaterThan(10_000);
  });
});
