import type { RuleSet, Subject } from '@portcullis/domain-policy';
import type { Command } from 'commander';
import { ANONYMOUS, answer, asTrouble, readRules } from './access-control-diff.js';
import { EXIT, Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { type People, requirePeople } from './people.js';
import { type Expectation, readPolicyTests } from './policy-tests.js';
import { judge, type Judgement, targetOf } from './target-of.js';
import { nameRule, nearMisses } from './tell-rule.js';
import { counted } from './words.js';

interface Result {
  readonly expectation: Expectation;
  readonly ok: boolean;
  readonly judgement: Judgement | null;
  /** What is told of one that does not hold. */
  readonly why: readonly string[];
}

/** `access-control test FILE`: expectations about the rules, for a pipeline. */
export function addTest(accessControl: Command): void {
  accessControl
    .command('test')
    .description('check what the rules answer against a file of expectations; exit 0 where all hold, 1 where one fails, 2 for trouble')
    .argument('<file>', 'YAML with a list under tests, a line each: alice GET https://app.example.com/ -> one_factor')
    .option('--users <file>', 'the users file, where it is not the one that the configuration names')
    .addHelpText('after', examples('access-control test policy-tests.yml', 'access-control test policy-tests.yml --config new.yml --json'))
    .action((file: string, { users }: { users?: string }, command: Command) => {
      run(file, users, globalsOf(command));
    });
}

function run(file: string, users: string | undefined, { files, output }: Globals): void {
  const results = asTrouble(() => {
    const { expectations, problems } = readPolicyTests(file);
    if (problems.length > 0) throw new Failure(problems.join('\n'), EXIT.usage);
    const rules = readRules(files);
    const people = expectations.some(({ user, groups }) => user !== null && groups === null) ? requirePeople(files, users) : null;
    return expectations.map((expectation) => check(expectation, rules, people));
  });
  const failed = results.filter(({ ok }) => !ok);
  output.answer({ passed: results.length - failed.length, failed: failed.length, tests: results.map(asJson) }, () => {
    for (const { expectation, why } of failed)
      output.line(`${file}:${expectation.line}  ${expectation.text}\n${why.map((line) => `    ${line}`).join('\n')}\n`);
    output.line(
      `${counted(results.length, 'expectation')}: ${results.length - failed.length} hold, ${failed.length} ${failed.length === 1 ? 'does' : 'do'} not.`,
    );
  });
  if (failed.length > 0) throw new Failure('');
}

const asJson = ({ expectation: { line, text, expect }, ok, judgement, why }: Result) => ({
  line,
  text,
  ok,
  expected: expect,
  policy: judgement?.decision.policy ?? null,
  rule: judgement === null || judgement.decision.ruleIndex < 0 ? null : judgement.decision.ruleIndex + 1,
  why,
});

function check(expectation: Expectation, rules: RuleSet, people: People | null): Result {
  const subject = subjectOf(expectation, people);
  if (typeof subject === 'string') return { expectation, ok: false, judgement: null, why: [subject] };
  const judgement = judge(rules, targetOf(expectation.url), expectation.method, expectation.ip, subject);
  const { decision } = judgement;
  const isAsked = decision.policy !== 'bypass' && (decision.policy !== 'deny' || decision.hasSubjects);
  const isPolicy = expectation.expect === 'sign_in' ? isAsked : decision.policy === expectation.expect;
  const isRule = expectation.rule === null || decision.ruleIndex + 1 === expectation.rule;
  return { expectation, ok: isPolicy && isRule, judgement, why: isPolicy && isRule ? [] : explainFailure(expectation, rules, judgement) };
}

function subjectOf({ user, groups }: Expectation, people: People | null): Subject | null | string {
  if (user === null) return null;
  if (groups !== null) return { username: user, groups };
  const person = people?.people.find(({ username }) => username === user);
  if (person === undefined) return `there is no user ${user} in ${people?.file ?? ''}: for somebody who is not there write '${user} with GROUP'`;
  return person.disabled ? `${user} is disabled in ${people?.file ?? ''}, and cannot sign in` : person;
}

const MOST_MISSES = 3;

function explainFailure({ user, expect, rule }: Expectation, { source }: RuleSet, { decision, explanation }: Judgement): readonly string[] {
  const asked = user === null && decision.policy === 'deny' && decision.hasSubjects ? ', for some people: a stranger is asked to sign in' : '';
  const wanted = nearMisses(source.rules, explanation, (policy) => (expect === 'sign_in' ? policy !== 'bypass' : policy === expect));
  return [
    `is ${answer(decision)}: ${nameRule(source.rules, decision.ruleIndex)} answers ${user ?? ANONYMOUS}${asked}`,
    ...(rule === null || rule === decision.ruleIndex + 1 ? [] : [`should be answered by ${nameRule(source.rules, rule - 1)}`]),
    ...wanted.slice(0, MOST_MISSES).map(({ ruleIndex, policy, why }) => `${nameRule(source.rules, ruleIndex)} would be ${policy}, but ${why}`),
  ];
}
