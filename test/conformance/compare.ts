import { type Reason, REASONS } from './reasons.js';

/** What became of one recorded answer. */
export interface Outcome {
  readonly title: string;
  readonly kind: 'same' | 'stricter' | 'other' | 'looser' | 'unexplained';
  readonly reason: Reason | undefined;
  readonly recorded: string;
  readonly ours: string;
}

/** An answer as it is written in a report, and whether it lets somebody in or does what was asked. */
export interface Answered {
  readonly text: string;
  readonly grants: boolean;
}

function kindOf(recorded: Answered, ours: Answered, reason: Reason | undefined): Outcome['kind'] {
  if (recorded.text === ours.text) return 'same';
  if (ours.grants && !recorded.grants) return 'looser';
  return reason === undefined ? 'unexplained' : REASONS[reason].kind;
}

/** Ours is the same, or another for a reason that the page explains. To grant what the recorded answer refuses has no reason. */
export const compare = (title: string, recorded: Answered, ours: Answered, reason?: Reason): Outcome => ({
  title,
  kind: kindOf(recorded, ours, reason),
  reason,
  recorded: recorded.text,
  ours: ours.text,
});
