import { z } from 'zod';
import { between, flag } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { PasswordPolicyConfiguration } from './values.js';

const schema = z.object({
  password_policy: z
    .object({
      standard: z
        .object({
          enabled: flag,
          min_length: between(0),
          max_length: between(0),
          require_uppercase: flag,
          require_lowercase: flag,
          require_number: flag,
          require_special: flag,
        })
        .optional(),
      zxcvbn: z.object({ enabled: flag, min_score: between(0, 4) }).optional(),
    })
    .optional(),
});

/** `password_policy`: what a new password must be. */
export const passwordPolicySection: Section<PasswordPolicyConfiguration> = defineSection(schema, ({ password_policy: policy = {} }, report) => {
  const { standard = {}, zxcvbn = {} } = policy;
  if (standard.enabled === true && zxcvbn.enabled === true) {
    report.error(
      'password_policy.zxcvbn.enabled',
      'password_policy.standard and password_policy.zxcvbn cannot both be enabled',
      'disable one of them',
    );
  }
  if (zxcvbn.enabled === true) return { kind: 'zxcvbn', minScore: zxcvbn.min_score === 0 ? 3 : (zxcvbn.min_score ?? 3) };
  if (standard.enabled !== true) return { kind: 'none' };
  const minLength = standard.min_length === 0 ? 8 : (standard.min_length ?? 8);
  const maxLength = standard.max_length ?? 0;
  if (maxLength !== 0 && maxLength < minLength) {
    report.error(
      'password_policy.standard.max_length',
      `max_length (${maxLength}) is below min_length (${minLength}): no password would do`,
      'raise max_length, or take it out',
    );
  }
  return {
    kind: 'standard',
    minLength,
    maxLength,
    requireUppercase: standard.require_uppercase ?? false,
    requireLowercase: standard.require_lowercase ?? false,
    requireNumber: standard.require_number ?? false,
    requireSpecial: standard.require_special ?? false,
  };
});
