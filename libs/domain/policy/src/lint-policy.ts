import { findMisleadingEntries } from './lint-entries.js';
import { readDomains } from './lint-domains.js';
import { findShadowedRules } from './lint-shadowing.js';
import { findContradictions } from './lint-subjects.js';
import type { PolicyWarning } from './policy-warning.js';
import type { PolicySource } from './types.js';

/**
 * What is valid and yet most likely not meant, dangers first, then by rule. For a policy that `compilePolicy` accepts;
 * nothing it finds changes a decision.
 */
export function lintPolicy(source: PolicySource): readonly PolicyWarning[] {
  const domains = readDomains(source.rules);
  const rank = ({ severity }: PolicyWarning) => (severity === 'danger' ? 0 : 1);
  return [...findShadowedRules(source, domains), ...findMisleadingEntries(source, domains), ...findContradictions(source.rules)].sort(
    (a, b) => rank(a) - rank(b) || a.ruleIndex - b.ruleIndex,
  );
}
