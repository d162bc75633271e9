import { describe, it } from 'vitest';
import { findPart, needs, type Part, strict } from './config.js';

/**
 * A suite that needs real parts. One that is missing: the suite is named and skipped, or fails where CI is set.
 * E.g. `describeWith(['redis', 'nginx'], 'the guide behind nginx', () => { … })`.
 */
export function describeWith(parts: readonly Part[], title: string, suite: () => void): void {
  const missing = parts.filter((part) => findPart(part) === undefined);
  if (missing.length === 0) {
    describe(title, suite);
  } else if (strict) {
    describe(title, () => {
      it(`has ${missing.join(', ')}`, () => {
        missing.forEach(needs);
      });
    });
  } else {
    describe.skip(`${title} (${missing.join(', ')} not here)`, suite);
  }
}
