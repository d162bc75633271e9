import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { BIN, portcullis } from './command.fixture.js';
import { allOf, describeCommands } from './command-tree.js';
import { createProgram } from './program.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const directory = mkdtempSync(join(tmpdir(), 'cli-files-'));
const write = (name: string, text: string): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const DIGEST = '$argon2id$v=19$m=65536,t=3,p=4$KKz+ldtgobUz0H4l8oOXoA$H1Sw6i29C8HUs52M2+YrNqxAWkK5yR1qOBTGbY3nmCE';
const configuration = `
authentication_backend:
  file:
    path: ${join(directory, 'users.yml')}
access_control:
  default_policy: deny
  rules:
    - { domain: open.example.com, policy: bypass }
    - { domain: admin.example.com, subject: 'group:admins', policy: two_factor }
    - { domain: admin.example.com, resources: ['^/api/'], methods: [POST], networks: [192.0.2.0/24], policy: one_factor }
    - { domain: '*.example.com', policy: one_factor }
session:
  secret: ${SECRET}
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
storage: { encryption_key: ${SECRET}, local: { path: ${join(directory, 'db.sqlite3')} } }
identity_validation: { reset_password: { jwt_secret: ${SECRET} } }
notifier: { filesystem: { filename: ${join(directory, 'mail.txt')} } }
`;
let good: string;
beforeAll(() => {
  write('users.yml', `users:\n  john: { displayname: John, email: john@example.com, groups: [admins], password: '${DIGEST}' }\n`);
  good = write('configuration.yml', configuration);
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

describe('validate-config', () => {
  it.each([[['validate-config']], [['config', 'validate']]])('%j takes a good file, before or behind --config', async (words) => {
    const told = { code: 0, out: 'Configuration parsed and loaded successfully without errors.\n', err: '' };
    expect(await portcullis([...words, '--config', good])).toEqual(told);
    expect(await portcullis(['--config', good, ...words])).toEqual(told);
    expect(await portcullis(words, { cwd: directory })).toEqual(told);
    expect(await portcullis(words, { env: { X_AUTHELIA_CONFIG: good } })).toEqual(told);
  });

  it('names every problem of a bad one with file, line and what was probably meant', async () => {
    const bad = write('bad.yml', configuration.replace('default_policy', 'default_polcy').replace('policy: bypass', 'policy: bypas'));
    const { code, out } = await portcullis(['validate-config', '--config', bad]);
    expect(code).toBe(1);
    expect(out).toMatch(/^Configuration parsed and loaded with errors:\n/);
    expect(out).toContain(`error: ${bad}:6  access_control.default_polcy`);
    expect(out).toMatch(/default_policy/);
    expect(out).toContain(`error: ${bad}:8  access_control.rules[0].policy`);
  });

  it('looks at the users file as well', async () => {
    write('broken-users.yml', "users:\n  john: { displayname: John, password: 'plain text' }\n");
    const file = write('bad-users.yml', configuration.replace('users.yml', 'broken-users.yml'));
    const { code, out } = await portcullis(['validate-config', '--config', file]);
    expect(code).toBe(1);
    expect(out).toMatch(/error: .*broken-users\.yml:2 {2}users\.john\.password/);
  });

  it('answers scripts in JSON, with the same exit code', async () => {
    const bad = write('bad-json.yml', `${configuration}\nsesion: {}\n`);
    const [well, ill] = await Promise.all([good, bad].map((file) => portcullis(['validate-config', '--json', '--config', file])));
    expect([well?.code, JSON.parse(well?.out ?? '')]).toEqual([0, { valid: true, problems: [] }]);
    expect(ill?.code).toBe(1);
    expect(JSON.parse(ill?.out ?? '')).toMatchObject({ valid: false, problems: [{ severity: 'error', path: 'sesion', file: bad, line: 19 }] });
  });

  it('a file that is not there is said, and is exit 1', async () => {
    const { code, out } = await portcullis(['validate-config', '--config', join(directory, 'none.yml')]);
    expect([code, out.includes('none.yml\n    the file is not there')]).toEqual([1, true]);
  });
});

describe('filters and directories', () => {
  const filtered = () => write('filtered.yml', configuration.replace('domain: example.com, ', 'domain: {{ env "ZONE" }}, '));
  const FLAG = '--config.experimental.filters';

  it('are named by the flag, or by either variable', async () => {
    const file = filtered();
    const words = ['config', 'validate', '--config', file];
    expect((await portcullis(words, { env: { ZONE: 'example.com' } })).code).toBe(1);
    const told = { code: 0, out: 'Configuration parsed and loaded successfully without errors.\n', err: '' };
    expect(await portcullis([...words, FLAG, 'template'], { env: { ZONE: 'example.com' } })).toEqual(told);
    expect(await portcullis(words, { env: { ZONE: 'example.com', X_AUTHELIA_CONFIG_FILTERS: 'template' } })).toEqual(told);
    expect(await portcullis(words, { env: { ZONE: 'example.com', PORTCULLIS_CONFIG_FILTERS: 'template' } })).toEqual(told);
  });

  it('show what they make of the files', async () => {
    const file = filtered();
    const { code, out } = await portcullis(['config', 'template', '--config', file, FLAG, 'template,expand-env'], { env: { ZONE: 'example.com' } });
    expect([code, out]).toEqual([0, `---\n##\n## File Source Path: ${file}\n##\n\n${configuration}\n`]);
  });

  it('that cannot be run are exit 1, with the line', async () => {
    const file = write('unknown.yml', 'theme: light\nlog: {level: {{ walk "/" "" true }}}\n');
    const { code, err } = await portcullis(['config', 'template', '--config', file, FLAG, 'template']);
    expect([code, err]).toEqual([1, expect.stringContaining(`error: ${file}:2\n    the filter template: there is no function 'walk'`)]);
  });

  it('merge the files of a directory by name, with those behind a comma', async () => {
    mkdirSync(join(directory, 'conf.d'));
    write('conf.d/10-base.yml', configuration);
    write('conf.d/20-theme.yaml', 'theme: blue\n');
    const last = write('last.yml', 'theme: dark\n');
    expect((await portcullis(['config', 'validate', '--config', join(directory, 'conf.d')])).out).toContain('conf.d/20-theme.yaml:1  theme');
    expect((await portcullis(['config', 'validate', '--config', `${join(directory, 'conf.d')},${last}`])).code).toBe(0);
  });
});

describe('access-control check-policy', () => {
  const check = (...words: readonly string[]) => portcullis(['access-control', 'check-policy', '--config', good, ...words]);

  it('shows each rule to the one that applies, and ends with it', async () => {
    const { code, out } = await check('--url', 'https://www.example.com/', '--username', 'john', '--groups', 'dev,admins', '--ip', '192.0.2.1');
    expect(code).toBe(0);
    expect(out).toBe(
      [
        "Performing policy check for request to 'https://www.example.com/' method 'GET' username 'john' groups 'dev,admins' from IP '192.0.2.1'.",
        '',
        '  #  Domain  Resource  Query  Method  Network  Subject',
        '  1  miss    hit       hit    hit     hit      hit',
        '  2  miss    hit       hit    hit     hit      hit',
        '  3  miss    miss      hit    miss    hit      hit',
        '* 4  hit     hit       hit    hit     hit      hit',
        '',
        "The policy 'one_factor' from rule #4 will be applied to this request.",
        '',
      ].join('\n'),
    );
  });

  it('what depends on who asks is potential', async () => {
    const { out } = await check('--url', 'https://admin.example.com/');
    expect(out).toContain('~ 2  hit     hit       hit    hit     hit      may\n');
    expect(out).toContain(
      "The policy 'two_factor' from rule #2 will potentially be applied to this request, if not the policy 'one_factor' from rule #4 will be.",
    );
  });

  it.each([
    [['--url', 'https://admin.example.com/api/x', '--method', 'post', '--username', 'john', '--ip', '192.0.2.9'], 3],
    [['--url', 'https://admin.example.com/api/x', '--method', 'post', '--username', 'john', '--ip', '198.51.100.9'], 4],
    [['--url', 'https://admin.example.com/api/x', '--username', 'john', '--groups', 'admins'], 2],
    [['--url', 'https://OPEN.example.com/', '--username', 'john'], 1],
  ])('%j is answered by rule %i', async (words, rule) => {
    const answer = JSON.parse((await check(...words, '--json')).out) as { appliedIndex: number };
    expect(answer.appliedIndex + 1).toBe(rule);
  });

  it('no rule is the default policy, and what is behind the rule is shown with --verbose', async () => {
    expect((await check('--url', 'https://example.org/', '--username', 'john')).out).toContain(
      "The default policy 'deny' will be applied to this request as no rules matched it.",
    );
    const rowsOf = async (...words: readonly string[]) =>
      (await check('--url', 'https://open.example.com/', ...words)).out.match(/^[* ] \d/gm)?.length;
    expect([await rowsOf(), await rowsOf('--verbose')]).toEqual([1, 4]);
  });

  it('what is no address, or no address at all, is typed wrongly', async () => {
    expect(await check('--url', 'admin.example.com')).toMatchObject({ code: 2, out: '' });
    expect((await check()).code).toBe(2);
  });
});

describe('the command itself', () => {
  it('every command explains itself with an example', async () => {
    const last = allOf(describeCommands(createProgram('portcullis'))).filter(({ commands }) => commands.length === 0);
    const isOwn = (path: readonly string[]) => (example: string) => example.startsWith(`portcullis ${path.join(' ')}`);
    expect(last.filter(({ path, examples }) => !examples.some(isOwn(path))).map(({ path }) => path.join(' '))).toEqual([]);
    expect(last.length).toBeGreaterThan(20);
    const { code, out } = await portcullis(['storage', 'bans', 'ip', 'revoke', '--help']);
    expect([code, out]).toEqual([0, expect.stringMatching(/^Examples?:\n {2}portcullis storage bans ip revoke/mu)]);
  });

  it.each([
    [['sesions'], 'sessions'],
    [['storage', 'ban'], 'bans'],
    [['validate-confg'], 'validate-config'],
    [['crypto', 'rand', '--lenght', '3'], '--length'],
  ])('%j is typed wrongly, and told what was meant', async (words, meant) => {
    const { code, out, err } = await portcullis(words);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(`(Did you mean ${meant}?)`);
  });

  it.each([
    [['sessions', 'revoke-all']],
    [['sessions', 'revoke-all', 'john', '--everybody']],
    [['storage', 'bans', 'ip', 'revoke']],
    [['notices', 'list', '--limit', 'x']],
  ])('%j is typed wrongly, whatever the configuration is', async (words) => {
    expect((await portcullis([...words, '--config', join(directory, 'none.yml')])).code).toBe(2);
  });

  it('is called authelia where it is called so', async () => {
    const link = join(directory, 'authelia');
    symlinkSync(BIN, link);
    expect((await portcullis(['--version'], {}, link)).out).toMatch(/^authelia \d+\.\d+\.\d+ \(Portcullis\)\n$/);
    expect((await portcullis(['validate-config', '--config', good], {}, link)).code).toBe(0);
    expect((await portcullis(['--version'])).out).toMatch(/^portcullis /);
    expect((await portcullis(['build-info'])).out).toContain(`Node ${process.versions.node}`);
  });

  it('colours nothing where no terminal reads it, or NO_COLOR is set', async () => {
    const words = ['access-control', 'check-policy', '--config', good, '--url', 'https://open.example.com/'];
    const ESCAPE = String.fromCharCode(27);
    expect((await portcullis(words)).out).not.toContain(ESCAPE);
    expect((await portcullis(words, { env: { FORCE_COLOR: '1' } })).out).toContain(`${ESCAPE}[1m`);
    expect((await portcullis(words, { env: { NO_COLOR: '1', TERM: 'xterm-256color' } })).out).not.toContain(ESCAPE);
  });
});
