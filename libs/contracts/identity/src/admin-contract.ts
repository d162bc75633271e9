import { z } from 'zod';

const operation = <Request extends z.ZodType, Reply extends z.ZodType>(request: Request, reply: Reply) => ({
  lane: 'rest',
  timeoutMs: 5000,
  request,
  reply,
});

const algorithm = z.enum(['SHA1', 'SHA256', 'SHA512']);

/** A stored one-time password device with its secret: only for export by the operator. */
export const totpExport = z.object({
  username: z.string(),
  issuer: z.string(),
  algorithm,
  digits: z.number().int(),
  periodS: z.number().int(),
  secret: z.string(),
  url: z.string(),
});

export const ban = z.object({
  id: z.number().int(),
  kind: z.enum(['user', 'ip']),
  subject: z.string(),
  atMs: z.number(),
  /** null: permanent. */
  expiresAtMs: z.number().nullable(),
  source: z.string(),
  reason: z.string().nullable(),
});
export type Ban = z.infer<typeof ban>;

export const noticeRow = z.object({
  id: z.string(),
  state: z.enum(['waiting', 'failed', 'delivered', 'dropped']),
  title: z.string(),
  recipient: z.string(),
  username: z.string(),
  createdAtMs: z.number(),
  deliveredAtMs: z.number().nullable(),
  attempts: z.number().int(),
  lastError: z.string().nullable(),
});
export type NoticeRow = z.infer<typeof noticeRow>;

/** What the operator's command line asks. Patterns are `identity-admin.v1.<operation>`; also answered by `identity --once`. */
export const identityAdminContract = {
  service: 'identity-admin',
  version: 1,
  operations: {
    /** `storage user totp generate`: `secret` base32; absent settings are the configuration's. `exists`: there is one and `force` was not given. Recovery codes go with a device that is replaced, and none come with a new one. */
    generateTotp: operation(
      z.object({
        username: z.string().min(1),
        force: z.boolean(),
        secret: z.string().nullable(),
        secretSize: z.number().int().nullable(),
        algorithm: algorithm.nullable(),
        digits: z.number().int().nullable(),
        periodS: z.number().int().nullable(),
        issuer: z.string().nullable(),
      }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('generated'), url: z.string(), secret: z.string(), userKnown: z.boolean() }),
        z.object({ outcome: z.literal('exists') }),
        z.object({ outcome: z.literal('invalid'), problem: z.string() }),
      ]),
    ),
    /** Its recovery codes go with it. */
    deleteTotp: operation(z.object({ username: z.string() }), z.object({ outcome: z.enum(['deleted', 'none']) })),
    exportTotp: operation(z.object({ username: z.string().nullable() }), z.object({ devices: z.array(totpExport) })),

    /** `storage user recovery-codes generate`: ten, in the place of any there are. `exists`: there are some left and `force` was not given. */
    generateRecoveryCodes: operation(
      z.object({ username: z.string().min(1), force: z.boolean() }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('made'), codes: z.array(z.string()) }),
        z.object({ outcome: z.literal('exists'), remaining: z.number().int() }),
        z.object({ outcome: z.literal('no_device') }),
      ]),
    ),
    deleteRecoveryCodes: operation(z.object({ username: z.string() }), z.object({ outcome: z.enum(['deleted', 'none']) })),

    listBans: operation(z.object({ kind: z.enum(['user', 'ip']) }), z.object({ bans: z.array(ban) })),
    /** `forMs` null: permanent. */
    addBan: operation(
      z.object({ kind: z.enum(['user', 'ip']), subject: z.string(), forMs: z.number().nullable(), reason: z.string().nullable() }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('banned'), ban }),
        z.object({ outcome: z.literal('invalid'), problem: z.string() }),
      ]),
    ),
    revokeBan: operation(
      z.object({ kind: z.enum(['user', 'ip']), subject: z.string().nullable(), id: z.number().int().nullable() }),
      z.object({ revoked: z.number().int() }),
    ),

    listNotices: operation(
      z.object({ state: z.enum(['waiting', 'failed', 'delivered', 'dropped']).nullable(), limit: z.number().int() }),
      z.object({ notices: z.array(noticeRow) }),
    ),
    showNotice: operation(
      z.object({ id: z.string() }),
      z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('found'), notice: noticeRow }), z.object({ outcome: z.literal('unknown') })]),
    ),
    retryNotice: operation(z.object({ id: z.string() }), z.object({ outcome: z.enum(['queued', 'already_delivered', 'unknown']) })),
    dropNotice: operation(z.object({ id: z.string() }), z.object({ outcome: z.enum(['dropped', 'already_delivered', 'unknown']) })),
  },
} as const;
