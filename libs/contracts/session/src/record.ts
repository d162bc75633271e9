import { z } from 'zod';

/** What is known of a person when they sign in: copied into the session, refreshed when the users file changes. */
export const profile = z.object({
  /** The backend's canonical name, whatever spelling was typed. */
  username: z.string().min(1),
  displayName: z.string(),
  emails: z.array(z.string()),
  groups: z.array(z.string()),
});
export type Profile = z.infer<typeof profile>;

/** Where a session was begun, in the client's own words. */
export const device = z.object({ ip: z.string(), userAgent: z.string() });

/**
 * The value at `session:<sha256 of id>`, sealed with a key from `session.secret`, additional data = its key.
 * Never rewritten by a verify. All times are milliseconds since the epoch.
 */
export const sessionRecord = z.object({
  v: z.literal(1),
  /** Stable public name of this sign-in; survives the rotation of the id, proves nothing. */
  handle: z.string(),
  profile,
  /** The cookie domain this session belongs to; shown elsewhere it is refused and ended. */
  domain: z.string(),
  /** Remembered sessions have no inactivity limit. */
  remembered: z.boolean(),
  createdAtMs: z.number(),
  /** When this id was made: later than createdAtMs after a rotation. */
  issuedAtMs: z.number(),
  expiresAtMs: z.number(),
  passwordAtMs: z.number().nullable(),
  totpAtMs: z.number().nullable(),
  /** A mailed code was entered: until when, and from which address. */
  elevation: z.object({ untilMs: z.number(), ip: z.string() }).nullable(),
  device,
});
export type SessionRecord = z.infer<typeof sessionRecord>;
