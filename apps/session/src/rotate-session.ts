import type { SessionRecord } from '@portcullis/contracts-session';
import type { SessionEndings } from './end-sessions.js';
import { hashOf, newSessionId } from './session-id.js';
import { isAlive, REPLAY_WAIT_MS, type Asked, type SessionParts } from './session-parts.js';

/** What becomes of the record. */
export type Change = (record: SessionRecord, nowMs: number) => SessionRecord;

export type Rotated = { readonly outcome: 'rotated'; readonly id: string; readonly expiresAtMs: number } | { readonly outcome: 'gone' };

/** Refreshes that come between are few; more than this is something else. */
const MOST_ATTEMPTS = 20;

/** The same sign-in, changed, under a new id; the old one is dead. What others changed meanwhile is kept; what they ended stays ended. */
export async function rotateSession(parts: SessionParts, endings: SessionEndings, id: string, change: Change, asked: Asked): Promise<Rotated> {
  await parts.keeper.ready(REPLAY_WAIT_MS);
  for (let attempt = 0; attempt < MOST_ATTEMPTS; attempt += 1) {
    const rotated = await tryRotate(parts, endings, hashOf(id), change);
    if (rotated === 'changed') continue;
    if (rotated.outcome === 'rotated') parts.log.debug('Session rotated', { request_id: asked.requestId });
    return rotated;
  }
  throw new Error('the session changed faster than it could be rotated');
}

async function tryRotate(parts: SessionParts, endings: SessionEndings, hash: string, change: Change): Promise<Rotated | 'changed'> {
  const { store, journal, now } = parts;
  const mark = await journal.mark();
  const from = await store.read(hash);
  const nowMs = now();
  if (from === null || !isAlive(from.record, nowMs)) return { outcome: 'gone' };

  const id = newSessionId();
  const record = { ...change(from.record, nowMs), issuedAtMs: nowMs };
  const session = { hash: hashOf(id), record };
  await endings.announceRotation(from);
  try {
    const outcome = await store.rotate(from, session.hash, record);
    if (outcome === 'changed') return 'changed';
    if (outcome === 'gone') return { outcome: 'gone' };
    // Only now, for a rotation that failed leaves the person their session; and before anybody hears of the new id.
    await endings.writeDown(from, 'rotated');
    // Everybody's sessions may have been ended by a scan that this new hash slipped past.
    if (!(await journal.endedSince(mark, record))) return { outcome: 'rotated', id, expiresAtMs: record.expiresAtMs };
  } catch (error) {
    await endings.abandon(session);
    throw error;
  }
  await endings.abandon(session);
  return { outcome: 'gone' };
}
