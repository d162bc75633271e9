import { z } from 'zod';
import { durationMs } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { AuditConfiguration } from './values.js';

const DAY_MS = 86_400_000;
const schema = z.object({ audit: z.object({ retention: durationMs }).optional() });

/** `audit`: how long what happened stays written down. */
export const auditSection: Section<AuditConfiguration> = defineSection(schema, ({ audit = {} }, report) => {
  const retentionMs = audit.retention ?? 365 * DAY_MS;
  if (retentionMs < DAY_MS) report.error('audit.retention', 'audit.retention is shorter than a day', 'write for instance 90 days');
  return { retentionMs };
});
