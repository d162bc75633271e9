import { type bannedData, MESSAGES } from '@portcullis/contracts-portal-api';
import type { z } from 'zod';
import type { Answered, Problem } from './use-submit.js';
import { timeOf } from './use-submit.js';

type Refused = Extract<Answered<never>, { kind: 'refused' }>;

const SENTENCES: Readonly<Record<string, Problem>> = {
  [MESSAGES.codeUsed]: { text: 'second_factor.used' },
  [MESSAGES.noDevice]: { text: 'second_factor.no_device' },
  [MESSAGES.recoveryCodeUsed]: { text: 'recovery.used' },
};

/** Why a second factor was refused. @param wrong what is said where it simply was wrong */
export function factorProblem({ message, data }: Refused, wrong: Problem, language: string): Problem {
  if (message !== MESSAGES.codesBanned) return SENTENCES[message] ?? wrong;
  const until = (data as z.output<typeof bannedData> | undefined)?.banned_until ?? null;
  return until === null
    ? { text: 'second_factor.banned' }
    : { text: 'second_factor.banned_until', values: { time: timeOf(new Date(until), language) } };
}
