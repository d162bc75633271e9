import { describe, it } from 'vitest';
import { findPart, findTool, needs, type Part, strict, type Tool } from './config.js';

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

/** The same for a suite that needs a tool besides; `tool` is where it is. */
export function describeWithTool(tool: Tool, parts: readonly Part[], title: string, suite: (tool: string) => void): void {
  const path = findTool(tool);
  if (path === undefined)
    describe.skip(`${title} (${tool} not here)`, () => {
      suite(tool);
    });
  else
    describeWith(parts, title, () => {
      suite(path);
    });
}
