import { accessControlSection } from '@portcullis/contracts-configuration';
import { compilePolicy, type LonelyPerson, lintPeople, lintPolicy, type PolicyWarning } from '@portcullis/domain-policy';
import { formatProblems, hasErrors, locateProblems, type Sources } from '@portcullis/platform-config';
import type { Command } from 'commander';
import { readConfiguration } from './config.js';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { type People, readPeople } from './people.js';
import { counted } from './words.js';

/** Something that is valid and most likely not meant. */
interface Finding {
  readonly severity: 'danger' | 'notice';
  readonly kind: string;
  /** Counted from 1; null where it is not about one rule. */
  readonly rule: number | null;
  readonly path: string;
  readonly file?: string;
  readonly line?: number;
  readonly message: string;
  readonly fix: string;
}

/** `access-control lint`: rules that do not say what they seem to say, each with what to write instead. */
export function addLint(accessControl: Command): void {
  accessControl
    .command('lint')
    .description('name rules that are valid and most likely not meant, each with what to write instead')
    .option('--strict', 'exit 1 where there is anything to name')
    .option('--users <file>', 'the users file, where it is not the one that the configuration names')
    .addHelpText('after', examples('access-control lint', 'access-control lint --strict --json'))
    .action(({ strict, users }: { strict?: boolean; users?: string }, command: Command) => {
      lint(globalsOf(command), strict ?? false, users);
    });
}

function lint({ files, output }: Globals, strict: boolean, users: string | undefined): void {
  const { value, problems, sources } = readConfiguration(files, { accessControl: accessControlSection({ compilePolicy }) });
  if (value === null || hasErrors(problems)) throw new Failure(formatProblems(problems.filter(({ severity }) => severity === 'error')));
  const people = readPeople(files, users);
  const findings = [
    ...problems
      .filter(({ path }) => path.startsWith('access_control') || path.startsWith('definitions'))
      .map(({ path, file, line, message, fix = '' }): Finding => ({
        severity: 'notice',
        kind: 'configuration',
        rule: ruleIn(path),
        path,
        ...(file === undefined ? {} : { file }),
        ...(line === undefined ? {} : { line }),
        message,
        fix,
      })),
    ...lintPolicy(value.accessControl).map((warning) => findingOf(warning, sources)),
    ...(people === null
      ? []
      : lintPeople(value.accessControl, people.people).map((warning) => findingOf(warning, warning.kind === 'lonely' ? people.sources : sources))),
  ].sort((a, b) => Number(b.severity === 'danger') - Number(a.severity === 'danger'));
  output.answer({ findings, people: people?.people.length ?? null }, () => {
    for (const finding of findings) output.line(`${format(finding)}\n`);
    output.line(summary(findings, value.accessControl.rules.length, people));
  });
  if (strict && findings.length > 0) throw new Failure('');
}

const ruleIn = (path: string): number | null => {
  const index = /rules\[(\d+)\]/.exec(path)?.[1];
  return index === undefined ? null : Number(index) + 1;
};

function findingOf(warning: PolicyWarning | LonelyPerson, sources: Sources): Finding {
  const { severity, kind, ruleIndex, place, text, fix } = warning;
  const rule = `access_control.rules[${ruleIndex}]`;
  const path = warning.kind === 'lonely' ? `users.${warning.username}` : `${rule}${place === '' ? '' : `.${place}`}`;
  const [located] = locateProblems([{ severity: 'warning', path, message: text }], sources);
  const { file, line } = located ?? {};
  return {
    severity,
    kind,
    rule: ruleIndex < 0 ? null : ruleIndex + 1,
    path,
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line }),
    message: text,
    fix,
  };
}

function format({ severity, path, file, line, message, fix }: Finding): string {
  const place = [file, line].filter((part) => part !== undefined).join(':');
  const indent = (text: string, by: number): readonly string[] => (text === '' ? [] : text.split('\n').map((each) => ' '.repeat(by) + each));
  return [`${severity}: ${place}  ${path}`, ...indent(message, 4), ...indent(fix, 6)].join('\n');
}

function summary(findings: readonly Finding[], rules: number, people: People | null): string {
  const dangers = findings.filter(({ severity }) => severity === 'danger').length;
  const looked = `${counted(rules, 'rule')}, ${people === null ? 'no users file' : counted(people.people.length, 'person', 'people')}`;
  if (findings.length === 0) return `Nothing to name in ${looked}.`;
  return `${counted(findings.length, 'finding')} in ${looked}: ${counted(dangers, 'danger')}, ${counted(findings.length - dangers, 'notice')}.`;
}
