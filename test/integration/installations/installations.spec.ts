import * as contract from '@portcullis/contracts-configuration';
import { DIGEST_DEFAULTS, digestOptionProblems } from '@portcullis/domain-passwords';
import { compilePolicy, lintPolicy } from '@portcullis/domain-policy';
import { hasErrors, loadConfiguration, type Problem, reportProblems } from '@portcullis/platform-config';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { root, runCommand, tempDir } from '../../support/index.js';
import { type Mistake, MISTAKES } from './mistakes.js';

const sections = {
  accessControl: contract.accessControlSection({ compilePolicy, lintPolicy }),
  audit: contract.auditSection,
  authenticationBackend: contract.authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems }),
  endpoints: contract.endpointsSection,
  identityValidation: contract.identityValidationSection,
  log: contract.logSection,
  notifier: contract.notifierSection,
  passwordPolicy: contract.passwordPolicySection,
  portal: contract.portalSection,
  redis: contract.redisSection,
  regulation: contract.regulationSection,
  rpc: contract.rpcSection,
  server: contract.serverSection,
  session: contract.sessionSection,
  storage: contract.storageSection,
  telemetry: contract.telemetrySection,
  totp: contract.totpSection,
};

const names = readdirSync(import.meta.dirname).filter((name) => name.endsWith('.yml'));
const textOf = (start: string): string => {
  const name = names.find((each) => each.startsWith(start));
  if (name === undefined) throw new Error(`there is no file ${start}…`);
  return readFileSync(join(import.meta.dirname, name), 'utf8');
};

interface Read {
  readonly file: string;
  readonly problems: readonly Problem[];
}

function read(text: string): Read {
  const file = join(tempDir('installation'), 'configuration.yml');
  writeFileSync(file, text);
  const loaded = loadConfiguration({ files: [file], environment: {}, tables: contract.configurationTables });
  const parsed = contract.parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret: () => 'freshly-made-secret' });
  return { file, problems: reportProblems([...loaded.problems, ...parsed.problems], loaded.sources) };
}

const told = (problems: readonly Problem[]): readonly string[] => problems.map(({ severity, path }) => `${severity} ${path}`);

/** What each file is told of; an installation that is not there is taken without a word. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  '04': ['warning server.headers.csp_template', 'warning access_control.default_policy'],
  '07': ['warning access_control.default_policy'],
  '08': ['warning access_control.default_policy'],
  '09': ['warning access_control.default_policy'],
  '10': ['warning access_control.default_policy'],
  '11': ['warning access_control.default_policy'],
  '12': ['warning access_control.default_policy'],
  '14': ['warning access_control.default_policy'],
  '15': ['warning access_control.default_policy'],
  '16': [
    'warning jwt_secret',
    'warning host',
    'warning server.host',
    'warning port',
    'warning log_level',
    'warning log_format',
    'warning server.read_buffer_size',
    'warning session.domain',
    'warning session.remember_me_duration',
    'warning authentication_backend.disable_reset_password',
    'warning authentication_backend.file.password.iterations',
    'warning notifier.smtp.host',
    'warning notifier.smtp.disable_verify_cert',
  ],
  '17': ['warning webauthn', 'warning access_control.default_policy'],
  '18': ['warning certificates_directory', 'warning access_control.default_policy'],
  '19': ['error authentication_backend.ldap', 'error storage.postgres.servers', 'error storage.postgres.ssl'],
  '20': ['error identity_providers', 'error storage.mysql', 'warning access_control.default_policy'],
};

describe('twenty installations', () => {
  it.each(names)('%s is taken, and told of what is old, without effect or not there yet', (name) => {
    const { problems, file } = read(textOf(name));
    expect(told(problems)).toEqual(EXPECTED[name.slice(0, 2)] ?? []);
    for (const problem of problems)
      expect(problem).toMatchObject({ file, line: expect.any(Number) as number, fix: expect.stringMatching(/./) as string });
  });

  it('use every section there is', () => {
    const used = new Set(names.flatMap((name) => [...pathsIn(parse(textOf(name)))]));
    const missing = sectionPaths().filter((path) => !used.has(path));
    expect(names).toHaveLength(20);
    expect(missing).toEqual([]);
  });
});

/** Every path around a key, and every key that is a section as a whole; names of the operator's choice as `*`. */
function sectionPaths(): readonly string[] {
  const all = Object.entries(contract.configurationKeys).flatMap(([path, { kind }]) => {
    const parts = path.split('.');
    const around = parts.slice(1).map((_, index) => parts.slice(0, index + 1).join('.'));
    return kind === 'any' && !path.includes('[]') ? [...around, path] : around;
  });
  return [...new Set(all)];
}

/** The paths of a tree, as the table of keys writes them: with `*` for each name where there may be any. */
function* pathsIn(value: unknown, path = ''): Generator<string> {
  if (Array.isArray(value)) {
    yield path;
    for (const entry of value) yield* pathsIn(entry, `${path}[]`);
  } else if (typeof value === 'object' && value !== null) {
    if (path !== '') yield path;
    for (const [name, inner] of Object.entries(value)) {
      yield* pathsIn(inner, path === '' ? name : `${path}.${name}`);
      if (path !== '') yield* pathsIn(inner, `${path}.*`);
    }
  } else yield path;
}

function spoil({ file, was, now, at }: Mistake): { readonly text: string; readonly line: number } {
  const text = textOf(file);
  const place = text.indexOf(was);
  if (place === -1 || text.includes(was, place + 1)) throw new Error(`${file} must hold once: ${was}`);
  const edited = text.slice(0, place) + now + text.slice(place + was.length);
  const before = at === undefined ? text.slice(0, place + firstDifference(was, now)) : edited.slice(0, edited.indexOf(at));
  return { text: edited, line: before.split('\n').length };
}

/** What to write instead: the warnings about rules say it in their sentence. */
const offerOf = (problem: Problem | undefined): string => problem?.fix ?? problem?.message ?? '';

function firstDifference(was: string, now: string): number {
  let index = 0;
  while (index < was.length && was[index] === now[index]) index++;
  return index;
}

describe('one mistake each', () => {
  it.each(
    MISTAKES.map((mistake) => [mistake.file, mistake.now.trim() === '' ? `without ${mistake.was.trim()}` : mistake.now.trim(), mistake] as const),
  )('%s: %s is reported with its line and what to write', (_, __, mistake) => {
    const { text, line } = spoil(mistake);
    const before = new Set(read(textOf(mistake.file)).problems.map(({ path, message }) => `${path} ${message}`));
    const { file, problems } = read(text);
    const found = problems.filter(({ path, message }) => !before.has(`${path} ${message}`));
    const named = found.find((problem) => problem.line === line);
    expect(found.map((problem) => `${problem.line ?? '-'} ${problem.path}: ${problem.message}`)).not.toEqual([]);
    expect(named, JSON.stringify({ line, found }, null, 1)).toBeDefined();
    expect(named).toMatchObject({ file });
    expect(named?.message).toMatch(mistake.says);
    expect(offerOf(named)).toMatch(mistake.offers);
  });

  it('there are fifty and more, some in every installation', () => {
    expect(MISTAKES.length).toBeGreaterThanOrEqual(50);
    expect(new Set(MISTAKES.map(({ file }) => file)).size).toBe(20);
  });
});

describe('the command itself', () => {
  const command = (text: string) => {
    const dir = tempDir('installation');
    writeFileSync(join(dir, 'configuration.yml'), text.replaceAll('/config/', `${dir}/`));
    writeFileSync(
      join(dir, 'users_database.yml'),
      "users:\n  john:\n    displayname: John\n    groups: [parents]\n    password: '$argon2id$v=19$m=65536,t=3,p=4$KKz+ldtgobUz0H4l8oOXoA$H1Sw6i29C8HUs52M2+YrNqxAWkK5yR1qOBTGbY3nmCE'\n",
    );
    return runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), 'validate-config', '--config', join(dir, 'configuration.yml')]);
  };

  it.each(['01', '02', '13'])('takes installation %s without a word', async (start) => {
    const { code, stdout } = await command(textOf(start));
    expect({ code, stdout }).toEqual({ code: 0, stdout: 'Configuration parsed and loaded successfully without errors.\n' });
  });

  it.each(MISTAKES.filter((_, index) => index % 12 === 0))('says the same of $now', async (mistake) => {
    const { text, line } = spoil(mistake);
    const { stdout } = await command(text);
    expect(stdout).toMatch(new RegExp(`(?:error|warning): \\S*configuration\\.yml:${line} `));
    expect(stdout).toMatch(mistake.says);
  });

  it('refuses what is not there yet by its name', async () => {
    for (const start of ['19', '20']) expect((await command(textOf(start))).code).toBe(1);
    expect((await command(textOf('19'))).stdout).toContain('authentication_backend.ldap is not there yet');
  });
});

describe("the guide's files and those of the conformance kit", () => {
  const kit = (name: string): string => readFileSync(join(root, 'test/integration/configuration', name), 'utf8');

  it.each(['guide.yml', 'world-strict.yml'])('%s: whatever is wrong in it has its line, and what to write', (name) => {
    const { problems } = read(kit(name));
    expect(hasErrors(problems)).toBe(true);
    for (const problem of problems) {
      expect(offerOf(problem)).toMatch(/./);
      // What is not there has no line.
      if (!problem.path.startsWith('storage') && problem.path !== 'notifier') expect(problem.line).toBeGreaterThan(0);
    }
  });
});
