import { levelOf } from '@portcullis/domain-session-rules';
import type { SessionRecord } from '@portcullis/contracts-session';

/** A session as the gate keeps it in memory: what a verify needs, worked out once when it is read. */
export interface LiveSession {
  readonly hash: string;
  readonly record: SessionRecord;
  readonly level: 0 | 1 | 2;
  /** With the next four, what the verify road asks of whoever a strategy finds (verify/identify.ts): a hit makes no object. */
  readonly standing: { readonly level: 0 | 1 | 2; readonly header: 'none' };
  /** What rules ask of a person. */
  readonly subject: { readonly username: string; readonly groups: readonly string[] };
  /** The reply headers of a 200, name, value, name, value, …: bytes of UTF-8 written as latin1. */
  readonly headers: readonly string[];
  readonly proxy: false;
  readonly passwordChecked: false;
  readonly expiresAtMs: number;
  readonly remembered: boolean;
  /** Milliseconds since the epoch, by this gate's clock: when it was read from Redis. */
  readonly readAtMs: number;
  /** The latest of: when the id was made, what `seen` held, what this gate saw. */
  lastSeenMs: number;
  /** When this gate last handed it to the batch of last-seen. */
  reportedMs: number;
  /** The id it was found under, once it was: what the cookie says, so that the next request hashes nothing. */
  shownAs: string | null;
}

/** @param seenMs what `seen` held at the read, or null */
export function liveSession(hash: string, record: SessionRecord, seenMs: number | null, nowMs: number): LiveSession {
  const { profile } = record;
  const level = levelOf(record);
  return {
    hash,
    record,
    level,
    standing: { level, header: 'none' },
    subject: { username: profile.username, groups: profile.groups },
    headers: identityHeaders(profile.username, profile.groups, profile.displayName, profile.emails[0] ?? ''),
    proxy: false,
    passwordChecked: false,
    expiresAtMs: record.expiresAtMs,
    remembered: record.remembered,
    readAtMs: nowMs,
    lastSeenMs: Math.max(record.issuedAtMs, seenMs ?? 0),
    reportedMs: 0,
    shownAs: null,
  };
}

/** Nobody: all four, empty, because a proxy that copies a missing header passes on what the client forged (house.md, Trust). */
export const ANONYMOUS_HEADERS: readonly string[] = identityHeaders('', [], '', '');

/** The four Remote-* headers and an empty body (nginx closes the connection on any other). */
export function identityHeaders(username: string, groups: readonly string[], name: string, email: string): readonly string[] {
  return [
    'Remote-User',
    headerValue(username),
    'Remote-Groups',
    headerValue(groups.join(',')),
    'Remote-Name',
    headerValue(name),
    'Remote-Email',
    headerValue(email),
    'Content-Length',
    '0',
  ];
}

/** Bytes of UTF-8, written as latin1; control characters never leave (attack 61). */
function headerValue(text: string): string {
  // eslint-disable-next-line no-control-regex -- they are what must not pass
  return Buffer.from(text.replaceAll(/[\u0000-\u001f\u007f]/g, ' '), 'utf8').toString('latin1');
}
