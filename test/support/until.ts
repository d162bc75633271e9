import { setTimeout as sleep } from 'node:timers/promises';
import { inspect } from 'node:util';

export interface UntilOptions {
  /** Default 5000. */
  readonly timeoutMs?: number;
  /** Default 20. */
  readonly everyMs?: number;
  /** For the error: "waited 5000 ms for …". */
  readonly what?: string;
}

type Found<T> = Exclude<T, false | null | undefined | 0 | ''>;

const late = Symbol('late');

/** Asks again until the answer is truthy, and returns it. What throws counts as "not yet"; the last reason is in the error. */
export async function until<T>(ask: () => T | Promise<T>, options: UntilOptions = {}): Promise<Found<T>> {
  const { timeoutMs = 5000, everyMs = 20, what = ask.toString() } = options;
  const deadline = performance.now() + timeoutMs;
  let last: { readonly value?: T; readonly cause?: unknown } = {};
  for (;;) {
    try {
      // An ask that hangs must not outlive the deadline.
      const value = await Promise.race([ask(), sleep(deadline - performance.now() + everyMs, late, { ref: false })]);
      if (value === late) break;
      if (value) return value as Found<T>;
      last = { value };
    } catch (cause) {
      last = { cause };
    }
    if (performance.now() > deadline) break;
    await sleep(everyMs);
  }
  const reason = !('cause' in last || 'value' in last)
    ? 'the first try never answered'
    : 'cause' in last
      ? `the last try failed: ${String(last.cause)}`
      : `the last answer was ${inspect(last.value)}`;
  throw new Error(`waited ${timeoutMs} ms for ${what}; ${reason}`, { cause: last.cause });
}
