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

/** RFC 3339, UTC. */
const instant = z.iso.datetime();

/**
 * What a page of the portal is opened with: the JSON in the element `#portal` of its HTML, and GET /api/portal?rd=…&rm=….
 * `base` is '' or the sub-path under which the person reached the portal; every address of the portal begins with it.
 */
export const portalData = z.object({
  base: z.string(),
  name: z.string(),
  theme: z.enum(['light', 'dark', 'grey', 'oled', 'auto']),
  /** `portal.color`, as `#rrggbb`; null: our own. */
  color: z.string().nullable(),
  /** Addresses of the operator's own logo and texts (`server.asset_path`), under `base`; null: ours. */
  logo: z.string().nullable(),
  texts: z.string().nullable(),
  terms_url: z.string().nullable(),
  privacy_url: z.string().nullable(),
  /** `privacy_policy.require_user_acceptance`: asked once a browser, before signing in. */
  privacy_acceptance: z.boolean(),
  /** The language chosen by hand before, else by Accept-Language; a BCP 47 tag of `languages`. */
  language: z.string(),
  languages: z.array(z.string()),
  remember_me: z.boolean(),
  reset_disabled: z.boolean(),
  /** `authentication_backend.password_reset.custom_url` */
  reset_url: z.string().nullable(),
  change_disabled: z.boolean(),
  /** How notices leave: `file` means that the administrator has the code. */
  notices: z.enum(['mail', 'file']),
  /** The host that `rd` leads to, where it is safe to go there; null else. */
  continue_to: z.string().nullable(),
  state: stateData,
  /** Who is asked for a second factor for `rd` and may give one; false at level 2, or where nothing needs it. */
  wants_second_factor: z.boolean(),
});

/** GET /api/user/overview. `sites`: the hosts that rules name and this person may open, in the order of the rules; no pattern is spelt out. */
export const overviewData = z.object({
  username: z.string(),
  display_name: z.string(),
  groups: z.array(z.string()),
  sites: z.array(z.object({ host: z.string(), policy: z.enum(['bypass', 'one_factor', 'two_factor']) })),
});

/** GET /api/user/sessions, newest first. */
export const sessionsData = z.object({
  sessions: z.array(
    z.object({
      /** Names the sign-in to DELETE /api/user/sessions/{handle}; opens nothing. */
      handle: z.string(),
      current: z.boolean(),
      domain: z.string(),
      remote_ip: z.string(),
      user_agent: z.string(),
      authentication_level: authenticationLevel,
      remembered: z.boolean(),
      created_at: instant,
      last_seen_at: instant,
      expires_at: instant,
    }),
  ),
});

/** DELETE /api/user/sessions/{handle}, …/others and /api/user/sessions (all, this one too). */
export const sessionsEndedData = z.object({ ended: z.number() });

/** GET /api/user/history, newest first: sign-ins and failures of one's own account. */
export const historyData = z.object({
  attempts: z.array(
    z.object({
      at: instant,
      factor: z.enum(['password', 'totp', 'recovery_code']),
      successful: z.boolean(),
      /** Refused for a ban, whatever was typed. */
      banned: z.boolean(),
      remote_ip: z.string(),
    }),
  ),
});

/** GET /api/secondfactor/recovery-codes; `created_at` is null where there are none. */
export const recoveryCodesData = z.object({ remaining: z.number(), created_at: instant.nullable() });

/** POST /api/secondfactor/recovery-codes: shown this once; the older ones are dead. */
export const newRecoveryCodesData = z.object({ codes: z.array(z.string()) });

/** POST /api/secondfactor/totp/register. `recovery_codes` where the person had none; the rest only where `continue` was asked. */
export const totpRegisteredData = redirectData.extend({ recovery_codes: z.array(z.string()).optional() });

/** A second factor refused for a ban (403 KO): until when; null: until somebody lifts it. */
export const bannedData = z.object({ banned_until: instant.nullable() });

/** POST /api/user/sessions/disown */
export const disownedData = z.object({ username: z.string() });
