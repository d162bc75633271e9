import { z } from 'zod';
import { between, durationMs, flag, MINUTE_MS, oneOf, positive, text } from './raw.js';
import { defineSection, type Section } from './section.js';
import type { IdentityValidationConfiguration } from './values.js';

const schema = z.object({
  identity_validation: z
    .object({
      reset_password: z.object({ jwt_secret: text, jwt_algorithm: oneOf('HS256', 'HS384', 'HS512'), jwt_lifespan: durationMs }).optional(),
      elevated_session: z
        .object({
          code_lifespan: durationMs,
          elevation_lifespan: durationMs,
          characters: between(0, 20),
          require_second_factor: flag,
          skip_second_factor: flag,
        })
        .optional(),
    })
    .optional(),
  authentication_backend: z.object({ password_reset: z.object({ disable: flag }).optional() }).optional(),
});

const JWT_SECRET = 'identity_validation.reset_password.jwt_secret';

/** `identity_validation`: mailed links and codes. */
export const identityValidationSection: Section<IdentityValidationConfiguration> = defineSection(schema, (raw, report) => {
  const { reset_password: reset = {}, elevated_session: elevated = {} } = raw.identity_validation ?? {};
  if (reset.jwt_secret !== undefined) report.secret(JWT_SECRET, reset.jwt_secret);
  else if (raw.authentication_backend?.password_reset?.disable !== true) {
    report.warning(
      JWT_SECRET,
      `${JWT_SECRET} is not set: one is made once, into a file beside the configuration`,
      'back that file up, or set the key',
    );
  }
  return {
    resetPassword: {
      jwtSecret: reset.jwt_secret ?? null,
      jwtAlgorithm: reset.jwt_algorithm ?? 'HS256',
      jwtLifespanMs: positive(reset.jwt_lifespan, 5 * MINUTE_MS),
    },
    elevatedSession: {
      codeLifespanMs: positive(elevated.code_lifespan, 5 * MINUTE_MS),
      elevationLifespanMs: positive(elevated.elevation_lifespan, 10 * MINUTE_MS),
      characters: positive(elevated.characters, 8),
      requireSecondFactor: elevated.require_second_factor ?? false,
      skipSecondFactor: elevated.skip_second_factor ?? false,
    },
  };
});
