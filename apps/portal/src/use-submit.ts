import type { TextKey, TextValues } from '@portcullis/domain-portal-texts';
import { useEffect, useRef, useState } from 'react';
import type { Outcome } from './api.js';
import { usePortal } from './portal.js';
import { useTexts } from './texts.js';

/** What a page says went wrong: a text and its values. */
export interface Problem {
  readonly text: TextKey;
  readonly values?: TextValues;
}

/** What only the page itself can answer. */
export type Answered<Data> = Extract<Outcome<Data>, { kind: 'ok' | 'refused' }>;

export interface Submission<Data> {
  readonly busy: boolean;
  readonly problem: Problem | null;
  readonly fail: (problem: Problem | null) => void;
  /** Sends, and sends again by itself while the service is away; a second call while one is under way does nothing. */
  readonly submit: (send: () => Promise<Outcome<Data>>) => void;
}

const FIRST_WAIT_MS = 1000;
const LONGEST_WAIT_MS = 8000;

/** One form: what was typed stays in it until it is answered. @param answered what follows; the problem it returns is shown */
export function useSubmit<Data = never>(answered: (outcome: Answered<Data>) => Problem | null | Promise<Problem | null>): Submission<Data> {
  const { expire } = usePortal();
  const { language } = useTexts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<Problem | null>(null);
  const isUnderWay = useRef(false);
  const timer = useRef<number>(undefined);
  useEffect(
    () => () => {
      window.clearTimeout(timer.current);
    },
    [],
  );

  const finish = (shown: Problem | null): void => {
    isUnderWay.current = false;
    setBusy(false);
    setProblem(shown);
  };
  const attempt = async (send: () => Promise<Outcome<Data>>, waitMs: number): Promise<void> => {
    const outcome = await send();
    switch (outcome.kind) {
      case 'ok':
      case 'refused':
        finish(await answered(outcome));
        return;
      case 'signed_out':
        finish(null);
        expire();
        return;
      case 'limited':
        finish(outcome.until === null ? { text: 'problem.wait' } : { text: 'problem.limited', values: { time: timeOf(outcome.until, language) } });
        return;
      case 'unexpected':
        finish({ text: 'problem.unexpected' });
        return;
      case 'unavailable':
        setProblem({ text: 'problem.unavailable' });
        timer.current = window.setTimeout(() => void attempt(send, Math.min(2 * waitMs, LONGEST_WAIT_MS)), waitMs);
    }
  };
  const submit = (send: () => Promise<Outcome<Data>>): void => {
    if (isUnderWay.current) return;
    isUnderWay.current = true;
    setBusy(true);
    setProblem(null);
    void attempt(send, FIRST_WAIT_MS);
  };
  return { busy, problem, fail: setProblem, submit };
}

/** An hour of the day, with the day where it is not today. */
export function timeOf(when: Date, language: string): string {
  const isToday = when.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(language, { ...(isToday ? {} : { dateStyle: 'medium' }), timeStyle: 'medium' }).format(when);
}
