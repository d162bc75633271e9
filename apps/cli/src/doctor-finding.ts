export type State = 'ok' | 'warning' | 'problem';

/** One line of `portcullis doctor`. */
export interface Finding {
  /** What was looked at: one or two words. */
  readonly check: string;
  readonly state: State;
  readonly message: string;
  /** What to do, where something is to be done. */
  readonly fix?: string;
}

/** Findings about one thing. */
export function about(check: string) {
  return {
    ok: (message: string): Finding => ({ check, state: 'ok', message }),
    warning: (message: string, fix: string): Finding => ({ check, state: 'warning', message, fix }),
    problem: (message: string, fix: string): Finding => ({ check, state: 'problem', message, fix }),
  };
}

export const messageOf = (error: unknown): string =>
  error instanceof AggregateError ? error.errors.map(messageOf).join('; ') : error instanceof Error ? error.message : String(error);
