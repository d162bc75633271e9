import { z } from 'zod';
import { between, durationMs, MINUTE_MS, positive, word } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { RegulationConfiguration } from './values.js';

const schema = z.object({
  regulation: z
    .object({ modes: z.array(word('user', 'ip')).optional(), max_retries: between(0), find_time: durationMs, ban_time: durationMs })
    .optional(),
});

/** `regulation`: when wrong passwords lead to a ban. */
export const regulationSection: Section<RegulationConfiguration> = defineSection(schema, ({ regulation = {} }, report) => {
  const findTimeMs = positive(regulation.find_time, 2 * MINUTE_MS);
  const banTimeMs = positive(regulation.ban_time, 5 * MINUTE_MS);
  if (findTimeMs > banTimeMs) {
    const path = regulation.find_time === undefined ? 'regulation.ban_time' : 'regulation.find_time';
    report.error(
      path,
      `regulation.find_time (${findTimeMs / 1000} s) must not be longer than regulation.ban_time (${banTimeMs / 1000} s)`,
      'lengthen ban_time or shorten find_time',
    );
  }
  return { modes: regulation.modes ?? ['user'], maxRetries: regulation.max_retries ?? 3, findTimeMs, banTimeMs };
});
