import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { portcullis } from './command.fixture.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'cli-rules-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
afterAll(() => {
  rmSync(directory, { recursive: true });
});

const person = (name: string, groups: string, more = ''): string =>
  `  ${name}: { displayname: X, password: not_looked_at, groups: [${groups}]${more} }\n`;
const users = write(
  'users.yml',
  `users:\n${person('alice', 'admins, dev')}${person('bob', 'users')}${person('"<b>eve"', '')}${person('dora', 'users', ', disabled: true')}`,
);
const configuration = (...rules: readonly string[]): string =>
  `authentication_backend: { file: { path: ${users} } }\naccess_control:\n  default_policy: deny\n  rules:\n${rules.map((rule) => `    - ${rule}\n`).join('')}`;
const good = write(
  'good.yml',
  configuration(
    '{ domain: open.example.com, policy: bypass }',
    "{ domain: admin.example.com, subject: 'group:admins', policy: two_factor }",
    '{ domain: admin.example.com, policy: deny }',
    "{ domain: '*.example.com', policy: one_factor }",
  ),
);
const type = (words: string, ...more: readonly string[]) => portcullis(['access-control', ...words.split(' '), ...more]);

describe('access-control lint', () => {
  const bad = write(
    'bad.yml',
    configuration(
      "{ domain: '*.example.com', subject: 'group:users', policy: two_factor }",
      "{ domain: admin.example.com, subject: [['group:users', 'group:admin']], policy: two_factor }",
      '{ domain: api.test, resources: [/status], policy: bypass }',
    ),
  );

  it('names what is not meant with rule, file, line and what to write instead', async () => {
    const { code, out } = await type('lint --config', bad);
    expect(code).toBe(0);
    expect(out).toContain(`danger: ${bad}:7  access_control.rules[2].resources\n`);
    expect(out).toContain("      probably meant:\n      resources: '^/status([/?].*)?$'\n");
    expect(out).toContain(`notice: ${bad}:6  access_control.rules[1].subject`);
    expect(out).toContain("no user is in the group 'admin'; 'admins' was probably meant");
    expect(out).toContain(`notice: ${users}:2  users.alice\n    User alice can sign in, and no rule lets them in anywhere.`);
    expect(out).toMatch(/\d findings in 3 rules, 4 people: \d dangers?, \d notices\.\n$/);
  });

  it('is exit 1 with --strict where there is something, and says so where there is nothing', async () => {
    expect((await type('lint --strict --config', bad)).code).toBe(1);
    expect(await type('lint --strict --config', good)).toMatchObject({ code: 0, out: 'Nothing to name in 4 rules, 4 people.\n' });
    const { findings } = JSON.parse((await type('lint --json --config', bad)).out) as {
      findings: readonly { readonly kind: string; readonly rule: number | null }[];
    };
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'loose-start', severity: 'danger', rule: 3, file: bad, line: 7 }));
    expect(findings).toContainEqual(expect.objectContaining({ kind: 'lonely', rule: null, path: 'users.alice' }));
  });

  it('is part of what validate-config tells', async () => {
    const { out } = await portcullis(['validate-config', '--config', bad]);
    expect(out).toContain('no rule lets them in anywhere');
    expect(out).toContain("'admins' was probably meant");
  });
});

describe('access-control diff', () => {
  const next = write(
    'next.yml',
    configuration(
      '{ domain: open.example.com, policy: one_factor }',
      "{ domain: admin.example.com, subject: ['group:admins', 'user:bob'], policy: two_factor }",
      '{ domain: admin.example.com, policy: deny }',
      "{ domain: '*.example.com', methods: [GET], policy: one_factor }",
    ),
  );

  it('tells who gains and loses what, and is exit 1', async () => {
    const { code, out } = await type('diff', good, next);
    expect([code, out]).toEqual([
      1,
      [
        'Change  Who            Host               What           Before           After',
        'loses   anonymous      open.example.com   everything     bypass (#1)      one_factor (#1)',
        'gains   bob            admin.example.com  everything     deny (#3)        two_factor (#2)',
        'loses   everybody (3)  <any>.example.com  other methods  one_factor (#4)  deny (default)',
        '',
      ].join('\n'),
    ]);
  });

  it('is exit 0 where nothing changes, and 2 where there is trouble', async () => {
    expect(await type('diff', good, good)).toMatchObject({
      code: 0,
      out: `Nobody gains or loses access: a stranger and 3 people of ${users} were asked for.\n`,
    });
    expect((await type('diff', good, join(directory, 'none.yml'))).code).toBe(2);
    const bare = write('bare.yml', configuration('{ domain: a.b, policy: one_factor }').replace(/^authentication.*\n/, ''));
    expect(await type('diff', bare, bare)).toMatchObject({ code: 2, out: '' });
    expect((await type('diff', bare, bare, '--users', users)).code).toBe(0);
  });

  it('answers scripts in JSON', async () => {
    const { code, out } = await type('diff', good, next, '--json');
    expect([code, JSON.parse(out)]).toMatchObject([
      1,
      {
        changed: true,
        people: 3,
        changes: [
          { change: 'loses', who: ['anonymous'], before: { policy: 'bypass', rule: 1 } },
          { who: ['bob'] },
          { methods: [''], after: { policy: 'deny', rule: null } },
        ],
      },
    ]);
  });
});

describe('access-control test', () => {
  const tests = (...lines: readonly string[]): string => write('tests.yml', `tests:\n${lines.map((line) => `  - ${line}\n`).join('')}`);
  const run = (file: string, ...more: readonly string[]) => type('test', file, '--config', good, ...more);

  it('holds what the rules answer, in a line or a map', async () => {
    const file = tests(
      'anonymous GET https://open.example.com/ -> bypass',
      'anonymous GET https://admin.example.com/x?y=1 -> sign_in',
      'alice GET https://admin.example.com/ -> two_factor by rule 2',
      'bob GET https://admin.example.com/ -> deny by rule 3',
      'guest with users, admins from 192.0.2.7 POST https://admin.example.com/ -> two_factor',
      "{ user: bob, with: [admins], url: 'https://admin.example.com/', expect: two_factor, rule: 2 }",
      "{ url: 'https://elsewhere.test/', expect: deny, rule: default }",
    );
    expect(await run(file)).toMatchObject({ code: 0, out: '7 expectations: 7 hold, 0 do not.\n' });
  });

  it('prints each that does not hold, with the rule that answers and why no other does, and is exit 1', async () => {
    const file = tests(
      'bob GET https://admin.example.com/ -> two_factor',
      'dora GET https://open.example.com/ -> bypass',
      'zoe GET https://a.example.com/ -> one_factor',
      'alice GET https://admin.example.com/ -> one_factor',
    );
    const { code, out } = await run(file);
    expect([code, out]).toEqual([
      1,
      [
        `${file}:2  bob GET https://admin.example.com/ -> two_factor`,
        '    is deny (#3): rule #3 (admin.example.com) answers bob',
        '    rule #2 (admin.example.com) would be two_factor, but it asks for group:admins',
        '',
        `${file}:3  dora GET https://open.example.com/ -> bypass`,
        `    dora is disabled in ${users}, and cannot sign in`,
        '',
        `${file}:4  zoe GET https://a.example.com/ -> one_factor`,
        `    there is no user zoe in ${users}: for somebody who is not there write 'zoe with GROUP'`,
        '',
        `${file}:5  alice GET https://admin.example.com/ -> one_factor`,
        '    is two_factor (#2): rule #2 (admin.example.com) answers alice',
        '    rule #4 (*.example.com) would be one_factor, but it stands below, and the first match counts',
        '',
        '4 expectations: 0 hold, 4 do not.',
        '',
      ].join('\n'),
    ]);
    expect(JSON.parse((await run(file, '--json')).out)).toMatchObject({
      passed: 0,
      failed: 4,
      tests: [{ line: 2, expected: 'two_factor', policy: 'deny', rule: 3 }, {}, {}, {}],
    });
  });

  it('names every line it cannot read, and is exit 2', async () => {
    const file = tests(
      'bob GETS admin.example.com -> deny',
      "{ user: bob, url: 'https://a.b/', expect: allow }",
      "{ user: bob, url: 'https://a.b/', expect: deny, group: x }",
      'bob GET https://a.b/ -> sign_in',
      'anonymous with users GET https://a.b/ -> deny',
      '{ url: a.b, expect: deny }',
      "{ url: 'https://a.b/', method: get, expect: deny }",
      "{ url: 'https://a.b/', from: home, expect: deny }",
      "{ url: 'https://a.b/', rule: first, expect: deny }",
      '[x]',
    );
    const { code, out, err } = await run(file);
    expect([code, out]).toEqual([2, '']);
    expect(err.match(/tests\.yml:\d+/g)).toEqual(Array.from({ length: 10 }, (_, index) => `tests.yml:${index + 2}`));
    expect((await run(write('empty.yml', 'tests: []\n'))).code).toBe(2);
    expect((await run(join(directory, 'none.yml'))).code).toBe(2);
  });
});

describe('access-control matrix', () => {
  const matrix = (...words: readonly string[]) => type('matrix --config', good, ...words);

  it('shows hosts by people', async () => {
    const { out } = await matrix();
    expect(
      out
        .split('\n')
        .slice(0, 6)
        .map((line) => line.trim().split(/ {2,}/)),
    ).toEqual([
      ['Host', 'anonymous', 'alice', 'bob'],
      ['<b>eve'],
      ['open.example.com', 'open', 'open', 'open'],
      ['admin.example.com', 'sign in', '2', '-'],
      ['<any>.example.com', 'sign in', '1', '1'],
      ['<any>', '-', '-', '-'],
    ]);
  });

  it('is comma-separated for a spreadsheet, and JSON for a script', async () => {
    expect((await matrix('--csv')).out.split('\n').slice(0, 3)).toEqual([
      'host,anonymous,alice,bob,<b>eve',
      'open.example.com,bypass,bypass,bypass,bypass',
      'admin.example.com,two_factor,two_factor,deny,deny',
    ]);
    expect(JSON.parse((await matrix('--json')).out)).toContainEqual(
      expect.objectContaining({
        host: 'admin.example.com',
        people: expect.objectContaining({ bob: { policy: 'deny', rule: 3, varies: false } }) as unknown,
      }),
    );
    expect((await matrix('--csv', '--json')).code).toBe(2);
  });

  it('is a page by itself, with everything escaped', async () => {
    const file = join(directory, 'matrix.html');
    expect((await matrix('--html', file)).out).toBe(`Wrote ${file}.\n`);
    const page = readFileSync(file, 'utf8');
    expect(page).toContain('&lt;b&gt;eve');
    expect(page).not.toMatch(/<b>eve|<script|src=|https?:\/\//);
    expect(page).toContain('title="deny by rule #3 (admin.example.com)"');
  });
});
