import * as contract from '@portcullis/contracts-configuration';
import { describeDigestProblem, parseDigest } from '@portcullis/domain-passwords';
import { compilePolicy, decide, type PolicySource } from '@portcullis/domain-policy';
import { hasErrors, loadConfiguration, readYaml, reportProblems } from '@portcullis/platform-config';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { sections } from '../integration/configuration/sections.js';
import { fillConfiguration, random, tempDir, usersFile } from '../support/index.js';
import { decision, type OraclePolicy, type Person, readPolicy, type Site } from '../support/oracle/index.js';
import { CONFIGURATION, person, persons } from './world.js';

const options = { seed: random.seed, numRuns: random.full ? 10_000 : 400 };
console.info(`The seed of these files: ${random.seed}`);

const places = { dir: '/var/lib/portcullis', port: 9091, managementPort: 9959, redis: { host: '127.0.0.1', port: 6379 } };
const CONFIGURATION_TEXT = stringify(
  fillConfiguration(
    {
      ...CONFIGURATION,
      access_control: {
        ...CONFIGURATION.access_control,
        rules: [
          ...CONFIGURATION.access_control.rules,
          { domain: 'q.example.com', policy: 'bypass', query: [{ key: 'token', operator: 'equal', value: 'acorn' }] },
          { domain_regex: '^r\\d\\.example\\.com$', policy: 'two_factor', subject: [['group:dev', 'user:john']] },
        ],
      },
    },
    places,
  ).config,
);

/** What a slip of the hand, a bad merge or an editor does to a line. */
type Slip = (lines: readonly string[], at: number, value: string) => readonly string[];
const replaced = (lines: readonly string[], at: number, ...by: readonly string[]): readonly string[] => [
  ...lines.slice(0, at),
  ...by,
  ...lines.slice(at + 1),
];
const SLIPS: readonly Slip[] = [
  (lines, at) => replaced(lines, at),
  (lines, at) => replaced(lines, at, lines[at]!, lines[at]!),
  (lines, at) => replaced(lines, at, `  ${lines[at]!}`),
  (lines, at) => replaced(lines, at, lines[at]!.replace(/^ {2}/, '')),
  (lines, at) => replaced(lines, at, `\t${lines[at]!}`),
  (lines, at, value) => replaced(lines, at, lines[at]!.replace(/: .*$/, `: ${value}`)),
  (lines, at, value) => replaced(lines, at, lines[at]!.replace(/- .*$/, `- ${value}`)),
  (lines, at, value) => replaced(lines, at, lines[at]! + value),
  (lines, at) => replaced(lines, at, lines[at]!.replace(/(\w)(\w)/, '$2$1')),
  (lines, at) => replaced(lines, at, lines[at]!.slice(0, -1)),
  (lines, at) => replaced(lines, at, `# ${lines[at]!}`),
  (lines, at) => replaced(lines, at, lines[at]!.replace('- ', '')),
  (lines, at) => [...lines.slice(0, at), ...lines.slice(at).reverse()],
  (lines, at) => lines.slice(0, at),
];
const VALUES = [
  '',
  'null',
  '~',
  '[]',
  '{}',
  '5',
  'true',
  'no',
  '-1',
  '1e9',
  '""',
  "''",
  '*',
  '&a',
  '*a',
  '!!str 5',
  '<<: *a',
  '|',
  '>',
  '[a',
  '{a: b',
  '"',
  'deny',
  'bypass',
  '.',
  '^',
  '(',
  '\u0000',
  '\u2028',
  ' #',
  ': :',
  '${HOME}',
  '{{ env "HOME" }}',
  '..',
  '0.0.0.0/0',
  '\ud83c\udff0',
  'y'.repeat(5000),
];

const slipped = (text: string): fc.Arbitrary<string> => {
  const lines = text.split('\n');
  return fc
    .array(fc.tuple(fc.constantFrom(...SLIPS), fc.nat(lines.length - 1), fc.constantFrom(...VALUES)), { minLength: 1, maxLength: 2 })
    .map((slips) =>
      slips.reduce<readonly string[]>((kept, [slip, at, value]) => (at < kept.length ? slip(kept, at, value) : kept), lines).join('\n'),
    );
};

const SITES: readonly Site[] = [
  'public',
  'mixed',
  'tight',
  'admin',
  'app',
  'bank',
  'inside',
  'banned',
  'cors',
  'john.home',
  'x.lan',
  'q',
  'r1',
  'none',
]
  .flatMap((name) => ['/', '/public', '/admin/x', '/status'].map((path) => ({ host: `${name}.example.com`, path })))
  .flatMap((where, index) => [
    { ...where, query: '', method: 'GET', ip: '203.0.113.7' },
    {
      ...where,
      query: index % 2 === 0 ? 'token=acorn' : 'x=1',
      method: index % 3 === 0 ? 'OPTIONS' : 'GET',
      ip: index % 5 === 0 ? '10.1.2.3' : '198.51.100.7',
    },
  ]);
const PEOPLE: readonly (Person | null)[] = [null, { username: 'john', groups: ['dev'] }, { username: 'mary', groups: ['admins'] }];

describe('a configuration in which something slipped', () => {
  const dir = tempDir('slips');
  const read = (text: string) => {
    const file = join(dir, 'configuration.yml');
    writeFileSync(file, text);
    const loaded = loadConfiguration({ files: [file], environment: {}, tables: contract.configurationTables });
    const parsed = contract.parseConfiguration(loaded.tree, sections, { directory: loaded.directory, makeSecret: () => 'made' });
    const problems = reportProblems([...loaded.problems, ...parsed.problems], loaded.sources);
    return { value: parsed.ok && !hasErrors(problems) ? parsed.value : null, problems };
  };

  it('as it was is taken', () => {
    const { value } = read(CONFIGURATION_TEXT);
    expect(value).not.toBeNull();
    expectSame(value!.accessControl, readPolicy(CONFIGURATION_TEXT_TREE.access_control, CONFIGURATION_TEXT_TREE.definitions.network));
  });

  it('is refused with what is wrong, or decides as its rules read', { timeout: 600_000 }, () => {
    let taken = 0;
    fc.assert(
      fc.property(slipped(CONFIGURATION_TEXT), (text) => {
        const { value, problems } = read(text);
        if (value === null) {
          expect(problems.some(({ severity, message }) => severity === 'error' && message !== '')).toBe(true);
          return;
        }
        taken += 1;
        const tree = parse(text) as { access_control?: unknown; definitions?: { network?: unknown } | null } | null;
        expectSame(value.accessControl, readPolicy(tree?.access_control ?? {}, tree?.definitions?.network));
      }),
      options,
    );
    expect(taken).toBeGreaterThan(options.numRuns / 50);
  });

  it('whose key is mistyped is refused, whichever key it is', () => {
    const keys = [...CONFIGURATION_TEXT.matchAll(/^( *(?:- )?)([a-z_0-9]+):/gm)];
    expect(keys.length).toBeGreaterThan(50);
    const silent = keys.filter(({ index, 1: indent = '', 2: key = '' }) => {
      // The name of a network is the operator's own.
      if (key === 'inside') return false;
      const text = `${CONFIGURATION_TEXT.slice(0, index)}${indent}${key}x:${CONFIGURATION_TEXT.slice(index + indent.length + key.length + 1)}`;
      return read(text).value !== null;
    });
    expect(silent.map(([line]) => line)).toEqual([]);
  });
});

const CONFIGURATION_TEXT_TREE = parse(CONFIGURATION_TEXT) as { access_control: unknown; definitions: { network: unknown } };

/** Every sample is decided as the second opinion decides it. */
function expectSame(source: PolicySource, right: OraclePolicy): void {
  const compiled = compilePolicy(source);
  for (const site of SITES)
    for (const who of PEOPLE) {
      const expected = rightOf(right, site, who);
      if (expected === undefined) continue;
      const { policy, ruleIndex } = decide(compiled, site, who);
      expect({ site, who, policy, ruleIndex }).toEqual({ site, who, policy: expected.policy, ruleIndex: expected.rule ?? -1 });
    }
}

/** undefined: a pattern that JavaScript reads in another way. */
function rightOf(right: OraclePolicy, site: Site, who: Person | null) {
  try {
    return decision(right, site, who);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

describe('a users file in which something slipped', () => {
  const dir = tempDir('slips');
  const text = usersFile({
    ...persons('john', 'mary', 'mallory'),
    ...person('dora', { disabled: true, groups: ['dev', 'ops'], displayname: 'Dora \u00c4' }),
  });
  const digestProblem = (digest: string) => (parseDigest(digest) === null ? describeDigestProblem(digest) : null);

  it('is refused with what is wrong, or says of everybody what is written', { timeout: 600_000 }, async () => {
    let taken = 0;
    fc.assert(
      fc.property(slipped(await text), (slip) => {
        const file = join(dir, 'users.yml');
        writeFileSync(file, slip);
        const { tree, problems: inFile } = readYaml(file);
        const parsed = contract.parseUsersDatabase(tree, { search: { email: true, caseInsensitive: true }, digestProblem });
        const problems = [...inFile, ...parsed.problems];
        // Whom nothing is written of is not there, and it is said so.
        if (problems.some(({ severity, message }) => severity === 'error' || message.includes('has nothing behind it'))) return;
        taken += 1;
        // Everything as it is written: `1e9` is a name like another.
        const { users } = parse(slip, { schema: 'failsafe' }) as { users: Record<string, Record<string, unknown>> };
        expect([...parsed.users.keys()].sort()).toEqual(Object.keys(users).sort());
        for (const [name, user] of parsed.users) {
          expect(user.digest).toBe(users[name]!['password']);
          expect(user.groups).toEqual(users[name]!['groups'] ?? []);
          expect(String(user.disabled)).toBe(users[name]!['disabled'] ?? 'false');
        }
      }),
      options,
    );
    expect(taken).toBeGreaterThan(options.numRuns / 50);
  });
});
