import { expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import { decide } from './decide.js';
import { explain } from './explain.js';
import type { Decision, Policy, PolicyRequest, Rule, Subject } from './types.js';

/** A linear congruential generator: the same worlds in every run. */
function randomness(seed: number) {
  let state = seed;
  const next = () => (state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0) / 2 ** 32;
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)]!;
  const some = <T>(list: readonly T[], chance: number): T[] =>
    next() < chance ? Array.from({ length: 1 + Math.floor(next() * 2) }, () => pick(list)) : [];
  return { next, pick, some };
}

const hosts = [
  'a.example.com',
  'b.example.com',
  'x.a.example.com',
  'alice.home.example.com',
  'bob.home.example.com',
  'admins.team.example.com',
  'example.com',
  'a.test',
];
const domains = [
  'a.example.com',
  'b.example.com',
  '*.example.com',
  '*.a.example.com',
  '{user}.home.example.com',
  '{group}.team.example.com',
  '{user}.example.com',
  '*.com',
];
const paths = ['/', '/public', '/public/x', '/publicity', '/user/alice', '/user/bob/x', '/admin'];
const resources = ['^/public([/?].*)?$', '^/admin$', '/x', '^/user/(?P<User>\\w+)', '\\?a=1$'];
const subjects: readonly (Subject | null)[] = [
  null,
  { username: 'alice', groups: ['admins'] },
  { username: 'bob', groups: ['users'] },
  { username: '', groups: ['admins'] },
];

/** The rules asked one by one, straight from chapter 2 of the reference: no index, no cache, no shared code. */
function decideNaively(rules: readonly Rule[], request: PolicyRequest, subject: Subject | null): Decision {
  const ruleIndex = rules.findIndex((rule) => matchesNaively(rule, request, subject));
  const found = rules[ruleIndex];
  if (found === undefined) return { policy: 'deny', ruleIndex: -1, hasSubjects: false };
  const isPersonal = [...found.domains, ...found.domainRegex, ...found.resources].some((value) => /\{user\}|\{group\}|<User>|<Group>/.test(value));
  return { policy: found.policy, ruleIndex, hasSubjects: found.subjects.length > 0 || isPersonal };
}

function matchesNaively(rule: Rule, { host, path, query, method, ip }: PolicyRequest, subject: Subject | null): boolean {
  const text = query === '' ? path : `${path}?${query}`;
  const isEverywhere = rule.domains.length + rule.domainRegex.length === 0;
  return (
    (isEverywhere || rule.domains.some((domain) => isOn(domain, host, subject)) || rule.domainRegex.some((regex) => isFound(regex, host, subject))) &&
    (rule.resources.length === 0 || rule.resources.some((regex) => isFound(regex, text, subject))) &&
    (rule.methods.length === 0 || rule.methods.includes(method)) &&
    (rule.networks.length === 0 || (ip ?? '').startsWith('10.')) &&
    (rule.query.length === 0 || new URLSearchParams(query).get('a') === '1') &&
    (rule.subjects.length === 0 || subject === null || rule.subjects.some((all) => all.every((entry) => isWho(entry, subject))))
  );
}

function isOn(domain: string, host: string, subject: Subject | null): boolean {
  if (domain.startsWith('*')) return host.endsWith(domain.slice(1));
  const placeholder = /^\{(user|group)\}/.exec(domain);
  if (placeholder === null) return host === domain;
  const rest = domain.slice(placeholder[0].length);
  if (subject === null) return host.endsWith(rest) && host !== rest;
  const names = placeholder[1] === 'user' ? [subject.username] : subject.groups;
  return names.some((name) => name + rest === host);
}

function isFound(regex: string, text: string, subject: Subject | null): boolean {
  const found = new RegExp(regex.replaceAll('(?P<', '(?<')).exec(text);
  if (found === null) return false;
  const user = found.groups?.User;
  return subject === null || user === undefined || subject.username === user;
}

function isWho(entry: string, subject: Subject): boolean {
  return entry === `user:${subject.username}` || subject.groups.some((group) => entry === `group:${group}`);
}

const policies: readonly Policy[] = ['bypass', 'one_factor', 'two_factor', 'deny'];

test.each([1, 2, 3, 4, 5, 6, 7, 8])('random rules answer by the index as one by one, and are explained likewise (seed %i)', (seed) => {
  const { next, pick, some } = randomness(seed);
  const randomRule = (): Rule => {
    const rule: Rule = {
      policy: pick(policies),
      domains: some(domains, 0.8),
      domainRegex: some(['^a\\.', '^(?P<User>\\w+)\\.home\\.', 'example'], 0.15),
      subjects: some(['user:alice', 'user:bob', 'group:admins', 'group:users'], 0.25).map((entry) => [entry]),
      networks: next() < 0.2 ? ['10.0.0.0/8'] : [],
      methods: some(['GET', 'POST'], 0.2),
      resources: some(resources, 0.3),
      query: next() < 0.15 ? [[{ key: 'a', operator: 'equal', value: '1' }]] : [],
    };
    const asksWho = rule.subjects.length > 0 || /\{|</.test([...rule.domains, ...rule.domainRegex].join(''));
    return rule.policy === 'bypass' && asksWho ? { ...rule, policy: 'one_factor' } : rule;
  };
  for (let world = 0; world < 60; world++) {
    const rules = Array.from({ length: 1 + Math.floor(next() * 12) }, randomRule);
    const policy = compilePolicy({ defaultPolicy: 'deny', rules, networks: {} });
    for (let question = 0; question < 60; question++) {
      const request = {
        host: pick(hosts),
        path: pick(paths),
        query: pick(['', 'a=1', 'a=2', 'b']),
        method: pick(['GET', 'POST']),
        ip: pick(['10.1.2.3', '8.8.8.8', '::1']),
      };
      const subject = pick(subjects);
      const expected = decideNaively(rules, request, subject);
      expect(decide(policy, request, subject), JSON.stringify({ rules, request, subject })).toEqual(expected);
      const { appliedIndex, potentialIndex } = explain(policy, request, subject);
      expect(potentialIndex >= 0 ? potentialIndex : appliedIndex).toBe(expected.ruleIndex);
    }
  }
});

test('more hosts than the cache holds are answered alike', () => {
  const rules: Rule[] = [
    { policy: 'one_factor', domains: ['*.example.com'], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [] },
  ];
  const policy = compilePolicy({ defaultPolicy: 'deny', rules, networks: {} });
  for (let i = 0; i < 50_000; i++) {
    const answer = decide(
      policy,
      { host: `h${i % 30_000}.${i % 3 === 0 ? 'test' : 'example.com'}`, path: '/', query: '', method: 'GET', ip: null },
      null,
    );
    if ((answer.ruleIndex === 0) !== (i % 3 !== 0)) expect.fail(`host ${i} was answered by ${answer.ruleIndex}`);
  }
});
