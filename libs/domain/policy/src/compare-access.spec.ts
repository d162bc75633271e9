import { describe, expect, test } from 'vitest';
import { compareAccess, type RuleSet } from './compare-access.js';
import { compilePolicy } from './compile-policy.js';
import { fingerprintOf } from './fingerprint.js';
import type { NetworkDefinitions, Policy, Rule, Subject } from './types.js';

const people: readonly Subject[] = [
  { username: 'alice', groups: ['admins', 'dev'] },
  { username: 'bob', groups: ['users'] },
  { username: 'Casey', groups: ['users'] },
];

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

function set(rules: readonly Rule[], defaultPolicy: Policy = 'deny', networks: NetworkDefinitions = {}): RuleSet {
  const source = { defaultPolicy, rules, networks };
  return { source, policy: compilePolicy(source) };
}

/** A line each: change, who, host, and what narrows it. */
function changes(before: RuleSet, after: RuleSet): readonly string[] {
  return compareAccess(before, after, people).map(({ change, who, host, resources, paths, methods, from, before: was, after: is }) =>
    [
      change,
      who.map((name) => name ?? '-').join('+'),
      host,
      [...resources, ...paths].join(' '),
      methods.map((name) => name || 'others').join(' '),
      from.map((name) => name || 'elsewhere').join(' '),
    ]
      .concat(`${was.policy}#${was.ruleIndex + 1} ${is.policy}#${is.ruleIndex + 1}`)
      .filter((part) => part !== '')
      .join(' | '),
  );
}

const app = 'app.example.com';
const admins = { subjects: [['group:admins']] };

describe('what new rules change is told', () => {
  test.each<[string, RuleSet, RuleSet, readonly string[]]>([
    ['nothing where nothing is new', set([rule('one_factor', app)]), set([rule('one_factor', app)]), []],
    [
      'nothing where only the order of what does not meet is new',
      set([rule('deny', 'a.b'), rule('one_factor', app)]),
      set([rule('one_factor', app), rule('deny', 'a.b')]),
      [],
    ],
    ['a host for everybody', set([]), set([rule('one_factor', app)]), ['gains | alice+bob+Casey | app.example.com | deny#0 one_factor#1']],
    ['a host for strangers', set([rule('one_factor', app)]), set([rule('bypass', app)]), ['gains | - | app.example.com | one_factor#1 bypass#1']],
    [
      'a factor less',
      set([rule('two_factor', app)]),
      set([rule('one_factor', app)]),
      ['easier | alice+bob+Casey | app.example.com | two_factor#1 one_factor#1'],
    ],
    [
      'a factor more',
      set([rule('one_factor', app)]),
      set([rule('two_factor', app)]),
      ['harder | alice+bob+Casey | app.example.com | one_factor#1 two_factor#1'],
    ],
    [
      'a host for some',
      set([rule('one_factor', app)]),
      set([rule('one_factor', app, admins)]),
      ['loses | bob+Casey | app.example.com | one_factor#1 deny#0'],
    ],
    [
      'the order of rules',
      set([rule('one_factor', '*.example.com'), rule('one_factor', app, admins), rule('deny', app)]),
      set([rule('one_factor', app, admins), rule('deny', app), rule('one_factor', '*.example.com')]),
      ['loses | bob+Casey | app.example.com | one_factor#1 deny#2'],
    ],
    [
      'all below a wildcard, by one that stands for them, and what stands in its way',
      set([rule('deny', app)]),
      set([rule('deny', app), rule('one_factor', '*.example.com')]),
      ['gains | alice+bob+Casey | <any>.example.com | deny#0 one_factor#2'],
    ],
    [
      "everybody's own host, which a name with capitals has not",
      set([]),
      set([rule('one_factor', '{user}.home.test')]),
      ['gains | alice+bob | {user}.home.test | deny#0 one_factor#1'],
    ],
    [
      'the host of a group',
      set([]),
      set([rule('one_factor', '{group}.team.test')]),
      [
        'gains | alice | admins.team.test | deny#0 one_factor#1',
        'gains | alice | dev.team.test | deny#0 one_factor#1',
        'gains | bob+Casey | users.team.test | deny#0 one_factor#1',
      ],
    ],
    [
      'the hosts of a pattern',
      set([]),
      set([rule('bypass', null, { domainRegex: ['^pub-\\d+\\.test$'] })]),
      ['gains | - | pub-1.test | deny#0 bypass#1', 'gains | alice+bob+Casey | pub-1.test | deny#0 bypass#1'],
    ],
    [
      'a path, by its pattern',
      set([rule('one_factor', app)]),
      set([rule('deny', app, { resources: ['^/admin([/?].*)?$'] }), rule('one_factor', app)]),
      ['loses | alice+bob+Casey | app.example.com | ^/admin([/?].*)?$ | one_factor#1 deny#1'],
    ],
    [
      'what a pattern lost, as paths',
      set([rule('deny', app, { resources: ['^/admin([/?].*)?$'] }), rule('one_factor', app)]),
      set([rule('deny', app, { resources: ['^/admin$'] }), rule('one_factor', app)]),
      ['gains | alice+bob+Casey | app.example.com | /admin/ /admin/<any> /admin?<any> | deny#1 one_factor#2'],
    ],
    [
      'all but a path',
      set([rule('one_factor', app)]),
      set([rule('one_factor', app, { resources: ['^/api/'] })]),
      ['loses | alice+bob+Casey | app.example.com | / /<any> | one_factor#1 deny#0'],
    ],
    [
      'a method',
      set([rule('one_factor', app)]),
      set([rule('bypass', app, { methods: ['OPTIONS'] }), rule('one_factor', app)]),
      ['gains | - | app.example.com | OPTIONS | one_factor#1 bypass#1'],
    ],
    [
      'all methods but one',
      set([rule('one_factor', app)]),
      set([rule('one_factor', app, { methods: ['GET'] })]),
      ['loses | alice+bob+Casey | app.example.com | others | one_factor#1 deny#0'],
    ],
    [
      'a network',
      set([rule('one_factor', app)]),
      set([rule('bypass', app, { networks: ['lan'] }), rule('one_factor', app)], 'deny', { lan: ['10.0.0.0/8', 'fd00::/8'] }),
      ['gains | - | app.example.com | lan | one_factor#1 bypass#1'],
    ],
    [
      'what a network is',
      set([rule('bypass', app, { networks: ['lan'] })], 'deny', { lan: ['10.0.0.0/8'] }),
      set([rule('bypass', app, { networks: ['lan'] })], 'deny', { lan: ['10.1.0.0/16'] }),
      ['loses | - | app.example.com | lan | bypass#1 deny#0', 'loses | alice+bob+Casey | app.example.com | lan | bypass#1 deny#0'],
    ],
    [
      'what a network is, of which the half stays and the other family goes',
      set([rule('bypass', app, { networks: ['lan'] }), rule('one_factor', app)], 'deny', { lan: ['10.0.0.0/8', 'fd00::/8'] }),
      set([rule('bypass', app, { networks: ['lan'] }), rule('one_factor', app)], 'deny', { lan: ['10.0.0.0/9'] }),
      ['loses | - | app.example.com | lan | bypass#1 one_factor#2'],
    ],
    [
      'a query',
      set([]),
      set([rule('one_factor', app, { query: [[{ key: 'token', operator: 'equal', value: 'a b' }]] })]),
      ['gains | alice+bob+Casey | app.example.com | /?token=a%20b | deny#0 one_factor#1'],
    ],
    [
      'the default policy, for all the rest',
      set([rule('deny', app)], 'deny'),
      set([rule('deny', app)], 'one_factor'),
      ['gains | alice+bob+Casey | <any> | deny#0 one_factor#0'],
    ],
    [
      'paths of one’s own',
      set([]),
      set([rule('one_factor', app, { resources: ['^/user/(?P<User>\\w+)$'] })]),
      ['gains | alice+bob+Casey | app.example.com | ^/user/(?P<User>\\w+)$ | deny#0 one_factor#1'],
    ],
  ])('%s', (_, before, after, expected) => {
    expect(changes(before, after)).toEqual(expected);
  });

  test('an opening turned round is a closing', () => {
    const [one, other] = [set([rule('one_factor', app)]), set([rule('deny', app, { methods: ['GET', 'POST'] }), rule('bypass', app)])];
    const turned = { gains: 'loses', loses: 'gains', easier: 'harder', harder: 'easier' };
    const there = compareAccess(one, other, people).map(({ change, host, who, before, after }) => ({
      change: turned[change],
      host,
      who,
      before: after,
      after: before,
    }));
    const back = compareAccess(other, one, people).map(({ change, host, who, before, after }) => ({ change, host, who, before, after }));
    expect(new Set(back.map((row) => JSON.stringify(row)))).toEqual(new Set(there.map((row) => JSON.stringify(row))));
  });
});

test('rules are told apart by their fingerprints, and only by what they say', () => {
  const of = (rules: readonly Rule[], defaultPolicy: Policy = 'deny', networks: NetworkDefinitions = {}) =>
    fingerprintOf({ rules, defaultPolicy, networks });
  expect(of([rule('deny', app)])).toMatch(/^[0-9a-f]{12}$/);
  expect(of([rule('deny', app)])).toBe(of([rule('deny', app)]));
  const others = [
    of([]),
    of([rule('deny', app)]),
    of([rule('bypass', app)]),
    of([], 'bypass'),
    of([], 'deny', { a: ['10.0.0.1'] }),
    of([rule('deny', app), rule('deny', 'b')]),
  ];
  expect(new Set(others).size).toBe(others.length);
  expect(of([], 'deny', { a: ['1'], b: ['2'] })).toBe(of([], 'deny', { b: ['2'], a: ['1'] }));
});
