import type { CompiledPolicy } from './compile-policy.js';
import type { CompiledRule } from './compile-rule.js';
import { matchesMethods, matchesNetworks, matchesQuery, matchesResources, matchSubjects, Question } from './criteria.js';
import { stricter } from './decide.js';
import { matchHost } from './domain-matcher.js';
import type { Decision, Policy, PolicyRequest, Subject } from './types.js';

/** `may`: the person is not known yet. */
export type Finding = 'hit' | 'miss' | 'may';

/** One row of Authelia's `access-control check-policy` table. */
export interface RuleExplanation {
  readonly ruleIndex: number;
  readonly policy: Policy;
  /** `applied` once at most; `potential` where only the person is open; `skipped` after the applied one, whatever it says. */
  readonly outcome: 'applied' | 'potential' | 'unmatched' | 'skipped';
  readonly domain: Finding;
  readonly resource: Finding;
  readonly query: Finding;
  readonly method: Finding;
  readonly network: Finding;
  readonly subject: Finding;
}

/** Why each rule did or did not match, and which one counts; an index is -1 where there is none. */
export interface Explanation {
  readonly rules: readonly RuleExplanation[];
  readonly appliedIndex: number;
  /** The first rule that would match if the person is the right one. */
  readonly potentialIndex: number;
  readonly defaultPolicy: Policy;
}

/**
 * Answers as `decide` does, with the reasons: asks every rule in order, without the index. Of a query of several readings
 * the one that counts is explained, the strictest.
 */
export function explain(policy: CompiledPolicy, request: PolicyRequest, subject: Subject | null): Explanation {
  const question = new Question(request, subject);
  let explanation = explainReading(policy, question);
  for (const other of question.otherReadings.map((reading) => explainReading(policy, reading))) {
    const decision = decisionOf(policy, explanation);
    if (stricter(decision, decisionOf(policy, other)) !== decision) explanation = other;
  }
  return explanation;
}

function explainReading(policy: CompiledPolicy, question: Question): Explanation {
  const rows = policy.rules.map((rule) => explainRule(rule, question));
  const appliedIndex = rows.findIndex(({ outcome }) => outcome === 'applied');
  const rules = appliedIndex < 0 ? rows : rows.map((row) => (row.ruleIndex > appliedIndex ? { ...row, outcome: 'skipped' as const } : row));
  return {
    rules,
    appliedIndex,
    potentialIndex: rules.findIndex(({ outcome }) => outcome === 'potential'),
    defaultPolicy: policy.defaultDecision.policy,
  };
}

/** For a stranger the rule that might match, as `decide` has it. */
function decisionOf({ rules, defaultDecision }: CompiledPolicy, { appliedIndex, potentialIndex }: Explanation): Decision {
  return rules[potentialIndex < 0 ? appliedIndex : potentialIndex]?.decision ?? defaultDecision;
}

function explainRule(rule: CompiledRule, question: Question): RuleExplanation {
  const findings = {
    domain: finding(matchesDomains(rule, question)),
    resource: finding(matchesResources(rule, question)),
    query: finding(matchesQuery(rule, question)),
    method: finding(matchesMethods(rule, question)),
    network: finding(matchesNetworks(rule, question)),
    subject: matchSubjects(rule, question),
  };
  return { ruleIndex: rule.decision.ruleIndex, policy: rule.decision.policy, outcome: outcome(Object.values(findings)), ...findings };
}

function outcome(findings: readonly Finding[]): RuleExplanation['outcome'] {
  if (findings.includes('miss')) return 'unmatched';
  return findings.includes('may') ? 'potential' : 'applied';
}

function finding(isHit: boolean): Finding {
  return isHit ? 'hit' : 'miss';
}

function matchesDomains({ domains }: CompiledRule, { request, subject }: Question): boolean {
  if (domains === null) return true;
  return domains.some((domain) => {
    const answer = matchHost(domain, request.host);
    return typeof answer === 'boolean' ? answer : answer(subject);
  });
}
