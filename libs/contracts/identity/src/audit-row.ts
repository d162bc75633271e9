import { z } from 'zod';

/** What is written down. A newer service may know more kinds: whoever reads takes any. */
export const auditKind = z.enum([
  'sign_in',
  'sign_in_failed',
  'ban',
  'ban_lifted',
  'second_factor_added',
  'second_factor_removed',
  'recovery_codes_made',
  'recovery_codes_removed',
  'recovery_code_used',
  'password_changed',
  'password_reset',
  'reset_asked',
  'reset_cancelled',
  'sign_in_disowned',
  'sessions_ended',
  'user_added',
  'user_changed',
  'user_deleted',
  'user_taken',
  'secrets_exported',
  'key_changed',
  'rules_changed',
  'rules_refused',
  'audit_erased',
]);
export type AuditKind = z.infer<typeof auditKind>;

/** By whom: the person themselves (or who had their link), who is at the command line, the rules of regulation, the services by themselves. */
export const auditActor = z.enum(['user', 'operator', 'regulation', 'system']);

/** No secrets in it. */
export const auditDetail = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

export const auditRow = z.object({
  id: z.number().int(),
  atMs: z.number(),
  kind: z.string(),
  /** Whom it concerns; empty: nobody, or a name nobody has. */
  username: z.string(),
  actor: auditActor,
  ip: z.string(),
  /** The same as in the logs; empty: nobody asked. */
  requestId: z.string(),
  detail: auditDetail,
});
export type AuditRow = z.infer<typeof auditRow>;
