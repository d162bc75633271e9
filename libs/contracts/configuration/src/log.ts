import { z } from 'zod';
import { flag, oneOf, text } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { LogConfiguration } from './values.js';

const schema = z.object({
  log: z
    .object({
      level: oneOf('trace', 'debug', 'info', 'warn', 'error'),
      format: oneOf('text', 'json'),
      file_path: text,
      keep_stdout: flag,
      decisions: oneOf('refused', 'all'),
    })
    .optional(),
});

/** `log`; `log.decisions` is ours. */
export const logSection: Section<LogConfiguration> = defineSection(schema, ({ log = {} }) => ({
  level: log.level ?? 'info',
  format: log.format ?? 'text',
  filePath: log.file_path === undefined || log.file_path === '' ? null : log.file_path,
  keepStdout: log.keep_stdout ?? false,
  decisions: log.decisions ?? 'refused',
}));
