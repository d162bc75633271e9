import type { Logger } from '@portcullis/platform-telemetry';
import { logBan, logRefusedTry, logSuccessfulTry } from './attempt-log.js';
import type { Metrics, SignInFactor, SignInOutcome } from './metrics.js';
import type { Earned, Refusal, Try } from './regulation.js';

/** How a second factor ended, in the words of every one of them. */
interface Verdict {
  readonly outcome: 'verified' | 'refused' | 'banned';
  readonly reason?: string;
}

/** What a transaction made of a try. */
export interface Judged<Kind extends Verdict> {
  readonly verdict: Kind;
  readonly refusal: Refusal | null;
  readonly bans: readonly Earned[];
}

/** The lines and the counts of a try, once its transaction is kept. */
export function tellOf(
  { log, metrics }: { readonly log: Logger; readonly metrics: Metrics },
  factor: SignInFactor,
  tried: Try,
  { verdict, refusal, bans }: Judged<Verdict>,
): void {
  if (verdict.outcome === 'verified') logSuccessfulTry(log, tried);
  else logRefusedTry(log, tried, refusal);
  for (const ban of bans) {
    logBan(log, ban, tried);
    metrics.countBan(ban.kind, factor);
  }
  metrics.countSignIn(factor, countedAs(verdict));
}

function countedAs({ outcome, reason }: Verdict): SignInOutcome {
  switch (outcome) {
    case 'verified':
      return 'success';
    case 'banned':
      return 'banned';
    case 'refused':
      return reason === 'used' ? 'used' : 'refused';
  }
}
