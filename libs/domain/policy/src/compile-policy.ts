import { compileRule, type CompiledRule } from './compile-rule.js';
import { HostIndex } from './host-index.js';
import { PolicyError, type PolicyProblem } from './policy-error.js';
import type { Decision, Policy, PolicySource } from './types.js';

/** Rules ready for `decide` and `explain`; opaque to everybody else. */
export interface CompiledPolicy {
  readonly defaultDecision: Decision;
  readonly rules: readonly CompiledRule[];
  readonly hosts: HostIndex;
}

/**
 * Compiles `access_control`.
 * @throws PolicyError naming every problem of every rule
 */
export function compilePolicy({ defaultPolicy, rules, networks }: PolicySource): CompiledPolicy {
  const problems: PolicyProblem[] = [];
  const compiled = rules.map((rule, ruleIndex) => compileRule(rule, ruleIndex, networks, (problem) => problems.push(problem)));
  if (problems.length > 0) throw new PolicyError(problems);
  return { rules: compiled, hosts: new HostIndex(compiled), defaultDecision: { policy: defaultPolicy, ruleIndex: -1, hasSubjects: false } };
}

/** Whether anything anywhere asks for two factors, so that the portal offers to enrol one. */
export function policyNeedsSecondFactor({ defaultDecision, rules }: CompiledPolicy): boolean {
  const needs = (policy: Policy) => policy === 'two_factor';
  return needs(defaultDecision.policy) || rules.some(({ decision }) => needs(decision.policy));
}
