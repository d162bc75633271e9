import { accessControlSection } from '@portcullis/contracts-configuration';
import { type AccessChange, type Answer, compareAccess, compilePolicy, type RuleSet } from '@portcullis/domain-policy';
import type { Command } from 'commander';
import { requireConfiguration } from './config.js';
import { EXIT, Failure } from './failure.js';
import { examples, globalsOf } from './globals.js';
import type { Output } from './output.js';
import { enabled, requirePeople } from './people.js';
import { counted } from './words.js';

/** `access-control diff OLD NEW`: who gains or loses access to what. */
export function addDiff(accessControl: Command): void {
  accessControl
    .command('diff')
    .description('tell who gains or loses access to what between two configurations; exit 0 for nothing, 1 for something, 2 for trouble')
    .argument('<old>', 'configuration file or directory, several with commas')
    .argument('<new>', 'the same, afterwards')
    .option('--users <file>', 'the users file, where it is not the one that the new configuration names')
    .addHelpText(
      'after',
      examples(
        'access-control diff configuration.yml configuration.new.yml',
        'access-control diff old.yml new.yml --users users_database.yml --json',
      ),
    )
    .action((before: string, after: string, { users }: { users?: string }, command: Command) => {
      const { output } = globalsOf(command);
      const changes = asTrouble(() => compare(before.split(','), after.split(','), users));
      tell(changes, output);
      if (changes.changes.length > 0) throw new Failure('');
    });
}

interface Comparison {
  readonly changes: readonly AccessChange[];
  readonly usersFile: string;
  readonly people: number;
}

function compare(before: readonly string[], after: readonly string[], users: string | undefined): Comparison {
  const [old, fresh] = [readRules(before), readRules(after)];
  const people = requirePeople(after, users);
  return { changes: compareAccess(old, fresh, enabled(people)), usersFile: people.file, people: enabled(people).length };
}

/** The rules of a configuration as they were written, and compiled. */
export function readRules(files: readonly string[]): RuleSet {
  const { accessControl } = requireConfiguration(files, { accessControl: accessControlSection({ compilePolicy }) }).value;
  return { source: accessControl, policy: compilePolicy(accessControl) };
}

/** As diff and grep do: 1 is an answer, so trouble is 2. */
export function asTrouble<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof Failure ? new Failure(error.message, EXIT.usage) : error;
  }
}

function tell({ changes, usersFile, people }: Comparison, output: Output): void {
  output.answer({ changed: changes.length > 0, usersFile, people, changes: changes.map(asJson) }, () => {
    if (changes.length === 0)
      output.line(`Nobody gains or loses access: a stranger and ${counted(people, 'person', 'people')} of ${usersFile} were asked for.`);
    else
      output.table(
        ['Change', 'Who', 'Host', 'What', 'Before', 'After'],
        changes.map((change) => row(change, people)),
      );
  });
}

const asJson = ({ who, before, after, ...change }: AccessChange) => ({
  ...change,
  who: who.map((name) => name ?? ANONYMOUS),
  before: { policy: before.policy, rule: ruleOf(before) },
  after: { policy: after.policy, rule: ruleOf(after) },
});

const ruleOf = ({ ruleIndex }: Answer): number | null => (ruleIndex < 0 ? null : ruleIndex + 1);

export const ANONYMOUS = 'anonymous';
const MOST_NAMES = 6;

const row = ({ change, who, host, before, after, ...what }: AccessChange, people: number): string[] => [
  change,
  who.length === people && people > 1 && !who.includes(null) ? `everybody (${people})` : nameAll(who.map((name) => name ?? ANONYMOUS)),
  host,
  describeWhat(what),
  answer(before),
  answer(after),
];

const nameAll = (names: readonly string[]): string =>
  names.length <= MOST_NAMES ? names.join(', ') : `${names.slice(0, MOST_NAMES - 1).join(', ')} and ${names.length - MOST_NAMES + 1} more`;

/** `GET, POST of ^/admin([/?].*)?$ from lan`; `/<any>` is what no pattern names. */
function describeWhat({ resources, paths, methods, from }: Pick<AccessChange, 'resources' | 'paths' | 'methods' | 'from'>): string {
  const places = [...resources, ...paths.map((path) => (path === '/<any>' ? 'other paths' : path))];
  const parts = [
    methods.map((method) => (method === '' ? 'other methods' : method)).join(', '),
    places.join(', '),
    from.length === 0 ? '' : `from ${from.map((name) => (name === '' ? 'elsewhere' : name)).join(', ')}`,
  ];
  return parts.filter((part) => part !== '').join(' ') || 'everything';
}

/** `deny (default)`, `one_factor (#2)`. */
export const answer = ({ policy, ruleIndex }: Answer): string => `${policy} (${ruleIndex < 0 ? 'default' : `#${ruleIndex + 1}`})`;
