import { findMisleadingEntries } from './lint-entries.js';
import { findShadowedRules } from './lint-shadowing.js';
import type { PolicyWarning } from './policy-warning.js';
import type { PolicySource } from './types.js';

/**
 * What is valid and yet most likely not meant, dangers first, then by rule. For a policy that `compilePolicy` accepts;
 * nothing it finds changes a decision.
 */
export function lintPolicy(source: PolicySource): readonly PolicyWarning[] {
  const rank = ({ severity }: PolicyWarning) => (severity === 'danger' ? 0 : 1);
  return [...findShadowedRules(source), ...findMisleadingEntries(source)].sort((a, b) => rank(a) - rank(b) || a.ruleIndex - b.ruleIndex);
}
