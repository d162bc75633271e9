import { accessControlSection } from '@portcullis/contracts-configuration';
import { compilePolicy, explain, type Explanation, lintPolicy, type RuleExplanation, type Subject } from '@portcullis/domain-policy';
import type { Command } from 'commander';
import { requireConfiguration } from './config.js';
import { addDiff } from './access-control-diff.js';
import { addLint } from './access-control-lint.js';
import { addMatrix } from './access-control-matrix.js';
import { addTest } from './access-control-test.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { targetOf } from './target-of.js';

interface Options {
  readonly url: string;
  readonly method: string;
  readonly username?: string;
  readonly groups?: string;
  readonly ip?: string;
  readonly verbose?: boolean;
}

/** `access-control`: what the rules say, what they were meant to say, and what new ones change. */
export function addAccessControl(program: Command): void {
  const accessControl = program.command('access-control').description('the access control rules');
  addCheckPolicy(accessControl);
  addLint(accessControl);
  addTest(accessControl);
  addDiff(accessControl);
  addMatrix(accessControl);
}

/** `access-control check-policy` (reference 2.9): which rule answers a request, and why each other does not. */
function addCheckPolicy(accessControl: Command): void {
  accessControl
    .command('check-policy')
    .description('tell which rule answers a request, and why')
    .requiredOption('--url <url>', 'the address somebody asks for')
    .option('--method <method>', 'the request method', 'GET')
    .option('--username <name>', 'who asks; absent: a stranger')
    .option('--groups <a,b>', 'the groups of who asks')
    .option('--ip <address>', 'where they ask from')
    .option('--verbose', 'show the rules behind the one that applies as well')
    .addHelpText(
      'after',
      examples(
        'access-control check-policy --url https://admin.example.com/',
        'access-control check-policy --url https://admin.example.com/ --username john --groups admins,dev --ip 192.0.2.10 --verbose',
      ),
    )
    .action((options: Options, command: Command) => {
      check(options, globalsOf(command));
    });
}

function check(options: Options, { files, output }: Globals): void {
  const { accessControl } = requireConfiguration(files, { accessControl: accessControlSection({ compilePolicy, lintPolicy }) }).value;
  const target = targetOf(options.url);
  const method = options.method.toUpperCase();
  const request = { host: target.host, path: target.path, query: target.query, method, ip: options.ip ?? null };
  const explanation = explain(compilePolicy(accessControl), request, subjectOf(options));
  const shown = options.verbose === true ? explanation.rules : explanation.rules.filter(({ outcome }) => outcome !== 'skipped');
  output.answer({ request, ...explanation }, () => {
    output.line(`Performing policy check for request to '${options.url}' method '${method}'${askedBy(options)}.\n`);
    if (shown.length > 0) output.table(['  #', 'Domain', 'Resource', 'Query', 'Method', 'Network', 'Subject'], shown.map(row));
    output.line(`\n${conclusion(explanation)}`);
  });
}

function subjectOf({ username, groups }: Options): Subject | null {
  if (username === undefined && groups === undefined) return null;
  return { username: username ?? '', groups: groups?.split(',').map((group) => group.trim()) ?? [] };
}

function askedBy({ username, groups, ip }: Options): string {
  const parts = [
    username === undefined ? '' : ` username '${username}'`,
    groups === undefined ? '' : ` groups '${groups}'`,
    ip === undefined ? '' : ` from IP '${ip}'`,
  ];
  return parts.join('');
}

const MARKS = { applied: '*', potential: '~', unmatched: ' ', skipped: ' ' } as const;
const row = (rule: RuleExplanation): string[] => [
  `${MARKS[rule.outcome]} ${rule.ruleIndex + 1}`,
  rule.domain,
  rule.resource,
  rule.query,
  rule.method,
  rule.network,
  rule.subject,
];

/** The closing sentence; what is open until somebody signs in comes first. */
export function conclusion({ rules, appliedIndex, potentialIndex, defaultPolicy }: Explanation): string {
  if (rules.length === 0) return `The default policy '${defaultPolicy}' will be applied to all requests as no rules are configured.`;
  const named = (index: number): string => `the policy '${rules[index]?.policy ?? defaultPolicy}' from rule #${index + 1}`;
  const isOpen = potentialIndex >= 0 && (appliedIndex < 0 || potentialIndex < appliedIndex);
  const otherwise = appliedIndex < 0 ? `the default policy '${defaultPolicy}'` : named(appliedIndex);
  if (isOpen) return capital(`${named(potentialIndex)} will potentially be applied to this request, if not ${otherwise} will be.`);
  if (appliedIndex >= 0) return capital(`${named(appliedIndex)} will be applied to this request.`);
  return `The default policy '${defaultPolicy}' will be applied to this request as no rules matched it.`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
