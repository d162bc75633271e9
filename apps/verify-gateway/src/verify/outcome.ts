import type { Decision } from '@portcullis/domain-policy';

/** Who asks, as far as is known: the level, and what the header strategies made of it (reference 1.4). */
export interface Standing {
  readonly level: 0 | 1 | 2;
  /** `failed`: a credential was there and is bad. `last`: the last strategy that ran reads a header. */
  readonly header: 'none' | 'last' | 'failed';
}

export type Outcome = 'allow' | 'forbidden' | 'sign_in' | 'challenge';

/** The decision table of reference 1.7. Anything that is not plainly allowed is refused. */
export function outcomeOf(decision: Decision, standing: Standing): Outcome {
  if (decision.policy === 'bypass') return 'allow';
  if (standing.header === 'failed') return 'challenge';
  if (decision.policy === 'deny' && !(standing.level === 0 && decision.hasSubjects)) return 'forbidden';
  if (decision.policy === 'one_factor' && standing.level >= 1) return 'allow';
  if (decision.policy === 'two_factor' && standing.level >= 2) return 'allow';
  return standing.header === 'last' ? 'challenge' : 'sign_in';
}
