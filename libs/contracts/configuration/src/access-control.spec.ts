import { compilePolicy, lintPolicy } from '@portcullis/domain-policy';
import { describe, expect, it } from 'vitest';
import { accessControlSection } from './access-control.js';
import { readSection } from './testing.js';

const section = accessControlSection({ compilePolicy, lintPolicy });
const read = (access_control: object, definitions = {}) => readSection(section, { access_control, definitions });
const rule = (own: object) => read({ default_policy: 'one_factor', rules: [{ domain: ['a.example.com'], policy: 'two_factor', ...own }] });
const plain = {
  domains: ['a.example.com'],
  domainRegex: [],
  policy: 'two_factor',
  subjects: [],
  networks: [],
  methods: [],
  resources: [],
  query: [],
};

describe('access_control.rules', () => {
  it.each([
    [{}, {}],
    [{ domain: ['A.Example.com', ' *.example.com '] }, { domains: ['a.example.com', '*.example.com'] }],
    [{ methods: ['get', 'PROPFIND'] }, { methods: ['GET', 'PROPFIND'] }],
    [{ subject: 'group:admins' }, { subjects: [['group:admins']] }],
    [{ subject: ' user:a , group:b' }, { subjects: [['user:a'], ['group:b']] }],
    [{ subject: ['user:a', 'group:b'] }, { subjects: [['user:a'], ['group:b']] }],
    [{ subject: [['user:a', 'group:b'], ['group:c']] }, { subjects: [['user:a', 'group:b'], ['group:c']] }],
    [{ subject: ['user:a', ['group:b', 'group:c']] }, { subjects: [['user:a'], ['group:b', 'group:c']] }],
    [{ resources: ['^/a([/?].*)?$'] }, { resources: ['^/a([/?].*)?$'] }],
    [{ networks: ['10.0.0.0/8', '::1'] }, { networks: ['10.0.0.0/8', '::1'] }],
    [
      { query: [{ key: 'a' }, { key: 'b', value: 'c' }] },
      {
        query: [
          [
            { key: 'a', operator: 'present' },
            { key: 'b', operator: 'equal', value: 'c' },
          ],
        ],
      },
    ],
    [
      { query: [[{ key: 'a', operator: 'absent' }], [{ key: 'b', operator: 'not pattern', value: '^x' }]] },
      { query: [[{ key: 'a', operator: 'absent' }], [{ key: 'b', operator: 'not pattern', value: '^x' }]] },
    ],
  ])('reads %j', (own, value) => {
    expect(rule(own)).toMatchObject({ value: { rules: [{ ...plain, ...value }] }, problems: [] });
  });

  it.each([
    [{ policy: undefined }, '.policy'],
    [{ policy: 'allow' }, '.policy'],
    [{ domain: [] }, '.domain'],
    [{ domain: [''] }, '.domain'],
    [{ domain: undefined, policy: 'bypass' }, ''],
    [{ policy: 'bypass', subject: 'user:a' }, '.policy'],
    [{ policy: 'bypass', domain: ['{user}.example.com'] }, '.policy'],
    [{ policy: 'bypass', domain: undefined, domain_regex: ['^(?P<User>\\w+)\\.example\\.com$'] }, '.policy'],
    [{ methods: ['FETCH'] }, '.methods'],
    [{ methods: ['GET', 'get'] }, '.methods'],
    [{ methods: [] }, '.methods'],
    [{ networks: [] }, '.networks'],
    [{ resources: [] }, '.resources'],
    [{ subject: 'admins' }, '.subject'],
    [{ subject: 'group:admins\u2028' }, '.subject'],
    [{ subject: ['group: \u00a0admins'] }, '.subject'],
    [{ subject: [['\tuser:a']] }, '.subject'],
    [{ subject: 'oauth2:client:x' }, '.subject'],
    [{ subject: [] }, '.subject'],
    [{ subject: [[]] }, '.subject'],
    [{ subject: { user: 'a' } }, '.subject'],
    [{ networks: ['home'] }, '.networks[0]'],
    [{ networks: ['::1', '10.0.0.0/99'] }, '.networks[1]'],
    [{ resources: ['('] }, '.resources[0]'],
    [{ resources: ['^/a', '(?=x)'] }, '.resources[1]'],
    [{ query: 'a=b' }, '.query'],
    [{ query: [] }, '.query'],
    [{ query: [{ value: 'x' }] }, '.query'],
    [{ query: [{ key: 'a', operator: 'like', value: 'x' }] }, '.query'],
    [{ query: [{ key: 'a', operator: 'equal' }] }, '.query'],
    [{ query: [{ key: 'a', operator: 'present', value: 'x' }] }, '.query'],
    [{ query: [{ key: 'a', value: 1 }] }, '.query'],
    [{ query: [{ key: 'a', operator: 'pattern', value: '(' }] }, '.query'],
    [{ query: [{ key: 'a', vlaue: 'x' }] }, '.query'],
  ])('refuses %j', (own, key) => {
    const { value, problems } = rule(own);
    expect(value).toBeNull();
    expect(problems[0]).toContain(`error access_control.rules[0]${key}: `);
    expect(problems[0]).toContain('rule #1');
  });

  it.each(['a.example.com\u00a0', 'a.example.com\u2028', '\u200ba.example.com', 'a.exa\u00admple.com', 'a .example.com', 'a.example.com\t'])(
    'refuses a domain with a character that cannot be seen: %j',
    (domain) => {
      expect(rule({ domain: [domain] }).problems.join()).toContain('a domain holds a space or a character that cannot be seen');
    },
  );

  it('names every broken rule', () => {
    const rules = [{ policy: 'x' }, { domain: ['a.b'], policy: 'deny', methods: ['X'] }, { domain: ['a.b'], policy: 'deny', resources: ['['] }];
    expect(read({ rules }).problems.map((text) => text.split(': ')[0])).toEqual([
      'error access_control.rules[0].policy',
      'warning access_control.rules[0]',
      'error access_control.rules[1].methods',
      'error access_control.rules[2].resources[0]',
    ]);
  });

  it('matches every site by a rule without a domain, and says so', () => {
    const { value, problems } = read({ rules: [{ domain: ['a.b'], policy: 'one_factor' }, { policy: 'deny' }] });
    expect(value?.rules[1]?.domains).toEqual([]);
    expect(problems).toEqual(['warning access_control.rules[1]: rule #2 names no domain: it matches every site']);
  });

  it('warns of a rule that another one hides', () => {
    const { problems } = read({
      rules: [
        { domain: ['*.example.com'], policy: 'two_factor' },
        { domain: ['admin.example.com'], policy: 'two_factor', subject: 'group:admins' },
      ],
    });
    expect(problems).toEqual([expect.stringMatching(/^warning access_control\.rules\[1\]: .*never reached/u)]);
  });

  it('does not look for hidden rules where nobody reads the warnings', () => {
    const quiet = accessControlSection({ compilePolicy });
    const rules = [
      { domain: ['*.a.b'], policy: 'two_factor' },
      { domain: ['x.a.b'], policy: 'one_factor' },
    ];
    expect(readSection(quiet, { access_control: { rules } }).problems).toEqual([]);
  });
});

describe('access_control.default_policy', () => {
  const rules = [{ domain: ['a.b'], policy: 'deny' }];

  it.each([
    [{ rules }, 'deny'],
    [{ rules, default_policy: '' }, 'deny'],
    [{ rules, default_policy: 'one_factor' }, 'one_factor'],
  ])('of %j', (written, defaultPolicy) => {
    expect(read(written)).toMatchObject({ value: { defaultPolicy, watch: true }, problems: [] });
  });

  it.each([{}, { default_policy: 'deny' }, { default_policy: 'bypass' }, { rules, default_policy: 'allow' }])('is refused in %j', (written) => {
    expect(read(written).problems).toEqual([expect.stringContaining('error access_control.default_policy: ')]);
  });

  it('may stand alone, with a warning, when it asks to sign in', () => {
    expect(read({ default_policy: 'two_factor' }).problems).toEqual([expect.stringContaining('warning access_control.default_policy: ')]);
  });
});

describe('networks', () => {
  const rules = [{ domain: ['a.b'], policy: 'deny', networks: ['home', 'work'] }];

  it('come from both places', () => {
    expect(read({ rules, networks: [{ name: 'work', networks: ['192.168.0.0/16'] }] }, { network: { home: ['10.0.0.0/8'] } })).toMatchObject({
      value: { networks: { home: ['10.0.0.0/8'], work: ['192.168.0.0/16'] } },
      problems: [],
    });
  });

  it('are not defined twice', () => {
    expect(read({ rules, networks: [{ name: 'home' }, { name: 'work' }] }, { network: { home: [] } }).problems).toEqual([
      "error access_control.networks[0].name: the network 'home' is defined twice",
    ]);
  });

  it('are checked whether a rule uses them or not', () => {
    const unused = [{ domain: ['a.b'], policy: 'deny' }];
    expect(read({ rules: unused }, { network: { home: ['10.0.0.0/99'] } }).problems).toEqual([
      expect.stringContaining('error definitions.network.home: '),
    ]);
  });
});
