import { type ReactNode, useRef, useState } from 'react';
import type { Outcome } from './api.js';
import { Proof, type Missing, missingOf } from './proof.js';
import { type Answered, type Problem, type Submission, useSubmit } from './use-submit.js';

export interface Proven<Data> extends Submission<Data> {
  /** What is asked before the request is repeated; null: nothing is missing. */
  readonly proof: ReactNode;
  /** Leaves it at that: nothing was changed. */
  readonly giveUp: () => void;
}

/** As `useSubmit`, for a change that needs the mailed code or the second factor first: what is missing is asked for, and the request made again. */
export function useProven<Data = never>(answered: (outcome: Answered<Data>) => Problem | null | Promise<Problem | null>): Proven<Data> {
  const [missing, setMissing] = useState<Missing | null>(null);
  const last = useRef<(() => Promise<Outcome<Data>>) | null>(null);
  const submission = useSubmit<Data>((outcome) => {
    const lacking = missingOf(outcome);
    setMissing(lacking);
    return lacking === null ? answered(outcome) : null;
  });
  const submit = (send: () => Promise<Outcome<Data>>): void => {
    last.current = send;
    submission.submit(send);
  };
  const again = (): void => {
    if (last.current !== null) submission.submit(last.current);
  };
  const giveUp = (): void => {
    setMissing(null);
  };
  return { ...submission, submit, giveUp, proof: missing === null ? null : <Proof missing={missing} onProven={again} /> };
}
