/** Access rules compiled once: who may open what, and why. */
export { accessMatrix, type MatrixCell, type MatrixRow } from './access-matrix.js';
export { compareAccess, type AccessChange, type Answer, type ChangeKind, type RuleSet } from './compare-access.js';
export { compilePolicy, compilePolicyInSteps, policyNeedsSecondFactor, type CompiledPolicy } from './compile-policy.js';
export { decide, decideStrictest, stricter } from './decide.js';
export { explain, type Explanation, type Finding, type RuleExplanation } from './explain.js';
export { fingerprintOf } from './fingerprint.js';
export { lintPeople, type Person } from './lint-people.js';
export { lintPolicy } from './lint-policy.js';
export { namedHosts } from './named-hosts.js';
export { findOpeningsInSteps, type Opening } from './openings.js';
export { PolicyError, type PolicyProblem } from './policy-error.js';
export type { LonelyPerson, MisleadingEntry, PolicyWarning, Severity, ShadowedRule, SuggestedRule, UnmetRule } from './policy-warning.js';
export { cleanPath, readPath, type PathReading } from './read-path.js';
export { ruleToYaml } from './rule-text.js';
export type { Decision, NetworkDefinitions, Policy, PolicyRequest, PolicySource, QueryCondition, QueryOperator, Rule, Subject } from './types.js';
