import { z } from 'zod';
import { auditDetail, auditKind, auditRow } from './audit-row.js';

const operation = <Request extends z.ZodType, Reply extends z.ZodType>(request: Request, reply: Reply, timeoutMs = 5000) => ({
  lane: 'rest',
  timeoutMs,
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
  createdAtMs: z.number().optional(),
  lastUsedAtMs: z.number().nullable().optional(),
});

/** A device as it was exported, here or elsewhere. */
const totpImport = totpExport.omit({ url: true, createdAtMs: true, lastUsedAtMs: true }).extend({
  username: z.string().min(1),
  createdAtMs: z.number().nullable(),
  lastUsedAtMs: z.number().nullable(),
});
export type TotpImport = z.infer<typeof totpImport>;

/** What an application knows a person by (OpenID Connect `sub`): a UUID of version 4. */
export const opaqueIdentifier = z.object({
  service: z.literal('openid'),
  sectorId: z.string(),
  username: z.string().min(1),
  identifier: z.uuid({ version: 'v4' }),
});
export type OpaqueIdentifier = z.infer<typeof opaqueIdentifier>;

const columns = z.array(z.object({ table: z.string(), column: z.string(), total: z.number().int(), invalid: z.number().int() }));
const migration = z.object({ version: z.number().int(), name: z.string() });

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

/** A person as the operator sees them. */
export const userRow = z.object({
  username: z.string().min(1).max(256),
  displayName: z.string(),
  email: z.string().nullable(),
  groups: z.array(z.string()),
  disabled: z.boolean(),
});

const wholeUser = userRow.extend({ digest: z.string() });
export type WholeUser = z.infer<typeof wholeUser>;

/** One step of a change of the users. `add` wants somebody new, `put` takes the place of whoever is there, `set` changes what it names. */
export const userEdit = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('add'), user: wholeUser }),
  z.object({ kind: z.literal('put'), user: wholeUser }),
  wholeUser.partial().extend({ kind: z.literal('set'), username: z.string().min(1) }),
  z.object({ kind: z.literal('delete'), username: z.string().min(1) }),
]);
export type UserEdit = z.infer<typeof userEdit>;

/** What was (or would be) done with one person, and to what of them. */
export const userChange = z.object({
  username: z.string(),
  kind: z.enum(['added', 'changed', 'deleted']),
  fields: z.array(z.enum(['displayName', 'email', 'groups', 'disabled', 'digest'])),
});
export type UserChange = z.infer<typeof userChange>;

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
    /** All of them or none; a device that is there as it is needs no `force`. */
    importTotp: operation(
      z.object({ devices: z.array(totpImport), force: z.boolean() }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('imported'), stored: z.number().int(), unchanged: z.number().int(), unknown: z.array(z.string()) }),
        z.object({ outcome: z.literal('exists'), usernames: z.array(z.string()) }),
        z.object({ outcome: z.literal('invalid'), problems: z.array(z.string()) }),
      ]),
    ),

    listIdentifiers: operation(z.object({}), z.object({ identifiers: z.array(opaqueIdentifier) })),
    /** All of them or none. `identifier` null: a new one. `conflicts`: what is there in their place, or whose identifier it is. */
    addIdentifiers: operation(
      z.object({
        identifiers: z.array(opaqueIdentifier.extend({ identifier: opaqueIdentifier.shape.identifier.nullable() })),
        onConflict: z.enum(['refuse', 'keep', 'replace']),
      }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('added'), added: z.array(opaqueIdentifier), unchanged: z.number().int() }),
        z.object({ outcome: z.literal('conflict'), conflicts: z.array(opaqueIdentifier) }),
      ]),
    ),

    /** `verbose`: every sealed value is opened. `unknown`: nothing was sealed yet. */
    checkEncryption: operation(z.object({ verbose: z.boolean() }), z.object({ result: z.enum(['success', 'failure', 'unknown']), columns })),
    /** `running`: a process that holds the present key serves this store. `keyFile`: where the key is kept, null where it is configured. */
    changeEncryptionKey: operation(
      z.object({ newKey: z.string() }),
      z.discriminatedUnion('outcome', [
        z.object({
          outcome: z.literal('changed'),
          /** null: the store is on a server, of which no copy was made. */ backup: z.string().nullable(),
          keyFile: z.string().nullable(),
          columns,
        }),
        z.object({ outcome: z.literal('running') }),
        z.object({ outcome: z.literal('invalid'), problem: z.string() }),
      ]),
    ),
    describeSchema: operation(
      z.object({}),
      z.object({
        version: z.number().int(),
        latest: z.number().int(),
        tables: z.array(z.string()),
        history: z.array(migration.extend({ atMs: z.number() })),
        available: z.array(migration),
      }),
    ),

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

    /** Everybody, by name. `digest` is there where `withDigests` asks for it: to take them elsewhere. `place`: the file, or the store. */
    listUsers: operation(
      z.object({ withDigests: z.boolean() }),
      z.discriminatedUnion('outcome', [
        z.object({
          outcome: z.literal('found'),
          backend: z.enum(['file', 'sql']),
          place: z.string(),
          users: z.array(wholeUser.partial({ digest: true })),
        }),
        z.object({ outcome: z.literal('invalid'), problems: z.array(z.string()) }),
      ]),
    ),
    /**
     * All of the edits or none, in their order; sessions follow within seconds. `read_only`: the file or its directory cannot be written (`reason`: what
     * must be made writable).
     * `by_hand`: what is to be changed is written at another place of the file.
     *
     * More edits than a question holds come in `part`s, one behind the other, which share a name that nobody else has. Each but the last is
     * `kept` (for an hour, for whichever replica is asked next), and with the last all of them are made.
     */
    editUsers: operation(
      z.object({
        edits: z.array(userEdit),
        dryRun: z.boolean(),
        part: z.object({ of: z.uuid(), position: z.number().int().nonnegative(), isLast: z.boolean() }).optional(),
      }),
      z.discriminatedUnion('outcome', [
        z.object({ outcome: z.literal('done'), changes: z.array(userChange), kept: z.literal(true).optional() }),
        z.object({ outcome: z.literal('invalid'), problems: z.array(z.string()) }),
        z.object({ outcome: z.enum(['read_only', 'by_hand']), place: z.string(), reason: z.string().optional() }),
      ]),
      // Thousands of people take seconds.
      20_000,
    ),

    /** What was written down, the oldest first: behind the row `afterId`, or the newest `limit` of them. */
    listAudit: operation(
      z.object({
        username: z.string().nullable(),
        kind: z.string().nullable(),
        sinceMs: z.number().nullable(),
        untilMs: z.number().nullable(),
        afterId: z.number().int().nullable(),
        limit: z.number().int().positive().max(5000),
      }),
      z.object({ rows: z.array(auditRow) }),
    ),
    /** Everything that was written down of one person, tries to sign in too; that it was done is written down. */
    eraseAudit: operation(z.object({ username: z.string().min(1) }), z.object({ rows: z.number().int(), attempts: z.number().int() })),
    /** What a command did at another service. */
    recordCommand: operation(
      z.object({ kind: auditKind, username: z.string().nullable(), detail: auditDetail }),
      z.object({ outcome: z.literal('recorded') }),
    ),

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
