import type { Decided } from './decision.js';

export type Level = 0 | 1 | 2;

/** What somebody is answered: let in, sent to sign in (or to give the second factor), or refused. Reference 1.7, row by row. */
export type Answer = 'in' | 'sign in' | 'no';

export function answerOf({ policy, subjects }: Decided, level: Level): Answer {
  if (policy === 'bypass') return 'in';
  if (policy === 'one_factor') return level >= 1 ? 'in' : 'sign in';
  if (policy === 'two_factor') return level === 2 ? 'in' : 'sign in';
  return subjects && level === 0 ? 'sign in' : 'no';
}
