/** Access rules compiled once: who may open what, and why. */
import type { Decision, Policy, PolicyRequest, PolicySource, Subject } from './types.js';

export type { Decision, NetworkDefinitions, Policy, PolicyRequest, PolicySource, QueryCondition, QueryOperator, Rule, Subject } from './types.js';

export interface CompiledPolicy {
  readonly defaultPolicy: Policy;
  readonly ruleCount: number;
}
export interface PolicyProblem {
  readonly ruleIndex: number;
  readonly field: string;
  readonly reason: string;
}
export declare class PolicyError extends Error {
  readonly code: 'policy_invalid';
  readonly problems: readonly PolicyProblem[];
}
/** `path` is the reading of the reference; `otherPaths` is not empty where the address can be read in more than one way. */
export interface PathReading {
  readonly path: string;
  readonly otherPaths: readonly string[];
}
export type Finding = 'hit' | 'miss' | 'may';
export interface RuleExplanation {
  readonly ruleIndex: number;
  readonly policy: Policy;
  readonly outcome: 'applied' | 'potential' | 'unmatched' | 'skipped';
  readonly domain: Finding;
  readonly resource: Finding;
  readonly query: Finding;
  readonly method: Finding;
  readonly network: Finding;
  readonly subject: Finding;
}
export interface Explanation {
  readonly rules: readonly RuleExplanation[];
  /** First rule that matches for certain, and first that might once the person is known; -1 for none. */
  readonly appliedIndex: number;
  readonly potentialIndex: number;
  readonly defaultPolicy: Policy;
}
export interface PolicyWarning {
  readonly kind: string;
  readonly severity: 'danger' | 'notice';
  readonly ruleIndex: number;
  readonly text: string;
}
export declare function compilePolicy(source: PolicySource): CompiledPolicy;
export declare function decide(policy: CompiledPolicy, request: PolicyRequest, subject: Subject | null): Decision;
export declare function decideStrictest(policy: CompiledPolicy, request: PolicyRequest, otherPaths: readonly string[], subject: Subject | null): Decision;
export declare function stricter(a: Decision, b: Decision): Decision;
export declare function readPath(rawPath: string): PathReading | null;
export declare function cleanPath(rawPath: string): string | null;
export declare function explain(policy: CompiledPolicy, request: PolicyRequest, subject: Subject | null): Explanation;
export declare function lintPolicy(source: PolicySource): readonly PolicyWarning[];
export declare function policyNeedsSecondFactor(policy: CompiledPolicy): boolean;
