import type { sessionContract, SessionRecord } from '@portcullis/contracts-session';
import { isRemembered, sessionLifetimeMs } from '@portcullis/domain-session-rules';
import type { z } from 'zod';
import type { SessionEndings } from './end-sessions.js';
import { hashOf, newHandle, newSessionId } from './session-id.js';
import type { Asked, SessionParts } from './session-parts.js';

type Create = (typeof sessionContract)['operations']['create'];

/** The user's sessions were ended while this one was made: whoever signs in does it again, with what holds now. */
export class EndedMeanwhile extends Error {
  override readonly name = 'EndedMeanwhile';
  readonly code = 'ENDED_MEANWHILE';

  constructor() {
    super('the sessions of this user were ended while one was made');
  }
}

/** A session at level 1. The one it replaces ends when the new one is there: a sign-in that fails leaves it as it was. */
export async function createSession(
  parts: SessionParts,
  endings: SessionEndings,
  request: z.output<Create['request']>,
  asked: Asked,
): Promise<z.input<Create['reply']>> {
  const { store, journal, domains, now, counts, log } = parts;
  const { profile, domain, remember, device, replaces } = request;
  const settings = domains.get(domain);
  if (settings === undefined) return { outcome: 'unknown_domain' };

  const mark = await journal.mark();
  const nowMs = now();
  const remembered = isRemembered(remember, settings);
  const expiresAtMs = nowMs + sessionLifetimeMs(remembered, settings);
  const times = { createdAtMs: nowMs, issuedAtMs: nowMs, expiresAtMs, passwordAtMs: nowMs, totpAtMs: null };
  const record: SessionRecord = { v: 1, handle: newHandle(), profile, domain, remembered, ...times, elevation: null, device };
  const id = newSessionId();
  const session = { hash: hashOf(id), record };
  try {
    await store.create(session.hash, record, nowMs);
    // A row written before the session was in Redis finds it here, one written later finds it in Redis.
    if (await journal.endedSince(mark, record)) throw new EndedMeanwhile();
    if (replaces !== null) await endings.end(replaces, 'replaced', asked);
  } catch (error) {
    await endings.abandon(session);
    throw error;
  }
  counts.created();
  const { handle } = record;
  log.info('Session created', { username: profile.username, domain, handle, remembered, remote_ip: device.ip, request_id: asked.requestId });
  return { outcome: 'created', id, handle, expiresAtMs, remembered };
}
