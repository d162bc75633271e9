import * as contract from '@portcullis/contracts-configuration';
import { describeDigestProblem, parseDigest } from '@portcullis/domain-passwords';
import { hasErrors, loadConfiguration, type Problem, readYaml, reportProblems } from '@portcullis/platform-config';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { sections } from './sections.js';

const fixture = (name: string): string => readFileSync(new URL(name, import.meta.url), 'utf8');

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'configuration-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

function read(...texts: readonly string[]) {
  const files = texts.map((text, index) => {
    const file = join(directory, `${index}.yml`);
    writeFileSync(file, text);
    return file;
  });
  const loaded = loadConfiguration({ files, environment: {}, tables: contract.configurationTables });
  const parsed = contract.parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret: () => 'freshly-made-secret' });
  const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
  return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems };
}

const places = (problems: readonly Problem[], severity: Problem['severity']) =>
  problems.filter((problem) => problem.severity === severity).map(({ path, line }) => `${line ?? '-'} ${path}`);
const errors = (problems: readonly Problem[]) => places(problems, 'error');
const warnings = (problems: readonly Problem[]) => places(problems, 'warning');

function edit(text: string, ...replacements: readonly (readonly [from: string, to: string])[]): string {
  return replacements.reduce((edited, [from, to]) => {
    if (!edited.includes(from)) throw new Error(`the fixture does not hold ${from}`);
    return edited.replace(from, to);
  }, text);
}

describe("the guide's configuration", () => {
  const edited = edit(
    fixture('guide.yml'),
    ['use_a_random_64_char_string_here', 'wW8lH1Yb8kL0Jr3gT5xQ2dV7nC4mZ6pS9aF1eU0iO3yR8tK5'],
    ['another_random_64_char_string_here', 'pQ2wE5rT8yU1iO4pA7sD0fG3hJ6kL9zX2cV5bN8mQ1wE4rT7'],
    ['your_redis_password', 'm4TkR9vXq2'],
  );

  it('as it stands is refused for its placeholders and for nothing else, each with a secret to paste', () => {
    const { problems } = read(fixture('guide.yml'));
    expect(errors(problems)).toEqual(['2 identity_validation.reset_password.jwt_secret', '10 session.secret', '19 session.redis.password']);
    for (const problem of problems.filter(({ severity }) => severity === 'error')) expect(problem.fix).toContain('freshly-made-secret');
  });

  it('with secrets of its own is taken, and every old or doubtful line is named', () => {
    const { value, problems } = read(edited);
    expect(errors(problems)).toEqual([]);
    expect(warnings(problems).sort()).toEqual(
      [
        '2 jwt_secret',
        '6 server.host',
        '12 session.domain',
        '13 session.lifetime',
        '29 access_control.rules[1]',
        '45 password_policy.standard.require_numbers',
        '- storage',
        '- storage.encryption_key',
      ].sort(),
    );
    expect(value).toMatchObject({
      server: { listen: { kind: 'tcp', host: '0.0.0.0', port: 9091 }, pathPrefix: '/authelia' },
      portal: { theme: 'light', default2faMethod: 'totp', name: 'Portcullis', notices: 'file' },
      session: {
        cookies: [
          {
            domain: 'example.com',
            autheliaUrl: null,
            defaultRedirectionUrl: 'https://example.com',
            name: 'authelia_session',
            expirationMs: 3_600_000,
            inactivityMs: 900_000,
            rememberMeMs: 2_592_000_000,
          },
        ],
      },
      redis: { host: 'redis', port: 6379, password: 'm4TkR9vXq2', database: 0 },
      authenticationBackend: { usersFile: '/config/users_database.yml' },
      regulation: { maxRetries: 3, findTimeMs: 600_000, banTimeMs: 1_800_000 },
      notifier: { transport: { kind: 'filesystem', path: '/config/notification.txt' } },
      passwordPolicy: { kind: 'standard', minLength: 8, requireUppercase: true, requireLowercase: true, requireNumber: true, requireSpecial: true },
      storage: { store: { kind: 'sqlite', path: join(directory, 'portcullis.sqlite3') }, encryptionKey: null },
    });
  });

  it('says which rule hides the one for admins', () => {
    const hidden = read(edited).problems.find(({ path }) => path === 'access_control.rules[1]');
    expect(hidden?.message).toContain('never reached');
    expect(hidden?.message).toContain('group:admins');
  });

  it('takes the rules of step 5', () => {
    const { value, problems } = read(edited, fixture('guide-step5.yml'));
    expect(errors(problems)).toEqual([]);
    expect(warnings(problems)).toContain('6 access_control.rules[0].path');
    expect(warnings(problems)).toContain('17 access_control.rules[3]');
    expect(value?.accessControl).toMatchObject({
      defaultPolicy: 'deny',
      rules: [
        { domains: ['vault.example.com'], resources: ['^/admin([/?].*)?$'], policy: 'two_factor', subjects: [['group:admins']] },
        { domains: ['nextcloud.example.com'], subjects: [['group:users']] },
        { domains: ['jellyfin.example.com'], policy: 'two_factor' },
        { domains: [], policy: 'deny' },
      ],
    });
  });

  it('takes the one line that the legacy form lacks', () => {
    const cookies = 'cookies:\n    - domain: example.com\n      authelia_url: https://auth.example.com';
    const { value, problems } = read(edit(edited, ['default_redirection_url: https://example.com\n', ''], ['domain: example.com', cookies]));
    expect(errors(problems)).toEqual([]);
    expect(warnings(problems).join()).not.toContain('session.domain');
    expect(value?.session.cookies).toMatchObject([{ domain: 'example.com', autheliaUrl: 'https://auth.example.com' }]);
  });
});

describe("the guide's users", () => {
  const readUsers = (text: string) => {
    const file = join(directory, 'users.yml');
    writeFileSync(file, text);
    const { tree, sources, problems } = readYaml(file);
    const digestProblem = (digest: string) => (parseDigest(digest) === null ? describeDigestProblem(digest) : null);
    const parsed = contract.parseUsersDatabase(tree, { search: { email: false, caseInsensitive: false }, digestProblem });
    return { users: parsed.users, problems: reportProblems([...problems, ...parsed.problems], sources) };
  };

  it('are refused for their placeholder digests, by person and line', () => {
    const { problems } = readUsers(fixture('guide-users.yml'));
    expect(errors(problems)).toEqual(['4 users.admin.password', '10 users.user.password']);
    expect(problems[0]?.fix).toContain('portcullis crypto hash generate argon2');
  });

  it('are explained where a web page hid the addresses', () => {
    const { problems } = readUsers(edit(fixture('guide-users.yml'), ['admin@example.com', '[email protected]']));
    expect(errors(problems)).toContain('5 users.admin.email');
  });

  it("like the conformance world's are taken when they are real", () => {
    const { users, problems } = readUsers(fixture('world-users.yml'));
    expect(problems).toEqual([]);
    expect(users.size).toBe(14);
    expect(users.get('dora')).toMatchObject({ disabled: true, email: 'dora@example.com', groups: ['users'] });
  });
});

describe('the conformance world', () => {
  const fill = (text: string) => text.replaceAll('@DIR@', '/tmp/world').replaceAll('@PORT@', '9091').replaceAll('@REDIS_PORT@', '6379');

  it('has no error, and no warning but of patterns that are loose on purpose', () => {
    const { value, problems } = read(fill(fixture('world.yml')));
    expect(errors(problems)).toEqual([]);
    expect(warnings(problems).filter((place) => !place.includes('access_control.rules'))).toEqual([]);
    expect(value?.accessControl.rules).toHaveLength(31);
    expect(value?.session.cookies.map(({ domain, autheliaUrl }) => [domain, autheliaUrl])).toEqual([
      ['example.com', 'https://auth.example.com'],
      ['other.test', 'https://auth.other.test/'],
    ]);
  });

  it('takes the strict overlay on top', () => {
    const { value, problems } = read(fill(fixture('world.yml')), fill(fixture('world-strict.yml')));
    expect(problems).toEqual([]);
    expect(value).toMatchObject({
      accessControl: { rules: [{ domains: ['*.example.com', '*.other.test'], policy: 'one_factor' }] },
      authenticationBackend: { search: { email: true, caseInsensitive: true } },
      regulation: { modes: ['user', 'ip'], maxRetries: 5 },
      session: { cookies: [{ rememberMeMs: null }, { rememberMeMs: null }] },
      passwordPolicy: { kind: 'standard', maxLength: 32 },
      identityValidation: { elevatedSession: { requireSecondFactor: true, skipSecondFactor: true } },
    });
  });
});

describe('one mistake', () => {
  const base = fixture('base.yml');

  it('is not in the configuration they are made in', () => {
    expect(read(base).problems).toEqual([]);
  });

  it.each<[mistake: string, at: string, edit: [from: string, to: string], path: string, fix: string]>([
    ['a misspelt section', 'regulations:', ['regulation:', 'regulations:'], 'regulations', 'did you mean regulation?'],
    ['a misspelt key', 'max_retrys', ['max_retries', 'max_retrys'], 'regulation.max_retrys', 'did you mean regulation.max_retries?'],
    [
      'a misspelt key in a list',
      '- domin',
      ['- domain: example.com', '- domin: example.com'],
      'session.cookies[0].domin',
      'did you mean session.cookies[].domain?',
    ],
    [
      'a misspelt key of a rule',
      'subjects',
      ['subject: group:admins', 'subjects: group:admins'],
      'access_control.rules[1].subjects',
      'did you mean access_control.rules[].subject?',
    ],
    ['a key in camel case', 'banTime', ['ban_time: 5m', 'banTime: 5m'], 'regulation.banTime', 'did you mean regulation.ban_time?'],
    ['a key at the wrong place', 'redis: {', ['theme: dark', 'theme: dark\nredis: {host: redis}'], 'redis', 'did you mean session.redis?'],
    ['a value that is no duration', 'expiration', ['expiration: 1h', 'expiration: 1 hou'], 'session.expiration', ''],
    ['a month written as minute', 'find_time', ['ban_time: 5m', 'ban_time: 1m'], 'regulation.find_time', 'lengthen ban_time'],
    ['a value that is no number', 'port: redis', ['port: 6379', 'port: redis'], 'session.redis.port', ''],
    ['a theme that is not there', 'theme', ['theme: dark', 'theme: blue'], 'theme', ''],
    ['a level that is not there', 'level', ['level: info', 'level: loud'], 'log.level', ''],
    ['a policy that is not there', 'policy: 1fa', ['policy: one_factor', 'policy: 1fa'], 'access_control.rules[2].policy', 'write one of bypass'],
    ['a rule without a policy', '- domain: public', ['      policy: bypass\n', ''], 'access_control.rules[0].policy', 'write one of bypass'],
    [
      'a bypass that asks who',
      'policy: bypass',
      ['policy: bypass', 'policy: bypass\n      subject: user:a'],
      'access_control.rules[0].policy',
      'one_factor',
    ],
    ['a subject of no kind', 'subject: admins', ['subject: group:admins', 'subject: admins'], 'access_control.rules[1].subject', 'group:NAME'],
    [
      'a pattern that does not compile',
      "- '^/admin('",
      ["'^/admin([/?].*)?$'", "'^/admin('"],
      'access_control.rules[1].resources[0]',
      'correct the pattern',
    ],
    [
      'a network that is not defined',
      'networks: office',
      ['networks: home', 'networks: office'],
      'access_control.rules[2].networks[0]',
      'definitions.network',
    ],
    ['a network that is none', 'home: [', ['10.0.0.0/8', '10.0.0.0/64'], 'definitions.network.home', '10.0.0.0/8'],
    ['a public suffix', '- domain: duckdns.org', ['domain: example.com', 'domain: duckdns.org'], 'session.cookies[0].domain', 'home.duckdns.org'],
    [
      'a wildcard as cookie domain',
      "- domain: '*.example.com'",
      ['- domain: example.com', "- domain: '*.example.com'"],
      'session.cookies[0].domain',
      'write example.com',
    ],
    [
      'a portal outside its domain',
      'authelia_url',
      ['https://auth.example.com', 'https://auth.example.org'],
      'session.cookies[0].authelia_url',
      'example.com',
    ],
    [
      'a portal over http',
      'authelia_url',
      ['https://auth.example.com', 'http://auth.example.com'],
      'session.cookies[0].authelia_url',
      'write https://auth.example.com/authelia',
    ],
    [
      'a cookie domain without a portal',
      '- domain: example.com',
      ['      authelia_url: https://auth.example.com/authelia\n', ''],
      'session.cookies[0].authelia_url',
      'https://auth.example.com',
    ],
    [
      'a short encryption key',
      'encryption_key',
      ['encryption_key: abcdefghijklmnopqrstuvwxyz0123456789', 'encryption_key: short'],
      'storage.encryption_key',
      'freshly-made-secret',
    ],
    [
      'a placeholder',
      'secret: another',
      ['zyxwvutsrqponmlkjihgfedcba9876543210', 'another_random_64_char_string_here'],
      'session.secret',
      'freshly-made-secret',
    ],
    ['a path with a slash behind it', 'address: tcp:', ['9091/authelia', '9091/authelia/'], 'server.address', 'tcp://:9091/authelia'],
    ['an old name beside the new one', 'port: 9091', ['server:', 'server:\n  port: 9091'], 'server.port', 'keep only server.address'],
    [
      'the old and the new cookie domain',
      'domain: example.com',
      ['session:', 'session:\n  domain: example.com'],
      'session.domain',
      'remove session.domain',
    ],
    ['two notifiers', 'notifier:', ['notifier:', 'notifier:\n  filesystem: {filename: /n}'], 'notifier', 'keep one'],
    ['no notifier', '', [/notifier:[^]*(?=storage:)/u.exec(base)?.[0] ?? '', ''], 'notifier', 'notification.txt'],
    ['a sender that is no address', 'sender', ['Gate <gate@example.com>', 'Gate'], 'notifier.smtp.sender', '@example.com'],
    ['a scheme that is none for mail', 'address: tcp://mail', ['submission://', 'tcp://'], 'notifier.smtp.address', 'submission://'],
    ['seven digits', 'digits', ['digits: 6', 'digits: 7'], 'totp.digits', 'write 6'],
    [
      'two password policies',
      'zxcvbn',
      ['password_policy:', 'password_policy:\n  zxcvbn: {enabled: true}'],
      'password_policy.zxcvbn.enabled',
      'disable one',
    ],
    [
      'a list in the place of a section',
      'regulation: [',
      ['regulation:\n  max_retries: 3\n  find_time: 2m\n  ban_time: 5m', 'regulation: [3, 2m, 5m]'],
      'regulation',
      '',
    ],
    [
      'a section in the place of a list',
      'cookies:',
      ['    - domain: example.com\n      authelia_url', '    domain: example.com\n    authelia_url'],
      'session.cookies',
      'begin each entry with `- `',
    ],
    [
      'a directory of people that is not there yet',
      'ldap',
      ['  file:\n', '  ldap: {address: ldap://dc}\n  file:\n'],
      'authentication_backend.ldap',
      'authentication_backend.file',
    ],
    [
      'a provider that is not there yet',
      'identity_providers',
      ['theme: dark', 'theme: dark\nidentity_providers: {oidc: {hmac_secret: x}}'],
      'identity_providers',
      'take identity_providers out',
    ],
    ['a database that is not there yet', 'mysql', ['  local:\n', '  mysql: {address: tcp://db}\n  local:\n'], 'storage.mysql', 'storage.local'],
    ['a certificate without its key', 'tls', ['server:', 'server:\n  tls: {certificate: /c}'], 'server.tls', 'both or neither'],
    [
      'a pattern of a path',
      'path: ',
      ['subject: group:admins\n      resources:\n        - ', 'subject: group:admins\n      path: '],
      'access_control.rules[1].path',
      '',
    ],
  ])('%s is reported alone, with its line and what to write', (_, at, [from, to], path, fix) => {
    const text = edit(base, [from, to]);
    const { value, problems } = read(text);
    expect(value).toBeNull();
    const found = problems.filter(({ severity }) => severity === 'error');
    expect(found.map((problem) => problem.path)).toEqual([path]);
    expect(lineOf(text, found[0]).startsWith(at)).toBe(true);
    expect(`${found[0]?.fix ?? ''} ${found[0]?.message ?? ''}`).toContain(fix);
  });
});

const lineOf = (text: string, problem: Problem | undefined): string => text.split('\n')[(problem?.line ?? 0) - 1]?.trim() ?? '';
