import { z } from 'zod';
import { hasContent } from './check-states.js';
import { text } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { StorageConfiguration } from './values.js';

const schema = z.object({
  storage: z
    .object({ encryption_key: text, local: z.object({ path: text }).optional(), mysql: z.unknown().optional(), postgres: z.unknown().optional() })
    .optional(),
});

/** `storage`: where second factors, attempts and notices are kept; without one, a file beside the configuration. */
export const storageSection: Section<StorageConfiguration> = defineSection(schema, ({ storage }, report) => {
  const path = `${report.context.directory.replace(/\/$/u, '')}/portcullis.sqlite3`;
  const local = storage?.local?.path;
  const elsewhere = hasContent(storage?.mysql) || hasContent(storage?.postgres);
  if (local === '') report.error('storage.local.path', 'storage.local.path is empty', `write the path of a file, for instance ${path}`);
  if (local === undefined && !elsewhere) {
    report.warning(
      'storage',
      `no storage is configured: ${path} is used`,
      `back that file up, or name another:\nstorage:\n  local:\n    path: ${path}`,
    );
  }
  const key = storage?.encryption_key;
  if (key !== undefined) report.secret('storage.encryption_key', key, 20);
  else
    report.warning(
      'storage.encryption_key',
      'storage.encryption_key is not set: one is made once, into a file beside the configuration',
      'back that file up: without it, everybody must enrol the second factor anew',
    );
  return { path: local ?? path, encryptionKey: key ?? null };
});
