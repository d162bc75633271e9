import { z } from 'zod';
import { auditActor, auditDetail, auditKind } from './audit-row.js';

const username = z.string().min(1).max(256);
const ip = z.string().max(64);
/** The session's stable handle: registrations and codes are bound to user and sign-in, and survive a rotated id. */
const handle = z.string().min(1).max(128);
const domain = z.string();

/** What the backend knows of a person. */
export const person = z.object({ username: z.string(), displayName: z.string(), emails: z.array(z.string()), groups: z.array(z.string()) });
export type Person = z.infer<typeof person>;

/** Where an attempt came from: its row in the attempts log, and the fields of its log line (reference 8.4). */
export const attemptOrigin = z.object({
  ip,
  method: z.string(),
  path: z.string(),
  /** `portal`, `basic` (Authorization on a verify), `reauthentication`, `change_password`. */
  via: z.enum(['portal', 'basic', 'reauthentication', 'change_password']),
  targetUrl: z.string().nullable(),
  targetMethod: z.string().nullable(),
});

/** What a new password lacks, in the order of the policy. */
export const policyFailure = z.enum([
  'empty',
  'too_short',
  'too_long',
  'no_uppercase',
  'no_lowercase',
  'no_number',
  'no_special',
  'too_weak',
  'unchanged',
]);

const totpSettings = z.object({ algorithm: z.enum(['SHA1', 'SHA256', 'SHA512']), digits: z.number().int(), periodS: z.number().int() });

const totpDevice = totpSettings.extend({ issuer: z.string(), createdAtMs: z.number(), lastUsedAtMs: z.number().nullable() });

/** `password` has as many places as there are hashing slots, so that a login storm stops nothing in `rest`. */
const password = <Request extends z.ZodType, Reply extends z.ZodType>(request: Request, reply: Reply) => ({
  lane: 'password',
  timeoutMs: 8000,
  request,
  reply,
});
const rest = <Request extends z.ZodType, Reply extends z.ZodType>(request: Request, reply: Reply) => ({
  lane: 'rest',
  timeoutMs: 3000,
  request,
  reply,
});

/** Unknown, disabled, banned and wrong say and cost the same: one outcome, no reason. */
const refused = z.object({ outcome: z.literal('refused') });

/** What the identity service answers. Patterns are `identity.v1.<operation>`; faults are those of platform-rpc. */
export const identityContract = {
  service: 'identity',
  version: 1,
  operations: {
    /** Checks a password, records the attempt, bans by regulation (reference 5.1), logs a refusal. `username` as typed. */
    authenticate: password(
      z.object({ username: z.string().min(1), password: z.string().min(1), origin: attemptOrigin }),
      z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('authenticated'), person, hasSecondFactor: z.boolean() }), refused]),
    ),
    /**
     * The old password is checked and counts towards the ban. All other sessions end before the answer, and a notice is written.
     * `disabled`: by the configuration, or the users file cannot be written.
     */
    changePassword: password(
      z.object({ username, oldPassword: z.string(), newPassword: z.string(), keepSessionId: z.string(), origin: attemptOrigin }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('changed') }),
        refused,
        z.object({ outcome: z.literal('policy'), failed: z.array(policyFailure) }),
        z.object({ outcome: z.literal('disabled') }),
      ]),
    ),
    /**
     * Sets the password for the bearer of a grant, lifts an automatic ban, ends all sessions, writes a notice. A grant is used up by `reset` alone.
     * `disabled`: by the configuration, or the users file cannot be written.
     */
    resetPassword: password(
      z.object({ grant: z.string(), password: z.string(), ip }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('reset'), username: z.string() }),
        refused,
        z.object({ outcome: z.literal('policy'), failed: z.array(policyFailure) }),
        z.object({ outcome: z.literal('disabled') }),
      ]),
    ),

    /** Who is this, and what do they have. */
    describe: rest(
      z.object({ username }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('known'), person, hasTotp: z.boolean(), preferredMethod: z.string() }),
        z.object({ outcome: z.literal('unknown') }),
      ]),
    ),
    /** `unavailable`: not one of the methods that are built and configured. */
    setPreferredMethod: rest(z.object({ username, method: z.string() }), z.object({ outcome: z.enum(['stored', 'unavailable']) })),

    /** A code works once a user, over all sessions and processes. Ten wrong well-formed codes in ten minutes ban (attack 40). */
    verifyTotp: rest(
      z.object({ username, code: z.string(), origin: attemptOrigin.omit({ via: true }) }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('verified') }),
        z.object({ outcome: z.literal('refused'), reason: z.enum(['wrong', 'used', 'no_device']) }),
        z.object({ outcome: z.literal('banned'), untilMs: z.number().nullable() }),
      ]),
    ),
    describeTotp: rest(
      z.object({ username }),
      z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('found'), device: totpDevice }), z.object({ outcome: z.literal('none') })]),
    ),
    deleteTotp: rest(z.object({ username, ip }), z.object({ outcome: z.enum(['deleted', 'none']) })),
    /** A pending secret of ten minutes, bound to user and sign-in; a second begin replaces the first. */
    beginTotpRegistration: rest(
      z.object({ username, handle, settings: totpSettings }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('begun'), secret: z.string(), url: z.string() }),
        z.object({ outcome: z.literal('not_allowed') }),
      ]),
    ),
    dropTotpRegistration: rest(z.object({ username, handle }), z.object({ outcome: z.enum(['dropped', 'none']) })),
    /** Stores the pending secret once a code proves it; that code is used up with it. */
    finishTotpRegistration: rest(
      z.object({ username, handle, code: z.string(), ip }),
      z.discriminatedUnion('outcome', [
        /** `recoveryCodes`: the first ones, made with the device; absent where there are some, or from an older service. */
        z.object({ outcome: z.literal('registered'), recoveryCodes: z.array(z.string()).optional() }),
        z.object({ outcome: z.literal('refused'), reason: z.enum(['wrong', 'none_pending']) }),
      ]),
    ),

    /** How many recovery codes are left; `createdAtMs` null: none were ever made, or the second factor they stood for is gone. */
    describeRecoveryCodes: rest(z.object({ username }), z.object({ remaining: z.number().int(), createdAtMs: z.number().nullable() })),
    /** Ten new ones, each for one use; the older ones are dead, and a notice is written. `no_device`: there is no second factor they could stand for. */
    renewRecoveryCodes: rest(
      z.object({ username, ip }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('made'), codes: z.array(z.string()) }),
        z.object({ outcome: z.literal('no_device') }),
      ]),
    ),
    /** A second factor in place of a lost device; any case, spaces and dashes. Wrong ones count towards the same ban as wrong TOTP codes. A notice is written. */
    verifyRecoveryCode: rest(
      z.object({ username, code: z.string(), origin: attemptOrigin.omit({ via: true }) }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('verified'), remaining: z.number().int() }),
        z.object({ outcome: z.literal('refused'), reason: z.enum(['wrong', 'used', 'none']) }),
        z.object({ outcome: z.literal('banned'), untilMs: z.number().nullable() }),
      ]),
    ),

    /**
     * After session.v1.create: has this account been signed in to from this browser before? A browser is known by the secret it keeps
     * (`deviceToken`, opaque; null: it showed none), else by its kind and network. A new one is told of by mail, with a link that ends the
     * session of that `handle`; an account that has signed in nowhere before is not told. The reply's token is the browser's to keep.
     */
    recordSignIn: rest(
      z.object({ username, handle, domain, ip, userAgent: z.string(), deviceToken: z.string().max(256).nullable() }),
      z.object({ device: z.enum(['known', 'new', 'first']), deviceToken: z.string() }),
    ),
    /** From the link of that mail: ends the session it told of. Works once and for a week. */
    disownSignIn: rest(
      z.object({ token: z.string(), ip }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('disowned'), username }),
        z.object({ outcome: z.literal('refused'), reason: z.enum(['used', 'expired', 'invalid']) }),
      ]),
    ),
    /** Sign-ins and failures of one account, newest first. */
    listAttempts: rest(
      z.object({ username, limit: z.number().int().positive().max(200) }),
      z.object({
        attempts: z.array(
          z.object({ atMs: z.number(), factor: z.enum(['password', 'totp', 'recovery_code']), successful: z.boolean(), banned: z.boolean(), ip }),
        ),
      }),
    ),

    /** Whether a new password could be kept now: where the users are a file, it and its directory must be writable. */
    describePasswords: rest(z.object({}), z.object({ writable: z.boolean() })),

    /** What happened at another service, to be written down with the rest. It may be lost, and whoever tells counts that. */
    recordEvent: rest(
      z.object({ kind: auditKind, username: username.nullable(), actor: auditActor, ip: ip.nullable(), detail: auditDetail }),
      z.object({ outcome: z.literal('recorded') }),
    ),

    /** Mails a one-time code; a new one ends the older. The address is the backend's, never the request's. */
    startElevation: rest(
      z.object({ username, handle, ip, domain }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('sent'), deleteId: z.string(), expiresAtMs: z.number() }),
        z.object({ outcome: z.literal('no_address') }),
      ]),
    ),
    /** Any case and spaces; a malformed try costs nothing; five wrong tries a user end the code. `elevatedForMs` goes to session.v1.elevate. */
    finishElevation: rest(
      z.object({ username, handle, ip, code: z.string() }),
      z.discriminatedUnion('outcome', [z.object({ outcome: z.literal('elevated'), elevatedForMs: z.number() }), refused]),
    ),
    /** From the link of the mail; whoever holds it may. */
    revokeElevation: rest(z.object({ deleteId: z.string() }), z.object({ outcome: z.enum(['revoked', 'unknown']) })),

    /** Answers the same, in the same time, for every name. */
    startReset: rest(z.object({ username: z.string(), ip, domain }), z.object({ outcome: z.literal('accepted') })),
    /** A link works once. The grant (minutes, single use) goes into a cookie of its own. */
    finishReset: rest(
      z.object({ token: z.string(), ip, domain }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('granted'), grant: z.string(), expiresAtMs: z.number() }),
        z.object({ outcome: z.literal('refused'), reason: z.enum(['used', 'expired', 'revoked', 'invalid']) }),
      ]),
    ),
    /** The cancel link's own token: it revokes, and opens nothing. */
    revokeReset: rest(z.object({ token: z.string() }), z.object({ outcome: z.enum(['revoked', 'already_revoked', 'unknown']) })),

    /** From the notifier: delivered, or failed for now (`final`: the queue gives up; the row stays and is listed). */
    acknowledgeNotice: rest(
      z.object({
        noticeId: z.string(),
        result: z.discriminatedUnion('status', [
          z.object({ status: z.literal('delivered') }),
          z.object({ status: z.literal('failed'), error: z.string(), attempt: z.number().int(), final: z.boolean() }),
        ]),
      }),
      z.object({ outcome: z.enum(['recorded', 'unknown']) }),
    ),
  },
} as const;
