/** One thing wrong with a rule. */
export interface PolicyProblem {
  /** Position from 0; -1 where the problem is outside the rules. */
  readonly ruleIndex: number;
  /** Authelia's key, such as `resources` or `networks`. */
  readonly field: string;
  readonly reason: string;
}

/** Rules that cannot be compiled, with every problem found in them. */
export class PolicyError extends Error {
  readonly code = 'policy_invalid';
  readonly problems: readonly PolicyProblem[];

  constructor(problems: readonly PolicyProblem[]) {
    super(problems.map(describeProblem).join('\n'));
    this.name = 'PolicyError';
    this.problems = problems;
  }
}

function describeProblem({ ruleIndex, field, reason }: PolicyProblem): string {
  return ruleIndex < 0 ? `${field}: ${reason}` : `rule #${ruleIndex + 1}: ${field}: ${reason}`;
}
