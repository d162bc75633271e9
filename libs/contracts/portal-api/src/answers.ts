import { z } from 'zod';

export const authenticationLevel = z.union([z.literal(0), z.literal(1), z.literal(2)]);

/** GET /api/state */
export const stateData = z.object({
  username: z.string(),
  authentication_level: authenticationLevel,
  factor_knowledge: z.boolean(),
  default_redirection_url: z.string().optional(),
});

/** GET /api/configuration */
export const configurationData = z.object({
  available_methods: z.array(z.enum(['totp', 'webauthn', 'mobile_push'])),
  password_change_disabled: z.boolean(),
  password_reset_disabled: z.boolean(),
});

/** GET /api/configuration/password-policy */
export const passwordPolicyData = z.object({
  mode: z.enum(['disabled', 'standard', 'zxcvbn']),
  min_length: z.number(),
  max_length: z.number(),
  min_score: z.number(),
  require_uppercase: z.boolean(),
  require_lowercase: z.boolean(),
  require_number: z.boolean(),
  require_special: z.boolean(),
});

/**
 * After a factor. `redirect`: go there. `forbidden`: the target will answer 403, so the portal explains instead.
 * `portal`: the target belongs to another cookie domain, whose portal is this.
 */
export const redirectData = z.object({ redirect: z.string().optional(), forbidden: z.boolean().optional(), portal: z.string().optional() });

/** GET and POST /api/user/info; POST carries `emails: null`. Addresses are masked. */
export const userInfoData = z.object({
  display_name: z.string(),
  emails: z.array(z.string()).nullable(),
  method: z.string(),
  has_totp: z.boolean(),
  has_webauthn: z.boolean(),
  has_duo: z.boolean(),
});

/** GET /api/secondfactor/totp; times are RFC 3339. */
export const totpDeviceData = z.object({
  created_at: z.string(),
  last_used_at: z.string().nullable(),
  issuer: z.string(),
  algorithm: z.string(),
  digits: z.number(),
  period: z.number(),
});

/** GET /api/secondfactor/totp/register */
export const totpOptionsData = z.object({
  algorithm: z.string(),
  algorithms: z.array(z.string()),
  length: z.number(),
  lengths: z.array(z.number()),
  period: z.number(),
  periods: z.array(z.number()),
});

/** PUT /api/secondfactor/totp/register */
export const totpSecretData = z.object({ base32_secret: z.string(), otpauth_url: z.string() });

/** GET /api/user/session/elevation; `expires` in seconds. */
export const elevationData = z.object({
  require_second_factor: z.boolean(),
  skip_second_factor: z.boolean(),
  can_skip_second_factor: z.boolean(),
  factor_knowledge: z.boolean(),
  elevated: z.boolean(),
  expires: z.number(),
});
