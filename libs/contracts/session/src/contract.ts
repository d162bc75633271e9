import { z } from 'zod';
import { device, profile, sessionRecord } from './record.js';

const id = z.string().min(1).max(256);

/** Why a session ended: the word in logs, metrics and the journal. */
export const endReason = z.enum([
  'logout',
  'replaced',
  'rotated',
  'inactivity',
  'expired',
  'moved_domain',
  'revoked',
  'password_changed',
  'password_reset',
  'user_disabled',
  'refused_factor',
  'disowned',
]);
export type EndReason = z.infer<typeof endReason>;

/** A new id for the same sign-in; the old one is dead. `gone`: there was no such live session, nothing was made. */
const rotated = z.discriminatedUnion('outcome', [
  z.object({ outcome: z.literal('rotated'), id, expiresAtMs: z.number() }),
  z.object({ outcome: z.literal('gone') }),
]);

/** One device of a person, for lists; carries nothing that opens anything. */
export const sessionSummary = z.object({
  handle: z.string(),
  username: z.string(),
  domain: z.string(),
  level: z.union([z.literal(0), z.literal(1), z.literal(2)]),
  remembered: z.boolean(),
  createdAtMs: z.number(),
  expiresAtMs: z.number(),
  lastSeenMs: z.number(),
  device,
});
export type SessionSummary = z.infer<typeof sessionSummary>;

const operation = <Request extends z.ZodType, Reply extends z.ZodType>(request: Request, reply: Reply) => ({
  lane: 'rest',
  timeoutMs: 3000,
  request,
  reply,
});

/** What the session service answers. Patterns are `session.v1.<operation>`; faults are those of platform-rpc. */
export const sessionContract = {
  service: 'session',
  version: 1,
  operations: {
    /**
     * After a right password. The lifetime follows `session.cookies[].expiration | remember_me` of `domain`; `replaces` is ended
     * with it. A fault where the user's sessions were ended while it was made: nothing is left of it.
     */
    create: operation(
      z.object({ profile, domain: z.string(), remember: z.boolean(), device, replaces: id.nullable() }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('created'), id, handle: z.string(), expiresAtMs: z.number(), remembered: z.boolean() }),
        z.object({ outcome: z.literal('unknown_domain') }),
      ]),
    ),
    /** A factor more: `totp` after a right code (also a recovery code), `password` after a reauthentication (its time is renewed). */
    raise: operation(z.object({ id, factor: z.enum(['password', 'totp']) }), rotated),
    /** A right mailed code: elevated for `forMs` while the client stays at `ip`. */
    elevate: operation(z.object({ id, ip: z.string(), forMs: z.number().positive() }), rotated),
    /** The elevation is used up or the client moved: it is taken back. */
    lower: operation(z.object({ id }), rotated),
    /** Same rights, new id: after an enrolment or a change of password. */
    renew: operation(z.object({ id }), rotated),
    /**
     * Idempotent: `existed` says whether there was anything to end. Answers only once it is dead in Redis and written down. An id that was replaced by a
     * rotation within the last ten seconds ends the sign-in under its new id. After a fault the ending may still be carried out when Redis is back.
     */
    end: operation(z.object({ id, reason: endReason }), z.object({ outcome: z.literal('ended'), existed: z.boolean() })),
    /** One device of a user, by its handle. */
    endByHandle: operation(z.object({ username: z.string(), handle: z.string(), reason: endReason }), z.object({ ended: z.number() })),
    /** Every session of a user but `exceptId`, also those begun before now that a restored Redis would bring back. */
    endUser: operation(z.object({ username: z.string(), exceptId: id.nullable(), reason: endReason }), z.object({ ended: z.number() })),
    /** Every session of everybody: what people did with FLUSHDB. */
    endAll: operation(z.object({ reason: endReason }), z.object({ ended: z.number() })),
    /** Newest first; without a name those of everybody, at most `limit`. */
    list: operation(
      z.object({ username: z.string().nullable(), limit: z.number().int().positive().max(10000) }),
      z.object({ sessions: z.array(sessionSummary) }),
    ),
    /** The record behind an id, for the portal's own pages: `lastSeenMs` included. */
    read: operation(
      z.object({ id }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('live'), record: sessionRecord, lastSeenMs: z.number() }),
        z.object({ outcome: z.literal('gone') }),
      ]),
    ),
    /**
     * The users file changed: live sessions carry the new profile, or (null: disabled or removed) are ended. Idempotent:
     * ask again until it answers, for only then a Redis that is restored cannot bring the older profile back.
     */
    refreshUser: operation(z.object({ username: z.string(), profile: profile.nullable() }), z.object({ refreshed: z.number(), ended: z.number() })),
  },
} as const;
