import type { Explanation, Policy, Rule, RuleExplanation } from '@portcullis/domain-policy';

/** `rule #2 (admin.example.com)`, or the default policy. */
export function nameRule(rules: readonly Rule[], ruleIndex: number): string {
  const rule = rules[ruleIndex];
  if (rule === undefined) return 'the default policy';
  return `rule #${ruleIndex + 1} (${[...rule.domains, ...rule.domainRegex].join(', ') || 'every host'})`;
}

/** Why a rule on this host does not answer: what it asks for that is not met. */
function missesOf(rule: Rule, row: RuleExplanation): readonly string[] {
  const reasons: readonly (readonly [boolean, string])[] = [
    [row.subject === 'miss', `it asks for ${rule.subjects.map((all) => all.join(' with ')).join(' or ')}`],
    [row.resource === 'miss', `its paths are ${rule.resources.join(', ')}`],
    [row.method === 'miss', `its methods are ${rule.methods.join(', ')}`],
    [row.network === 'miss', `its networks are ${rule.networks.join(', ')}`],
    [row.query === 'miss', 'the query is not what it asks for'],
  ];
  return reasons.flatMap(([isMissed, reason]) => (isMissed ? [reason] : []));
}

/** A rule that would answer as is wanted, were it reached. */
export interface NearMiss {
  readonly ruleIndex: number;
  readonly policy: Policy;
  /** `, but it asks for group:admins`, `, but stands below it`. */
  readonly why: string;
  readonly row: RuleExplanation;
}

/** The rules on this host that would give a wanted policy, and what keeps them from it. */
export function nearMisses(
  rules: readonly Rule[],
  { rules: rows, appliedIndex }: Explanation,
  isWanted: (policy: Policy) => boolean,
): readonly NearMiss[] {
  return rows.flatMap((row): readonly NearMiss[] => {
    const rule = rules[row.ruleIndex];
    if (rule === undefined || row.domain === 'miss' || row.ruleIndex === appliedIndex || !isWanted(row.policy)) return [];
    const misses = missesOf(rule, row);
    const why =
      misses.length > 0
        ? misses.join(', and ')
        : row.ruleIndex > appliedIndex && appliedIndex >= 0
          ? 'it stands below, and the first match counts'
          : '';
    return why === '' ? [] : [{ ruleIndex: row.ruleIndex, policy: row.policy, why, row }];
  });
}
