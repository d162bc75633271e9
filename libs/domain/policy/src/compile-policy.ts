import { compileRule, type CompiledRule } from './compile-rule.js';
import { finish } from './finish.js';
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
export const compilePolicy = (source: PolicySource): CompiledPolicy => finish(compilePolicyInSteps(source));

/**
 * The same, stopping after every rule: for whoever has other things to do in between.
 * @throws PolicyError naming every problem of every rule
 */
export function* compilePolicyInSteps({ defaultPolicy, rules, networks }: PolicySource): Generator<undefined, CompiledPolicy> {
  const problems: PolicyProblem[] = [];
  const compiled: CompiledRule[] = [];
  for (const [ruleIndex, rule] of rules.entries()) {
    compiled.push(compileRule(rule, ruleIndex, networks, (problem) => problems.push(problem)));
    yield;
  }
  if (problems.length > 0) throw new PolicyError(problems);
  return { rules: compiled, hosts: new HostIndex(compiled), defaultDecision: { policy: defaultPolicy, ruleIndex: -1, hasSubjects: false } };
}

/** Whether anything anywhere asks for two factors, so that the portal offers to enrol one. */
export function policyNeedsSecondFactor({ defaultDecision, rules }: CompiledPolicy): boolean {
  const needs = (policy: Policy) => policy === 'two_factor';
  return needs(defaultDecision.policy) || rules.some(({ decision }) => needs(decision.policy));
}
