import { totp, until } from '../support/index.js';

const PERIOD_MS = 30_000;
/** Nearer to the end of its half minute a code might be checked in the next one. */
const MARGIN_MS = 3000;

export interface Authenticator {
  /** A code that was not handed out before and is taken now: of the last half minute, this one or the next. Waits where all three are used. */
  code(): Promise<string>;
}

/** Somebody's authenticator app. @param secret base32 */
export function authenticator(secret: string): Authenticator {
  let last = -Infinity;
  const free = (): { readonly offset: number } | null => {
    const now = Date.now();
    const present = Math.floor(now / PERIOD_MS);
    const oldest = PERIOD_MS - (now % PERIOD_MS) < MARGIN_MS ? present : present - 1;
    const step = Math.max(last + 1, oldest);
    if (step > present + 1) return null;
    last = step;
    return { offset: step - present };
  };
  return {
    code: async () => {
      const { offset } = await until(free, { timeoutMs: 2 * PERIOD_MS, everyMs: 100, what: 'a code that was not used' });
      return totp(secret, offset);
    },
  };
}
