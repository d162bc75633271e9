import { z } from 'zod';
import { between, text } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { ConfigurationHistory } from './values.js';

const schema = z.object({ configuration_history: z.object({ directory: text, keep: between(0, 1000) }).optional() });

/** `configuration_history`: where the configurations that were taken are kept, so that one can be brought back. */
export const configurationHistorySection: Section<ConfigurationHistory> = defineSection(schema, ({ configuration_history: raw = {} }, report) => ({
  directory:
    raw.directory === undefined || raw.directory === '' ? `${report.context.directory.replace(/\/$/u, '')}/portcullis-configurations` : raw.directory,
  keep: raw.keep ?? 20,
}));
