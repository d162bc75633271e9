import { describe, expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import { decideStrictest } from './decide.js';
import { readPath } from './read-path.js';
import type { PolicyRequest, Rule, Subject } from './types.js';

const alice: Subject = { username: 'alice', groups: ['admins', 'dev'] };
const bob: Subject = { username: 'bob', groups: ['users'] };

function rule(policy: Rule['policy'], criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: [], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

/** `host/path?query` with the method in front where it is not GET. */
function ask(rules: readonly Rule[], address: string, subject: Subject | null = null) {
  const [, method = 'GET', host = '', rawPath = '', query = ''] = /^(?:([A-Z]+) )?([^/?]*)([^?]*)(?:\?(.*))?$/.exec(address) ?? [];
  const reading = readPath(rawPath);
  if (reading === null) return null;
  const request: PolicyRequest = { host: host.toLowerCase(), path: reading.path, query, method, ip: null };
  return decideStrictest(compilePolicy({ defaultPolicy: 'deny', rules, networks: {} }), request, reading.otherPaths, subject);
}

describe('resources', () => {
  const api = [
    rule('bypass', { resources: ['^/public([/?].*)?$'] }),
    rule('two_factor', { resources: ['^/v1/admin([/?].*)?$'] }),
    rule('one_factor', { resources: ['^/v1([/?].*)?$'] }),
  ];

  test.each([
    ['a path', 'api.b/public', 'bypass'],
    ['a path below', 'api.b/public/x', 'bypass'],
    ['a path with a query', 'api.b/public?x=1', 'bypass'],
    ['a path that only begins so', 'api.b/publicity', 'deny'],
    ['a path in another case', 'api.b/PUBLIC', 'deny'],
    ['an empty query', 'api.b/v1/admin?', 'two_factor'],
    ['a query', 'api.b/v1/admin?x', 'two_factor'],
    ['a longer name', 'api.b/v1/adminx', 'one_factor'],
    ['no path at all, which reads as a dot', 'api.b', 'deny'],
    ['percent-encoded letters', 'api.b/v1/%61dmin', 'two_factor'],
  ])('decide on %s', (_, address, policy) => {
    expect(ask(api, address)?.policy).toBe(policy);
  });

  test.each([
    ['dot segments', 'api.b/public/../v1/admin', 'two_factor'],
    ['encoded dots', 'api.b/public/%2e%2e/v1/admin', 'two_factor'],
    ['an encoded slash', 'api.b/public/..%2fv1/admin', 'two_factor'],
    ['two slashes', 'api.b/v1//admin', 'two_factor'],
    ['two slashes in front of an open path', 'api.b//public', 'deny'],
    ['a dot segment that leads nowhere', 'api.b/./public', 'deny'],
    ['dot segments inside a looser path', 'api.b/v1/x/../admin', 'two_factor'],
    ['double encoding', 'api.b/public/%252e%252e%252fv1/admin', 'two_factor'],
    ['double encoding beside other bytes', 'api.b/public/%C3%A9/%252e%252e/%252e%252e/v1/admin', 'two_factor'],
    ['double encoding beside a broken escape', 'api.b/public/%25zz/%252e%252e/%252e%252e/v1/admin', 'two_factor'],
    ['a path parameter', 'api.b/public;/../v1/admin', 'deny'],
    ['a path parameter that hides dot segments', 'api.b/public/..;/v1/admin', 'two_factor'],
    ['a path parameter at the end', 'api.b/v1/admin;x', 'two_factor'],
    ['a backslash', 'api.b/public\\..\\v1\\admin', 'deny'],
    ['an encoded backslash', 'api.b/v1%5cadmin', 'deny'],
  ])('decide by the stricter reading of %s', (_, address, policy) => {
    expect(ask(api, address)?.policy).toBe(policy);
  });

  test('see the query, which a pattern without a beginning falls for', () => {
    const loose = [rule('bypass', { resources: ['/status'] }), rule('two_factor')];
    expect(ask(loose, 'a.b/api/private?path=/status')?.policy).toBe('bypass');
    expect(ask(loose, 'a.b/api')?.policy).toBe('two_factor');
  });

  test('may ignore the case where they say so', () => {
    expect(ask([rule('bypass', { resources: ['(?i)^/About$'] })], 'a.b/ABOUT')?.policy).toBe('bypass');
  });

  test.each<[string, string, Subject | null, string]>([
    ['with User must be the person', '/user/alice', alice, 'one_factor'],
    ['with User do not count the case', '/user/ALICE/x', alice, 'one_factor'],
    ['with User are nobody else', '/user/bob/x', alice, 'deny'],
    ['with Group must be a group', '/group/admins', alice, 'one_factor'],
    ['with Group are no other group', '/group/admins', bob, 'deny'],
    ['with User might be anybody for an anonymous visitor', '/user/bob', null, 'one_factor'],
    ['that do not match at all leave an anonymous visitor out too', '/other', null, 'deny'],
  ])('%s', (_, path, subject, policy) => {
    const rules = [rule('one_factor', { resources: ['^/user/(?P<User>\\w+)(/.*)?$', '^/group/(?P<Group>\\w+)(/.*)?$'] })];
    expect(ask(rules, `res.b${path}`, subject)?.policy).toBe(policy);
    expect(ask(rules, 'res.b/user/x')?.hasSubjects).toBe(true);
  });

  test('answer at once for a pattern that ruins a backtracking engine', () => {
    const rules = [rule('bypass', { resources: ['(a+)+$', '^(a|aa)+x$', '^/(?P<User>(a+)+)$'] })];
    expect(ask(rules, `a.b/${'a'.repeat(100_000)}!`, alice)?.policy).toBe('deny');
  });
});

describe('query', () => {
  const present = rule('bypass', {
    query: [
      [
        { key: 'token', operator: 'equal', value: 'abc' },
        { key: 'id', operator: 'present' },
      ],
    ],
  });
  const loose = rule('one_factor', {
    query: [
      [{ key: 'page', operator: 'pattern', value: '^\\d+$' }],
      [
        { key: 'private', operator: 'absent' },
        { key: 'mode', operator: 'not equal', value: 'x' },
      ],
    ],
  });

  test.each([
    ['all conditions of a group', '?token=abc&id=1', 'bypass'],
    ['all conditions in another order', '?id&token=abc', 'bypass'],
    ['one condition missing', '?token=abc', 'one_factor'],
    ['another value', '?token=abd&id=1', 'one_factor'],
    ['the first value of a key alone', '?token=x&token=abc&id=1', 'one_factor'],
    ['a pattern', '?page=12&private=1', 'one_factor'],
    ['a pattern that does not match', '?page=1x&private=1', 'deny'],
    ['a value that is ruled out', '?mode=x', 'deny'],
    ['no query at all', '', 'one_factor'],
    ['an encoded value', '?%74oken=%61bc&id', 'bypass'],
    ['a pair with a semicolon, which does not exist', '?token=abc;&id=1', 'one_factor'],
  ])('decides by %s', (_, query, policy) => {
    expect(ask([present, loose], `q.b/${query}`)?.policy).toBe(policy);
  });

  test.each([
    ['matches another value', '?v=b', true],
    ['matches a missing key, whose value is empty', '', true],
    ['does not match the pattern', '?v=a1', false],
  ])('not pattern %s', (_, query, isMatch) => {
    const rules = [rule('bypass', { query: [[{ key: 'v', operator: 'not pattern', value: '^a' }]] })];
    expect(ask(rules, `q.b/${query}`)?.policy).toBe(isMatch ? 'bypass' : 'deny');
  });

  test('a missing key equals the empty value', () => {
    expect(ask([rule('bypass', { query: [[{ key: 'v', operator: 'equal', value: '' }]] })], 'q.b/')?.policy).toBe('bypass');
  });

  test.each<[string, Rule['query'][number][number], string]>([
    ['absent, past a semicolon', { key: 'private', operator: 'absent' }, '?private=1;'],
    ['absent, past a semicolon in front', { key: 'private', operator: 'absent' }, '?x;private=1'],
    ['absent, past a malformed escape', { key: 'private', operator: 'absent' }, '?private=%zz'],
    ['not equal, past a semicolon', { key: 'mode', operator: 'not equal', value: 'x' }, '?mode=x;y'],
    ['not equal, past a semicolon that belongs to the value', { key: 'mode', operator: 'not equal', value: 'x;y' }, '?mode=x;y'],
    ['not equal, past a malformed escape', { key: 'mode', operator: 'not equal', value: 'x%z' }, '?mode=x%z'],
    ['not pattern, past a malformed escape', { key: 'mode', operator: 'not pattern', value: '^x' }, '?mode=x%zz'],
  ])('is not slipped past by a pair that one reader drops and another keeps: %s', (_, condition, query) => {
    const rules = [rule('bypass', { query: [[condition]] }), rule('two_factor')];
    expect(ask(rules, 'q.b/')?.policy).toBe('bypass');
    expect(ask(rules, `q.b/${query}`)?.policy).toBe('two_factor');
  });

  test.each([
    ['?token=abc;', 'one_factor'],
    ['?x;token=abc', 'one_factor'],
    ['?token=abc&y=1;', 'bypass'],
    ['?token=abc&z=%', 'bypass'],
  ])('opens by such a pair nothing that stays closed without, and closes nothing that has no part in it: %s', (query, policy) => {
    const rules = [rule('bypass', { query: [[{ key: 'token', operator: 'equal', value: 'abc' }]] }), rule('one_factor')];
    expect(ask(rules, `q.b/${query}`)?.policy).toBe(policy);
  });

  test('reads the strictest of every path and every query', () => {
    const hidden = rule('bypass', { resources: ['^/open'], query: [[{ key: 'private', operator: 'absent' }]] });
    const rules = [hidden, rule('one_factor', { resources: ['^/open'] }), rule('two_factor', { resources: ['^/closed'] })];
    expect(ask(rules, 'q.b/open?private;')?.policy).toBe('one_factor');
    expect(ask(rules, 'q.b/open/..%2fclosed?private;')?.policy).toBe('two_factor');
  });
});
