import { describe, expect, test } from 'vitest';
import { lintPolicy } from './lint-policy.js';
import type { NetworkDefinitions, Policy, Rule } from './types.js';

const networks: NetworkDefinitions = { internal: ['10.0.0.0/8'], office: ['10.1.0.0/16', '10.2.3.4'] };

function rule(policy: Policy, criteria: Partial<Rule> = {}): Rule {
  return { policy, domains: [], domainRegex: [], subjects: [], networks: [], methods: [], resources: [], query: [], ...criteria };
}

function lint(...rules: readonly Rule[]) {
  return lintPolicy({ defaultPolicy: 'deny', rules, networks });
}

function shadowed(...rules: readonly Rule[]) {
  return lint(...rules).flatMap((warning) => (warning.kind === 'shadowed' ? [warning] : []));
}

function kinds(...rules: readonly Rule[]) {
  return lint(...rules).map(({ kind, severity }) => `${severity} ${kind}`);
}

describe("the guide's rules, where a wildcard stands above the admin site", () => {
  const wildcard = rule('two_factor', { domains: ['*.example.com'] });
  const admin = rule('two_factor', { domains: ['admin.example.com'], subjects: [['group:admins']] });
  const [warning, ...others] = shadowed(wildcard, admin);

  test('are a danger, told once', () => {
    expect(warning).toMatchObject({ severity: 'danger', ruleIndex: 1, shadowedBy: [0], isWhole: true, domains: ['admin.example.com'] });
    expect(others).toEqual([]);
  });

  test('were meant the other way round, with everybody else kept out between', () => {
    const keptOut = rule('deny', { domains: ['admin.example.com'] });
    expect(warning?.suggestedOrder).toEqual([
      { rule: admin, ruleIndex: 1 },
      { rule: keptOut, ruleIndex: null },
      { rule: wildcard, ruleIndex: 0 },
    ]);
    expect(shadowed(admin, keptOut, wildcard)).toEqual([]);
  });

  test('are explained to somebody tired', () => {
    expect([warning?.text, warning?.fix]).toEqual([
      [
        'Rule #2 (admin.example.com) is never reached: rule #1 (*.example.com) above it matches first, and the first match counts.',
        'As it stands, everybody who signs in with two factors opens admin.example.com; only group:admins was meant to.',
      ].join('\n'),
      [
        'the order that was probably meant:',
        "- { domain: 'admin.example.com', subject: 'group:admins', policy: two_factor }  # rule #2 today",
        "- { domain: 'admin.example.com', policy: deny }  # to add: nobody else",
        "- { domain: '*.example.com', policy: two_factor }  # rule #1 today",
      ].join('\n'),
    ]);
  });
});

describe('a rule is shadowed by one above', () => {
  const a = { domains: ['a.example.com'] };

  test.each<[string, Partial<Rule>, Partial<Rule>]>([
    ['on every host', {}, a],
    ['on the same host, in another case', { domains: ['A.example.com'] }, a],
    ['on a wider wildcard', { domains: ['*.com'] }, { domains: ['*.example.com'] }],
    ['on the same wildcard', { domains: ['*.example.com'] }, { domains: ['*.example.com'] }],
    ['on a wildcard around a user pattern', { domains: ['*.example.com'] }, { domains: ['{user}.example.com'] }],
    ['on the same user pattern', { domains: ['{user}.example.com'] }, { domains: ['{user}.example.com'] }],
    ['by the same regex', { domainRegex: ['^(a|b)\\.'] }, { domainRegex: ['^(a|b)\\.'] }],
    ['by a regex that matches the host', { domainRegex: ['^(a|b)\\.example'] }, a],
    ['by a regex with a letter that may be missing', { domainRegex: ['^ax?\\.example'] }, a],
    ['by a regex with a letter that may come no time', { domainRegex: ['^ax{0,3}\\.example'] }, a],
    ['by one half of a regex', { domainRegex: ['^b\\.example|example\\.com$'] }, a],
    ['by a regex that is a wildcard', { domainRegex: ['\\.example\\.com$'] }, { domains: ['*.a.example.com'] }],
    ['by a wildcard around a regex', { domains: ['*.example.com'] }, { domainRegex: ['^pub-\\d+\\.example\\.com$'] }],
    ['with more methods', { methods: ['GET', 'POST'] }, { ...a, methods: ['POST'] }],
    ['with any path', { resources: ['^/.*$'] }, { ...a, resources: ['^/x$'] }],
    ['with the same path', { resources: ['^/x\\d$'] }, { ...a, resources: ['^/x\\d$'] }],
    ['with a path around it', { resources: ['^/api([/?].*)?$'] }, { ...a, resources: ['^/api/users$', '^/api(/.*)?$'] }],
    ['with an open path around it', { resources: ['^/api'] }, { ...a, resources: ['^/apix([/?].*)?$'] }],
    ['with a network around it', { networks: ['internal'] }, { ...a, networks: ['office'] }],
    [
      'with fewer query conditions',
      { query: [[{ key: 'k', operator: 'present' }]] },
      {
        ...a,
        query: [
          [
            { key: 'k', operator: 'present' },
            { key: 'l', operator: 'absent' },
          ],
        ],
      },
    ],
    ['for more people', { subjects: [['group:a'], ['user:b']] }, { ...a, subjects: [['group:a', 'group:c'], ['user:b']] }],
  ])('%s', (_, above, below) => {
    expect(shadowed(rule('one_factor', above), rule('one_factor', below))).toMatchObject([{ ruleIndex: 1, isWhole: true, shadowedBy: [0] }]);
  });

  test.each<[string, Partial<Rule>, Partial<Rule>]>([
    ['on another host', { domains: ['b.example.com'] }, a],
    ['on a host below only', { domains: ['*.a.example.com'] }, a],
    ['on a narrower wildcard', { domains: ['*.a.example.com'] }, { domains: ['*.example.com'] }],
    ['on one host of all', a, {}],
    ['on a user pattern, which is for one person', { domains: ['{user}.example.com'] }, a],
    ['by a regex with a User group', { domainRegex: ['^(?P<User>\\w+)\\.example'] }, a],
    ['by a wildcard that the regex leaves', { domains: ['*.example.com'] }, { domainRegex: ['^b\\.test$|^a\\.example\\.com$'] }],
    ['by a wildcard, of a regex whose dot is any letter', { domains: ['*.com'] }, { domainRegex: ['x\\\\.com$'] }],
    ['by a regex that is not tied to the end', { domainRegex: ['^.*\\.example\\.com'] }, { domains: ['*.example.com'] }],
    ['with fewer methods', { methods: ['GET'] }, { ...a, methods: ['GET', 'POST'] }],
    ['with a method where the other takes any', { methods: ['GET'] }, a],
    ['with a path where the other takes any', { resources: ['^/x'] }, a],
    ['with a path beside it', { resources: ['^/api([/?].*)?$'] }, { ...a, resources: ['^/apix$'] }],
    ['with a path that takes no query', { resources: ['^/api(/.*)?$'] }, { ...a, resources: ['^/api([/?].*)?$'] }],
    ['with a network inside it', { networks: ['office'] }, { ...a, networks: ['internal'] }],
    ['with a network of the other family', { networks: ['::/0'] }, { ...a, networks: ['internal'] }],
    [
      'with more query conditions',
      { query: [[{ key: 'k', operator: 'equal', value: '1' }]] },
      { ...a, query: [[{ key: 'k', operator: 'equal', value: '2' }]] },
    ],
    ['for fewer people', { subjects: [['group:a', 'group:c']] }, { ...a, subjects: [['group:a']] }],
    ['for some where the other is for all', { subjects: [['group:a']] }, a],
  ])('but not %s', (_, above, below) => {
    expect(shadowed(rule('one_factor', above), rule('one_factor', below))).toEqual([]);
  });

  test('in part, and the hosts are named', () => {
    const [warning] = shadowed(rule('bypass', { domains: ['*.example.com'] }), rule('two_factor', { domains: ['a.example.com', 'a.test'] }));
    expect(warning).toMatchObject({ isWhole: false, domains: ['a.example.com'], severity: 'danger' });
    expect(warning?.text).toContain('Rule #2 (a.example.com, a.test) is never reached for a.example.com: rule #1');
    expect(warning?.text).toContain('everybody, without signing in, opens a.example.com; two_factor was asked for.');
  });

  test('or by several, each for a host', () => {
    const [warning] = shadowed(rule('deny', { domains: ['a.b'] }), rule('deny', { domains: ['c.d'] }), rule('bypass', { domains: ['a.b', 'c.d'] }));
    expect(warning).toMatchObject({ ruleIndex: 2, isWhole: true, shadowedBy: [0, 1], severity: 'notice' });
  });
});

describe('a shadowed rule is a danger', () => {
  test.each<[string, Rule, Rule, string]>([
    ['when it asks for more', rule('one_factor'), rule('two_factor'), 'danger'],
    ['when it denies', rule('bypass'), rule('deny'), 'danger'],
    ['when it is for some people', rule('two_factor'), rule('one_factor', { subjects: [['user:a']] }), 'danger'],
    ['not when it asks for less', rule('two_factor'), rule('one_factor'), 'notice'],
    ['not when the one above denies', rule('deny'), rule('two_factor', { subjects: [['user:a']] }), 'notice'],
  ])('%s', (_, above, below, severity) => {
    expect(shadowed(above, below)[0]?.severity).toBe(severity);
  });

  test('and no denial is suggested where the one above denies anyway', () => {
    expect(shadowed(rule('deny'), rule('two_factor', { subjects: [['user:a']] }))[0]?.suggestedOrder.map(({ ruleIndex }) => ruleIndex)).toEqual([
      1, 0,
    ]);
  });

  test('nor where the people are not narrowed', () => {
    expect(shadowed(rule('one_factor'), rule('two_factor', { domains: ['a.b'] }))[0]?.suggestedOrder.map(({ ruleIndex }) => ruleIndex)).toEqual([
      1, 0,
    ]);
  });
});

describe('step 5 of the guide, where only /admin of the vault opens', () => {
  const vault = rule('two_factor', { domains: ['vault.example.com'], resources: ['^/admin([/?].*)?$'], subjects: [['group:admins']] });
  const others = [
    rule('two_factor', { domains: ['nextcloud.example.com'], subjects: [['group:users']] }),
    rule('two_factor', { domains: ['jellyfin.example.com'] }),
  ];

  test('says that the rest is denied even for admins, and what to add', () => {
    expect(lint(vault, ...others, rule('deny')).map(({ text, fix }) => [text, fix])).toEqual([
      [
        'Rule #1 (vault.example.com) opens only the paths ^/admin([/?].*)?$: the rest of vault.example.com is denied by rule #4 (every host), for group:admins too.',
        "to open the rest to everybody who signs in, add below it:\n- { domain: 'vault.example.com', policy: two_factor }",
      ],
    ]);
  });

  test('says so where the default policy denies', () => {
    expect(lint(vault)[0]?.text).toContain('is denied by the default policy');
  });

  test('says nothing where the rest opens', () => {
    expect(lint(vault, rule('two_factor', { domains: ['*.example.com'] }))).toEqual([]);
    expect(lintPolicy({ defaultPolicy: 'two_factor', rules: [vault], networks })).toEqual([]);
  });

  test('says it once of a site with several such paths, and of paths for everybody who signs in', () => {
    const domains = ['api.example.com'];
    const found = lint(
      rule('bypass', { domains, methods: ['OPTIONS'] }),
      rule('bypass', { domains, resources: ['^/public([/?].*)?$'] }),
      rule('two_factor', { domains, resources: ['^/v1/admin([/?].*)?$'] }),
      rule('one_factor', { domains, resources: ['^/v1([/?].*)?$'], methods: ['GET'] }),
    );
    expect(found.map(({ kind, ruleIndex, text, fix }) => [kind, ruleIndex, text, fix])).toEqual([
      [
        'rest-denied',
        1,
        'Rules #2, #3 and #4 open only the paths ^/public([/?].*)?$, ^/v1/admin([/?].*)?$, ^/v1([/?].*)?$: the rest of api.example.com is denied by the default policy, whoever asks.',
        "to open the rest to everybody who signs in, add below it:\n- { domain: 'api.example.com', policy: one_factor }",
      ],
    ]);
  });

  test('says nothing of paths that are open to everybody, for that reads as it is meant', () => {
    expect(lint(rule('bypass', { domains: ['api.example.com'], resources: ['^/public([/?].*)?$'] }))).toEqual([]);
  });
});

describe('a pattern that does not mean what it looks like is named', () => {
  test.each<[string, Policy, string, string[]]>([
    ['found anywhere, and open', 'bypass', '/status', ['danger loose-start']],
    ['found anywhere, and closed', 'two_factor', '/status', ['notice loose-start']],
    ['open at the end', 'one_factor', '^/public', ['notice loose-end']],
    ['evaded by a query string', 'two_factor', '^/admin$', ['danger query-escapes']],
    ['evaded by a query string, below', 'deny', '^/admin(/.*)?$', ['danger query-escapes']],
    ['exact where nothing is lost by it', 'bypass', '^/about$', []],
    ['for one person, yet open to all', 'bypass', '^/(?P<User>\\w+)$', ['danger personal-bypass']],
    ['everything', 'bypass', '^/.*$', []],
    ['as it should be', 'deny', '^/admin([/?].*)?$', []],
  ])('%s', (_, policy, pattern, expected) => {
    expect(
      kinds(rule(policy, { domains: ['a.b'], resources: [pattern] }), rule('one_factor', { domains: ['a.b'] })).filter(
        (kind) => !kind.endsWith('shadowed'),
      ),
    ).toEqual(expected);
  });

  test('with the pattern that was probably meant, in the place where it stands', () => {
    const [warning] = lint(rule('bypass', { domains: ['loose.example.com'], resources: ['^/a([/?].*)?$', '/status'] }));
    expect(warning).toMatchObject({
      place: 'resources[1]',
      text: "Rule #1 (loose.example.com): resources '/status' is found anywhere, in a query string too: any address followed by '?x=…' with that text matches.",
      fix: "probably meant:\nresources: ['^/a([/?].*)?$', '^/status([/?].*)?$']",
    });
  });

  test.each([
    ['bypass', '/a[bc]', "resources: '^/a[bc]([/?].*)?$'"],
    ['bypass', '\\.(js|css)$', "resources: '^[^?]*\\.(js|css)(\\?.*)?$'"],
    ['bypass', '/a|/b', "resources: '^(?:/a|/b)([/?].*)?$'"],
    ['bypass', '(?i)^/About', "resources: '(?i)^/About([/?].*)?$'"],
    ['deny', '^/admin$', "resources: '^/admin([/?].*)?$'"],
    ['deny', '^/a\\.b(/.*)?$', "resources: '^/a\\.b([/?].*)?$'"],
  ] as const)('%s %s: %s', (policy, pattern, meant) => {
    expect(lint(rule(policy, { resources: [pattern] }))[0]?.fix).toBe(`probably meant:\n${meant}`);
  });
});

describe('a pattern of hosts that is found within longer names is named', () => {
  test.each<[string, string, string]>([
    ['app\\.example\\.com', 'evil-app.example.com-evil.test', '^app\\.example\\.com$'],
    ['example\\.com$', 'evil-example.com', '^example\\.com$'],
    ['^app\\.example\\.com', 'app.example.com-evil.test', '^app\\.example\\.com$'],
    ['^a\\.b$|c\\.d$', 'evil-c.d', '^(?:^a\\.b$|c\\.d$)'],
    ['(?P<User>\\w+)\\.home\\.test$', 'evil-john.home.test', '^(?P<User>\\w+)\\.home\\.test$'],
  ])('%s', (regex, example, meant) => {
    const [warning] = lint(rule('one_factor', { domainRegex: [regex] }));
    expect(warning).toMatchObject({
      kind: 'loose-domain',
      severity: 'danger',
      place: 'domain_regex',
      fix: `probably meant:\ndomain_regex: '${meant}'`,
    });
    expect(warning?.text).toContain(example);
  });

  test.each([
    '^app\\.example\\.com$',
    '\\.example\\.com$',
    '(^|\\.)example\\.com$',
    '^pub-\\d+\\.',
    '^.*\\.example\\.com$',
    '^(a|b)\\.c$',
    '^app\\..*',
    '.*',
  ])('but %s is fine, or found to say openly that more may stand there', (regex) => {
    expect(kinds(rule('one_factor', { domainRegex: [regex] })).filter((kind) => kind.endsWith('loose-domain'))).toEqual(
      regex.endsWith('\\d+\\.') ? ['danger loose-domain'] : [],
    );
  });
});

describe('a subject that nobody can be, whoever there is', () => {
  test('is two people at once, and told with what was meant', () => {
    expect(lint(rule('one_factor', { domains: ['a.b'], subjects: [['user:alice', 'user:bob', 'group:dev']] }))).toMatchObject([
      {
        kind: 'unmet',
        severity: 'notice',
        isWhole: true,
        place: 'subject[0]',
        text: 'Rule #1 (a.b) is for nobody: nobody is alice and bob at once, as a list within the list asks.',
        fix: "for each of them:\nsubject: ['user:alice', 'user:bob', 'group:dev']",
      },
    ]);
  });

  test('is a danger where it was to keep somebody out', () => {
    expect(kinds(rule('deny', { domains: ['a.b'], subjects: [['user:alice', 'user:bob']] }))).toEqual(['danger unmet']);
    expect(kinds(rule('deny', { domains: ['a.b'], subjects: [['user:alice', 'user:bob'], ['user:eve']] }))).toEqual(['notice unmet']);
  });
});

describe('a domain that matches no host is named', () => {
  test.each(['*example.com', '*', 'https://a.example.com', 'a.example.com/x', 'a.*.example.com', 'a.example.com.', 'a b', ''])('%j', (domain) => {
    expect(kinds(rule('deny', { domains: [domain] }))).toEqual(['danger ineffective-domain']);
  });

  test.each(['a.example.com', '*.example.com', '{user}.example.com', '{group}.example.com', 'A_b.test', '192.168.1.1', '::1'])(
    'but %s is fine',
    (domain) => {
      expect(kinds(rule('deny', { domains: [domain] }))).toEqual([]);
    },
  );

  test('with the one that was probably meant', () => {
    expect(lint(rule('deny', { domains: ['a.b', '*example.com'] }))[0]).toMatchObject({
      place: 'domain[1]',
      fix: "probably meant:\ndomain: ['a.b', '*.example.com']",
    });
  });
});

test('dangers come first', () => {
  expect(
    kinds(
      rule('one_factor', { domains: ['a.b'], resources: ['^/x'] }),
      rule('one_factor', { domains: ['a.b'] }),
      rule('bypass', { domains: ['*b'] }),
      rule('deny', { domains: ['*c'] }),
    ),
  ).toEqual(['danger ineffective-domain', 'notice loose-end', 'notice ineffective-domain']);
});

test('ten thousand rules are looked through without comparing each with each', () => {
  const rules = Array.from({ length: 10_000 }, (_, i) => rule('one_factor', { domains: [`app${i}.example.com`] }));
  expect(lint(...rules, rule('deny', { domains: ['app7.example.com'] }))).toMatchObject([{ ruleIndex: 10_000, shadowedBy: [7] }]);
});

test('nor are thousands of wildcards, patterns and narrow rules', () => {
  const rules = Array.from({ length: 2000 }, (_, i) => [
    rule('two_factor', { domains: [`vault${i}.example.com`], resources: ['^/admin([/?].*)?$'], subjects: [['group:admins']] }),
    rule('one_factor', {
      domainRegex: i % 20 === 0 ? [`^site${i}-\\d+\\.example\\.com$`] : [],
      domains: i % 20 === 0 ? [] : [`site${i}.example.com`],
    }),
  ]).flat();
  expect(new Set(kinds(...rules))).toEqual(new Set(['notice rest-denied']));
});
