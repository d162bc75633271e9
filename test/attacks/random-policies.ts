import fc from 'fast-check';
import type { Condition, OraclePolicy, Person, PolicyName, Rule, Site } from '../support/oracle/decision.js';

/** Small worlds that meet often: few hosts, names and paths, every criterion. */
const HOSTS = [
  'example.com',
  'app.example.com',
  'admin.example.com',
  'john.example.com',
  'dev.example.com',
  'ops.example.com',
  'a.b.example.com',
  'x.dev.example.com',
  'app.other.test',
];
const DOMAINS = [
  ...HOSTS,
  'APP.Example.com',
  '*.example.com',
  '*.b.example.com',
  '*.EXAMPLE.com',
  '*example.com',
  '{user}.example.com',
  '{group}.example.com',
  '{user}.b.example.com',
];
const DOMAIN_PATTERNS = [
  '^app\\.',
  'adm',
  'example\\.com$',
  '^(app|admin)\\.example\\.com$',
  '^\\w+\\.example\\.com$',
  '^[a-d]+\\.',
  '^(?P<User>\\w+)\\.example\\.com$',
  '^(?P<Group>\\w+)\\.example\\.com$',
  '(?i)^ADMIN\\.',
];
const PATHS = [
  '/',
  '/a',
  '/a/',
  '/a/b',
  '/admin',
  '/admin/x',
  '/status',
  '/Case',
  '/user/john',
  '/user/mary',
  '/g/dev/x',
  '/g/ops/',
  '/%61dmin',
  '/a%20b',
  '/\u00e4',
];
/** What more than one reader reads in more than one way. */
const ODD_PATHS = [
  '/a/../admin',
  '/a/%2e%2e/admin',
  '//admin',
  '/a//b',
  '/./a',
  '/a%2fb',
  '/admin/..',
  '/a;x=1',
  '/admin%3b',
  '/%2561dmin',
  '/a/..%2fadmin',
  '/a\\b',
];
const RESOURCES = [
  '^/$',
  '^/a(/.*)?$',
  '/status',
  '^/admin([/?].*)?$',
  '(?i)^/case',
  '^/user/(?P<User>\\w+)$',
  '^/g/(?P<Group>\\w+)/',
  '\\?x=1$',
  '^/a/b/?$',
  '^/[^?]*$',
  '.',
  '^/a b$',
];
const QUERIES = ['', 'x=1', 'x=1&y=2', 'x=1&x=1', 'y', 'y=&x', 'token=a%20b', 'token=a+b', 'X=1', '=1', 'x=%31'];
/** What applications read in several ways. */
const ODD_QUERIES = [...QUERIES, 'x=2&x=1', 'x=1&x=2', 'x&x=1', 'y=1&x=1&%78=2', 'token=&token=a+b'];
const NETWORKS = [
  'inside',
  '10.0.0.0/8',
  '192.168.1.0/24',
  '203.0.113.7',
  '2001:db8::/32',
  'fd00::/8',
  '0.0.0.0/0',
  '::/0',
  '10.1.2.3/32',
  '198.51.100.128/25',
];
const IPS = [
  '10.1.2.3',
  '192.168.1.77',
  '192.168.2.1',
  '203.0.113.7',
  '203.0.113.8',
  '2001:db8::1',
  '2001:db9::1',
  'fd00::5',
  '198.51.100.200',
  '127.0.0.1',
];
const METHODS = ['GET', 'HEAD', 'POST', 'OPTIONS', 'DELETE'];
const SUBJECTS = ['user:john', 'user:mary', 'user:JOHN', 'group:dev', 'group:admins', 'group:Ops', 'group:ops'];
const GROUPS = ['dev', 'admins', 'Ops'];

const some = <T>(values: readonly T[], max = 3) => fc.uniqueArray(fc.constantFrom(...values), { minLength: 1, maxLength: max });
/** Mostly absent, as in rules that people write. */
const seldom = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: undefined, freq: 2 });

const condition: fc.Arbitrary<Condition> = fc.oneof(
  fc.record({ key: fc.constantFrom('x', 'y', 'token'), operator: fc.constantFrom('present' as const, 'absent' as const) }),
  fc.record({
    key: fc.constantFrom('x', 'y', 'token'),
    operator: fc.constantFrom('equal' as const, 'not equal' as const),
    value: fc.constantFrom('1', '2', 'a b', ''),
  }),
  fc.record({
    key: fc.constantFrom('x', 'token'),
    operator: fc.constantFrom('pattern' as const, 'not pattern' as const),
    value: fc.constantFrom('^\\d+$', '^a', 'b'),
  }),
);

const policyName: fc.Arbitrary<PolicyName> = fc.constantFrom('bypass', 'one_factor', 'two_factor', 'deny');

const asksWho = ({ subject, domain = [], domain_regex: patterns = [], resources = [] }: Partial<Rule>): boolean =>
  subject !== undefined || domain.some((each) => each.startsWith('{')) || [...patterns, ...resources].some((each) => each.includes('(?P<'));

const rule: fc.Arbitrary<Rule> = fc
  .record({
    place: fc.oneof(
      { arbitrary: fc.record({ domain: some(DOMAINS) }), weight: 5 },
      { arbitrary: fc.record({ domain_regex: some(DOMAIN_PATTERNS, 2) }), weight: 2 },
      { arbitrary: fc.record({ domain: some(DOMAINS, 2), domain_regex: some(DOMAIN_PATTERNS, 1) }), weight: 1 },
    ),
    policy: policyName,
    subject: seldom(fc.array(some(SUBJECTS, 2), { minLength: 1, maxLength: 2 })),
    networks: seldom(some(NETWORKS, 2)),
    methods: seldom(some(METHODS)),
    resources: seldom(some(RESOURCES, 2)),
    query: seldom(fc.array(fc.array(condition, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 2 })),
  })
  .map(({ place, ...rest }) => {
    const present = Object.fromEntries(Object.entries({ ...place, ...rest }).filter(([, value]) => value !== undefined)) as unknown as Rule;
    // What is open to everybody cannot depend on who it is: such a rule is refused (reference 2.6).
    return present.policy === 'bypass' && asksWho(present) ? { ...present, policy: 'one_factor' as const } : present;
  });

export const policy: fc.Arbitrary<OraclePolicy> = fc.record({
  default_policy: policyName,
  rules: fc.array(rule, { minLength: 1, maxLength: 6 }),
  network: fc.constant({ inside: ['10.0.0.0/8', 'fd00::/8', '192.168.2.1'] }),
});

const siteOn = (paths: readonly string[], queries: readonly string[]): fc.Arbitrary<Site> =>
  fc.record({
    host: fc.constantFrom(...HOSTS),
    path: fc.constantFrom(...paths),
    query: fc.constantFrom(...queries),
    method: fc.constantFrom(...METHODS),
    ip: fc.constantFrom(...IPS),
  });
export const site = siteOn(PATHS, QUERIES);
export const oddSite = siteOn(ODD_PATHS, ODD_QUERIES);

export const person: fc.Arbitrary<Person | null> = fc.option(
  fc.record({ username: fc.constantFrom('john', 'mary', 'JOHN', 'dev'), groups: fc.uniqueArray(fc.constantFrom(...GROUPS), { maxLength: 3 }) }),
  { nil: null, freq: 3 },
);
