import type { Reason } from './reasons.js';

/** What became of one recorded answer. */
export interface Outcome {
  readonly title: string;
  readonly kind: 'same' | 'stricter' | 'looser' | 'unexplained';
  readonly reason?: Reason;
  readonly recorded: string;
  readonly ours: string;
}

export interface Pair {
  readonly title: string;
  readonly recorded: object;
  readonly ours: object;
  /** Whether the answer lets somebody in, or does what was asked. */
  readonly grants: (answer: object) => boolean;
  /** What may make ours the stricter one; none: it must be the same. */
  readonly reason: Reason | undefined;
}

/** Fields in any order; what is undefined is not there. */
const textOf = (answer: object): string =>
  JSON.stringify(Object.fromEntries(Object.entries(answer).sort(([one], [other]) => (one < other ? -1 : 1)))).replaceAll('"', '');

/** Ours may be the same, or refuse for a reason that the page explains. To grant what the recorded answer refuses has no reason. */
export function compare({ title, recorded, ours, grants, reason }: Pair): Outcome {
  const texts = { title, recorded: textOf(recorded), ours: textOf(ours) };
  if (texts.recorded === texts.ours) return { ...texts, kind: 'same' };
  if (grants(ours)) return { ...texts, kind: grants(recorded) ? 'unexplained' : 'looser' };
  return reason === undefined ? { ...texts, kind: 'unexplained' } : { ...texts, kind: 'stricter', reason };
}
