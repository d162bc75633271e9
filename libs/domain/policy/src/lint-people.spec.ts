import { describe, expect, test } from 'vitest';
import { lintPeople, type Person } from './lint-people.js';
import type { Policy, Rule } from './types.js';

const people: readonly Person[] = [
  { username: 'alice', groups: ['admins', 'dev'], disabled: false },
  { username: 'bob', groups: ['users'], disabled: false },
  { username: 'Casey', groups: ['users'], disabled: false },
  { username: 'dora', groups: ['gone'], disabled: true },
];

function rule(policy: Policy, subjects: Rule['subjects'], domain = 'a.b'): Rule {
  return { policy, domains: [domain], domainRegex: [], subjects, networks: [], methods: [], resources: [], query: [] };
}

const open = rule('one_factor', [], 'open.test');
const lint = (rules: readonly Rule[], who = people) => lintPeople({ defaultPolicy: 'deny', rules: [open, ...rules], networks: {} }, who);

describe('what a rule asks for and nobody is', () => {
  test.each<[string, Rule['subjects'], string, string]>([
    [
      'a group without a member',
      [['group:ops']],
      "is for nobody: no user is in the group 'ops'.",
      'give the group to somebody in the users file:\ngroups: [ops]',
    ],
    [
      'a group of disabled people',
      [['group:gone']],
      "is for nobody: no user is in the group 'gone'.",
      'give the group to somebody in the users file:\ngroups: [gone]',
    ],
    [
      'a misspelt group',
      [['group:admin']],
      "is for nobody: no user is in the group 'admin'; 'admins' was probably meant.",
      "subject: 'group:admins'",
    ],
    ['a group in other letters', [['group:Dev']], "is for nobody: no user is in the group 'Dev'; 'dev' was probably meant.", "subject: 'group:dev'"],
    [
      'a misspelt user beside others',
      [['user:alcie'], ['user:bob']],
      "no user is called 'alcie'; 'alice' was probably meant.",
      "subject: ['user:alice', 'user:bob']",
    ],
    ['a stranger', [['user:somebody']], "is for nobody: no user is called 'somebody'.", 'add somebody to the users file, or take user:somebody out'],
    ['somebody disabled', [['user:dora']], 'is for nobody: dora is disabled in the users file.', 'enable dora, or take user:dora out'],
    [
      'somebody not in the group',
      [['user:bob', 'group:admins']],
      "is for nobody: bob is not in group 'admins'.",
      'add it to bob in the users file:\ngroups: [users, admins]',
    ],
    [
      'two groups at once',
      [['group:users', 'group:admins']],
      "is for nobody: nobody is in group 'users' and group 'admins' at once, as a list within the list asks.",
      "for people who are in one of them:\nsubject: ['group:users', 'group:admins']",
    ],
  ])('%s', (_, subjects, says, fix) => {
    const [warning, ...others] = lint([rule('one_factor', subjects)]);
    expect(warning).toMatchObject({ kind: 'unmet', severity: 'notice', ruleIndex: 1, fix });
    expect(warning?.text).toBe(`Rule #2 (a.b)${says.startsWith('is') ? ' ' : ': '}${says}`);
    expect(others).toEqual([]);
  });

  test('is a danger where it was to keep somebody out', () => {
    expect(lint([rule('deny', [['user:bobb']])])).toMatchObject([
      {
        severity: 'danger',
        text: "Rule #2 (a.b) is for nobody: no user is called 'bobb'; 'bob' was probably meant, so that nobody is kept out by it.",
      },
    ]);
  });

  test.each<[Rule['subjects']]>([
    [[['group:users']]],
    [[['user:alice', 'group:dev']]],
    [[['group:admins', 'group:dev']]],
    [[['oauth2:client:x']]],
    [[['user:a', 'user:b']]],
  ])('but not %j, which somebody is, or which is told without knowing people', (subjects) => {
    expect(lint([rule('one_factor', subjects)])).toEqual([]);
  });
});

describe("a host of one's own", () => {
  test('is none for a name with capitals', () => {
    expect(lint([rule('one_factor', [], '{user}.home.test')])).toMatchObject([
      {
        text: "Rule #2 ({user}.home.test): '{user}.home.test' is no host for Casey: host names have small letters, digits and dashes, and the name is compared as it is.",
        fix: "write these names in small letters in the users file, or give each a rule of their own:\n- { domain: 'casey.home.test', subject: 'user:Casey', policy: one_factor }",
      },
    ]);
  });

  test('is for nobody where nobody is in a group', () => {
    const loner: Person = { username: 'x', groups: ['in two words'], disabled: false };
    expect(lint([rule('one_factor', [], '{group}.team.test')], [loner])).toMatchObject([{ kind: 'unmet', place: 'domain' }]);
    expect(lint([rule('one_factor', [], '{group}.team.test')])).toEqual([]);
  });
});

describe('people whom no rule lets in', () => {
  const only = (...rules: readonly Rule[]) => lintPeople({ defaultPolicy: 'deny', rules, networks: {} }, people);

  test('are named, with a group that opens something', () => {
    expect(only(rule('one_factor', [['group:users']])).map(({ text, fix }) => [text, fix])).toEqual([
      [
        'User alice can sign in, and no rule lets them in anywhere.',
        'give them a group that a rule names, such as that of rule #1 (a.b), in the users file:\ngroups: [admins, dev, users]',
      ],
    ]);
  });

  test('are named where all there is is open to strangers anyway', () => {
    expect(only(rule('bypass', []))).toMatchObject([{ username: 'alice' }, { username: 'bob' }, { username: 'Casey' }]);
  });

  test.each<[string, Rule]>([
    ['a path', { ...rule('one_factor', []), resources: ['^/x$'] }],
    ['a method', { ...rule('one_factor', []), methods: ['POST'] }],
    ['a network', { ...rule('one_factor', []), networks: ['10.0.0.0/8'] }],
    ['a wildcard', rule('one_factor', [], '*.a.b')],
  ])('are not those who reach %s', (_, one) => {
    expect(only(one)).toEqual([]);
  });

  test('are none where the default policy lets them in', () => {
    expect(lintPeople({ defaultPolicy: 'one_factor', rules: [], networks: {} }, people)).toEqual([]);
  });
});
