/** What a notice is, and how it travels: a row in identity's store, a sealed job in the queue, an acknowledgement back. */
import { z } from 'zod';

/** The BullMQ queue and its `prefix` (BullMQ adds the colon); `keyPrefix` is `session.redis.key_prefix`. */
export const NOTICE_QUEUE = 'notices';
export const queuePrefixUnder = (keyPrefix: string): string => `${keyPrefix}bull`;
/** The job's payload is sealed with a key from `rpc.secret`, additional data = the notice id. */
export const NOTICE_SEAL_PURPOSE = 'notice';

const recipient = z.object({ name: z.string(), address: z.string() });

/**
 * What to tell whom. Links are absent where no `authelia_url` is configured: nothing is ever learned from a request, so
 * such a mail carries the code or token as text only.
 */
export const notice = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('one_time_code'),
    to: recipient,
    /** Stands alone on its line between dashes. */
    code: z.string(),
    expiresAtMs: z.number(),
    revokeUrl: z.string().nullable(),
    remoteIp: z.string(),
    domain: z.string(),
  }),
  z.object({
    kind: z.literal('password_reset'),
    to: recipient,
    token: z.string(),
    url: z.string().nullable(),
    revokeUrl: z.string().nullable(),
    expiresAtMs: z.number(),
    remoteIp: z.string(),
    domain: z.string(),
  }),
  z.object({
    kind: z.literal('event'),
    to: recipient,
    event: z.enum(['totp_added', 'totp_removed', 'password_changed', 'password_reset', 'recovery_codes_made', 'recovery_code_used']),
    remoteIp: z.string(),
    atMs: z.number(),
  }),
  z.object({
    kind: z.literal('new_device'),
    to: recipient,
    /** In words: `Firefox on Linux`. */
    device: z.string(),
    /** Ends that session; leads to a page with a button. */
    disownUrl: z.string().nullable(),
    remoteIp: z.string(),
    domain: z.string(),
    atMs: z.number(),
  }),
]);
export type Notice = z.infer<typeof notice>;

/** Subject and title of each notice (reference 5.3, 4.5, 4.8). */
export const NOTICE_TITLES = {
  one_time_code: 'Confirm your identity',
  password_reset: 'Reset your password',
  totp_added: 'Second Factor Method Added',
  totp_removed: 'Second Factor Method Removed',
  password_changed: 'Password changed successfully',
  recovery_codes_made: 'New recovery codes',
  recovery_code_used: 'A recovery code was used',
  new_device: 'New sign-in to your account',
} as const;

/** @returns the title a person sees in their inbox */
export const noticeTitle = (n: Notice): string =>
  n.kind === 'event' ? NOTICE_TITLES[n.event === 'password_reset' ? 'password_changed' : n.event] : NOTICE_TITLES[n.kind];

/** Job data. jobId = noticeId, so that adding a row again never makes a second job. */
export const noticeJob = z.object({
  noticeId: z.string(),
  sealed: z.base64(),
  /** W3C Trace Context of what it was written for, where that is traced. */
  traceparent: z.string().optional(),
});
export type NoticeJob = z.infer<typeof noticeJob>;
