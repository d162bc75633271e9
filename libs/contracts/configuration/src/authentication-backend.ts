import { z } from 'zod';
import { hasContent } from './check-states.js';
import { type DigestChecks, rawDigest, readDigestOptions } from './digest-options.js';
import { flag, MINUTE_MS, text } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { AuthenticationBackendConfiguration } from './values.js';

const schema = z.object({
  authentication_backend: z
    .object({
      refresh_interval: z.union([z.number(), z.string()]).optional(),
      password_reset: z.object({ disable: flag, custom_url: text }).optional(),
      password_change: z.object({ disable: flag }).optional(),
      file: z
        .object({ path: text, watch: flag, search: z.object({ email: flag, case_insensitive: flag }).optional(), password: rawDigest.optional() })
        .optional(),
      sql: z
        .object({ search: z.object({ email: flag, case_insensitive: flag }).optional(), password: rawDigest.optional() })
        .nullable()
        .optional(),
      ldap: z.unknown().optional(),
    })
    .optional(),
});

/** `authentication_backend`; `file.watch` is on unless it is switched off; with `sql` the people are in the store. */
export function authenticationBackendSection(checks: DigestChecks): Section<AuthenticationBackendConfiguration> {
  return defineSection(schema, ({ authentication_backend: backend = {} }, report) => {
    const { file = {}, password_reset: reset = {} } = backend;
    const isSql = backend.sql !== undefined;
    const usersFile = isSql ? null : (file.path ?? '');
    if (isSql && hasContent(backend.file)) {
      report.error(
        'authentication_backend.sql',
        'authentication_backend.sql and authentication_backend.file are both set, and people live in one place',
        'remove one; `portcullis users import FILE` takes the people of a users file into the store',
      );
    }
    if (usersFile === '' && !hasContent(backend.ldap)) {
      const path = backend.file === undefined ? 'authentication_backend' : 'authentication_backend.file.path';
      report.error(
        path,
        'authentication_backend.file.path is required',
        'write the path of the users file:\nauthentication_backend:\n  file:\n    path: /config/users_database.yml',
      );
    }
    const watch = file.watch ?? true;
    const { search = {}, password = {} } = (isSql ? backend.sql : file) ?? {};
    return {
      usersFile,
      watch,
      search: { email: search.email ?? false, caseInsensitive: search.case_insensitive ?? false },
      digest: readDigestOptions(password, checks, report, `authentication_backend.${isSql ? 'sql' : 'file'}.password`),
      refreshInterval: readRefreshInterval(backend.refresh_interval, watch, report),
      passwordReset: { disabled: reset.disable ?? false, customUrl: readCustomUrl(reset.custom_url, report) },
      passwordChange: { disabled: backend.password_change?.disable ?? false },
    };
  });
}

function readRefreshInterval(
  value: number | string | undefined,
  watch: boolean,
  report: Report,
): AuthenticationBackendConfiguration['refreshInterval'] {
  if (value === 'always' || (value === undefined && watch)) return { kind: 'always' };
  if (value === 'disable') return { kind: 'never' };
  if (typeof value === 'string') {
    report.error('authentication_backend.refresh_interval', `'${value}' is neither a duration nor always nor disable`, 'write 5m');
    return { kind: 'always' };
  }
  return { kind: 'every', intervalMs: Math.max(0, value ?? 5 * MINUTE_MS) };
}

function readCustomUrl(value: string | undefined, report: Report): string | null {
  if (value === undefined || value === '') return null;
  if (URL.canParse(value) && /^https?:$/u.test(new URL(value).protocol)) return value;
  report.error(
    'authentication_backend.password_reset.custom_url',
    `'${value}' is no absolute http or https address`,
    'write for instance https://id.example.com/reset',
  );
  return null;
}
