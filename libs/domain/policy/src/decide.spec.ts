import { describe, expect, test } from 'vitest';
import { compilePolicy } from './compile-policy.js';
import { decide, decideStrictest, stricter } from './decide.js';
import { readPath } from './read-path.js';
import type { NetworkDefinitions, PolicyRequest, Rule, Subject } from './types.js';

const alice: Subject = { username: 'alice', groups: ['admins', 'dev'] };
const bob: Subject = { username: 'bob', groups: ['users'] };
const networks: NetworkDefinitions = { internal: ['10.0.0.0/8', 'fd00::/8'] };

function rule(policy: Rule['policy'], criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: [], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

/** `host/path?query` with the method in front where it is not GET. */
function ask(rules: readonly Rule[], address: string, subject: Subject | null = null, ip = '203.0.113.7') {
  const [, method = 'GET', host = '', rawPath = '', query = ''] = /^(?:([A-Z]+) )?([^/?]*)([^?]*)(?:\?(.*))?$/.exec(address) ?? [];
  const reading = readPath(rawPath);
  if (reading === null) return null;
  const request: PolicyRequest = { host: host.toLowerCase(), path: reading.path, query, method, ip };
  return decideStrictest(compilePolicy({ defaultPolicy: 'deny', rules, networks }), request, reading.otherPaths, subject);
}

describe('the first rule that matches wins', () => {
  const rules = [rule('one_factor', { domains: ['a.example.com'] }), rule('two_factor', { domains: ['a.example.com'] }), rule('bypass')];

  test('even where a later one is stricter', () => {
    expect(ask(rules, 'a.example.com/')).toEqual({ policy: 'one_factor', ruleIndex: 0, hasSubjects: false });
  });

  test('and a rule without criteria matches what is left', () => {
    expect(ask(rules, 'b.example.com/')).toEqual({ policy: 'bypass', ruleIndex: 2, hasSubjects: false });
  });

  test('else the default policy applies, which asks for nobody', () => {
    expect(ask(rules.slice(0, 1), 'b.example.com/')).toEqual({ policy: 'deny', ruleIndex: -1, hasSubjects: false });
  });

  test('whichever of its domains a rule is found by, and however often', () => {
    const twice = [
      rule('deny', { domains: ['a.example.com'], methods: ['POST'] }),
      rule('bypass', { domains: ['*.example.com', 'a.example.com'], domainRegex: ['^a'] }),
    ];
    expect(ask(twice, 'a.example.com/')?.ruleIndex).toBe(1);
    expect(ask(twice, 'POST a.example.com/')?.ruleIndex).toBe(0);
  });
});

describe('a domain', () => {
  test.each([
    ['matches its own host', ['one.example.com'], 'one.example.com/', true],
    ['matches whatever the case of host or rule', ['ONE.example.com'], 'One.Example.Com/', true],
    ['does not match a host below it', ['example.com'], 'one.example.com/', false],
    ['does not match a host that begins like it', ['one.example.com'], 'one.example.com.evil.test/', false],
    ['does not match a host that ends like it', ['example.com'], 'evilexample.com/', false],
    ['does not match with a trailing dot', ['one.example.com'], 'one.example.com./', false],
    ['with a star matches one level below', ['*.wild.example.com'], 'a.wild.example.com/', true],
    ['with a star matches any level below', ['*.wild.example.com'], 'a.b.wild.example.com/', true],
    ['with a star does not match the domain itself', ['*.wild.example.com'], 'wild.example.com/', false],
    ['with a star does not match a longer label', ['*.wild.example.com'], 'xwild.example.com/', false],
    ['with a star and no dot matches nothing', ['*wild.example.com'], 'xwild.example.com/', false],
    ['of a list is enough', ['*.wild.example.com', 'list.example.com'], 'list.example.com/', true],
  ])('%s', (_, domains, address, isMatch) => {
    expect(ask([rule('bypass', { domains })], address)?.policy).toBe(isMatch ? 'bypass' : 'deny');
  });
});

describe('{user} and {group} in a domain', () => {
  const rules = [rule('one_factor', { domains: ['{user}.home.example.com'] }), rule('two_factor', { domains: ['{group}.team.example.com'] })];

  test.each<[string, string, Subject | null, string]>([
    ['{user} is the name of the person', 'alice.home.example.com/', alice, 'one_factor'],
    ['{user} is not the name of another', 'alice.home.example.com/', bob, 'deny'],
    ['{user} compares the name as it is, so that a name with capitals has no host', 'bob.home.example.com/', { ...bob, username: 'Bob' }, 'deny'],
    ['the case of the host does not count', 'ALICE.home.example.com/', alice, 'one_factor'],
    ['{user} has no empty name', 'home.example.com/', null, 'deny'],
    ['{user} might be anybody for an anonymous visitor', 'zoe.home.example.com/', null, 'one_factor'],
    ['{user} might even hold a dot', 'a.b.home.example.com/', null, 'one_factor'],
    ['{group} is a group of the person', 'dev.team.example.com/', alice, 'two_factor'],
    ['{group} is no other group', 'dev.team.example.com/', bob, 'deny'],
    ['{group} does not count the case', 'admins.team.example.com/', { ...alice, groups: ['Admins'] }, 'two_factor'],
    ['{group} is one label', 'x.dev.team.example.com/', { ...alice, groups: ['x.dev', 'x'] }, 'deny'],
    ['{group} might be any for an anonymous visitor', 'x.dev.team.example.com/', null, 'two_factor'],
    ['a user without name or groups is anonymous', 'dev.team.example.com/', { username: '', groups: [] }, 'two_factor'],
  ])('%s', (_, address, subject, policy) => {
    expect(ask(rules, address, subject)?.policy).toBe(policy);
  });

  test('{user} is never nobody, not even where no dot follows it', () => {
    const joined = [rule('one_factor', { domains: ['{user}home.example.com'] })];
    expect(ask(joined, 'home.example.com/')?.policy).toBe('deny');
    expect(ask(joined, 'alicehome.example.com/', alice)?.policy).toBe('one_factor');
  });

  test('count as asking who it is', () => {
    expect(ask(rules, 'zoe.home.example.com/')?.hasSubjects).toBe(true);
    expect(ask(rules, 'dev.team.example.com/')?.hasSubjects).toBe(true);
  });
});

describe('domain_regex', () => {
  test.each<[string, string, string, Subject | null, boolean]>([
    ['matches', '^pub-\\d+\\.example\\.com$', 'pub-7.example.com/', null, true],
    ['does not match otherwise', '^pub-\\d+\\.example\\.com$', 'pub-x.example.com/', null, false],
    ['is tied to neither end by itself', 'example', 'x.example.com/', null, true],
    ['sees the host in lower case', '^ALICE', 'ALICE.example.com/', null, false],
    ['with User must be the person', '^(?P<User>\\w+)\\.rx\\.example\\.com$', 'alice.rx.example.com/', alice, true],
    ['with User does not count the case', '^(?P<User>\\w+)\\.rx\\.example\\.com$', 'alice.rx.example.com/', { ...alice, username: 'Alice' }, true],
    ['with User is nobody else', '^(?P<User>\\w+)\\.rx\\.example\\.com$', 'alice.rx.example.com/', bob, false],
    ['with User might be anybody for an anonymous visitor', '^(?P<User>\\w+)\\.rx\\.example\\.com$', 'alice.rx.example.com/', null, true],
    ['with Group must be a group', '^grp-(?P<Group>\\w+)\\.example\\.com$', 'grp-ADMINS.example.com/', alice, true],
    ['with Group is no other group', '^grp-(?P<Group>\\w+)\\.example\\.com$', 'grp-users.example.com/', alice, false],
    ['with both needs both', '^(?P<User>\\w+)\\.(?P<Group>\\w+)\\.', 'alice.users.example.com/', alice, false],
    ['with both is met by both', '^(?P<User>\\w+)\\.(?P<Group>\\w+)\\.', 'alice.dev.example.com/', alice, true],
    ['with a User group that took no part is nobody', '^(?:x|(?P<User>y)|z)', 'z.example.com/', alice, false],
  ])('%s', (_, pattern, address, subject, isMatch) => {
    expect(ask([rule('one_factor', { domainRegex: [pattern] })], address, subject)?.policy).toBe(isMatch ? 'one_factor' : 'deny');
  });

  test('is one more way beside the domains', () => {
    const rules = [rule('bypass', { domains: ['list.example.com'], domainRegex: ['^pub-\\d+\\.'] })];
    expect(ask(rules, 'list.example.com/')?.policy).toBe('bypass');
    expect(ask(rules, 'pub-1.example.com/')?.policy).toBe('bypass');
  });

  test('with User beside a plain domain asks for nobody on that domain, yet counts as asking', () => {
    const rules = [rule('one_factor', { domains: ['a.example.com'], domainRegex: ['^(?P<User>\\w+)\\.example'] })];
    expect(ask(rules, 'a.example.com/', bob)).toEqual({ policy: 'one_factor', ruleIndex: 0, hasSubjects: true });
  });
});

describe('methods', () => {
  test.each([
    ['a method of the list', 'OPTIONS a.b/', 'bypass'],
    ['a method written small in the rule', 'HEAD a.b/', 'bypass'],
    ['another method', 'GET a.b/', 'deny'],
    ['a method of WebDAV', 'PROPFIND a.b/', 'deny'],
  ])('decide: %s', (_, address, policy) => {
    expect(ask([rule('bypass', { methods: ['OPTIONS', 'head'] })], address)?.policy).toBe(policy);
  });
});

describe('networks', () => {
  const rules = [rule('bypass', { networks: ['internal', '192.168.7.7', '2001:db8::/33'] })];

  test.each([
    ['inside a named network', '10.1.2.3', true],
    ['inside a named network of IPv6', 'fd00::1', true],
    ['the very address', '192.168.7.7', true],
    ['the address beside it', '192.168.7.8', false],
    ['IPv4 that came mapped into IPv6', '::ffff:10.1.2.3', true],
    ['the same, in hexadecimal', '::ffff:a01:203', true],
    ['inside a prefix that ends within a group', '2001:db8:7fff::1', true],
    ['outside a prefix that ends within a group', '2001:db8:8000::1', false],
    ['outside', '8.8.8.8', false],
    ['no address', 'a', false],
    ['an address with leading zeros', '010.1.2.3', false],
    ['an address with a zone', 'fd00::1%eth0', false],
  ])('decide on a client %s', (_, ip, isMatch) => {
    expect(ask(rules, 'net.b/', null, ip)?.policy).toBe(isMatch ? 'bypass' : 'deny');
  });

  test('a `deny` is not slipped past by an address that nobody can read', () => {
    const closed = [rule('deny', { networks: ['10.0.0.0/8'] }), rule('bypass')];
    expect(ask(closed, 'net.b/', null, 'a')?.ruleIndex).toBe(0);
    expect(ask(closed, 'net.b/', null, '8.8.8.8')?.ruleIndex).toBe(1);
  });

  test('where no address is known at all, it is inside none', () => {
    const policy = compilePolicy({ defaultPolicy: 'bypass', rules: [rule('deny', { networks: ['0.0.0.0/0'] })], networks });
    expect(decide(policy, { host: 'a.b', path: '/', query: '', method: 'GET', ip: null }, null).policy).toBe('bypass');
  });
});

describe('subjects', () => {
  const both = [rule('one_factor', { subjects: [['user:alice', 'group:admins'], ['group:nobody']] })];

  test.each<[string, Rule['subjects'], Subject | null, boolean]>([
    ['a user', [['user:alice']], alice, true],
    ['another user', [['user:alice']], bob, false],
    ['a user in another case', [['user:alice']], { ...alice, username: 'Alice' }, false],
    ['a group', [['group:admins']], alice, true],
    ['a group in another case', [['group:Admins']], alice, false],
    ['one of two', [['user:bob'], ['group:admins']], bob, true],
    ['both of two', [['user:alice', 'group:admins']], alice, true],
    ['one of two where both are asked', [['user:alice', 'group:users']], alice, false],
    ['blanks around the name', [['group: admins ']], alice, true],
    ['an OAuth client', [['oauth2:client:backup']], { username: '', groups: [], clientId: 'backup' }, true],
    ['another OAuth client', [['oauth2:client:backup']], { username: '', groups: [], clientId: 'x' }, false],
    ['a user where a client is asked', [['oauth2:client:backup']], alice, false],
    ['an empty group of conditions, which asks for nobody', [[]], alice, true],
  ])('decide on %s', (_, subjects, subject, isMatch) => {
    expect(ask([rule('one_factor', { subjects })], 'a.b/', subject)?.policy).toBe(isMatch ? 'one_factor' : 'deny');
  });

  test('an anonymous visitor gets the first rule that could match after signing in', () => {
    expect(ask(both, 'a.b/')).toEqual({ policy: 'one_factor', ruleIndex: 0, hasSubjects: true });
  });

  test('a `deny` for some people sends an anonymous visitor to sign in first', () => {
    const rules = [rule('deny', { subjects: [['group:users']] }), rule('one_factor')];
    expect(ask(rules, 'a.b/')).toEqual({ policy: 'deny', ruleIndex: 0, hasSubjects: true });
    expect(ask(rules, 'a.b/', bob)?.policy).toBe('deny');
    expect(ask(rules, 'a.b/', alice)).toEqual({ policy: 'one_factor', ruleIndex: 1, hasSubjects: false });
  });
});

describe('of two decisions', () => {
  const open = { policy: 'bypass', ruleIndex: 0, hasSubjects: false } as const;
  const two = { policy: 'two_factor', ruleIndex: 1, hasSubjects: false } as const;
  const denyPeople = { policy: 'deny', ruleIndex: 2, hasSubjects: true } as const;
  const denyAll = { policy: 'deny', ruleIndex: 3, hasSubjects: false } as const;

  test('the one that lets fewer people in is the stricter', () => {
    expect(stricter(open, two)).toBe(two);
    expect(stricter(denyPeople, two)).toBe(denyPeople);
    expect(stricter(denyPeople, denyAll)).toBe(denyAll);
  });

  test('the first counts where they are alike', () => {
    expect(stricter(two, { ...two, ruleIndex: 9 })).toBe(two);
  });
});
