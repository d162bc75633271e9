import type { SessionRecord, SessionSummary } from '@portcullis/contracts-session';
import { levelOf, sessionState, touchIntervalMs } from '@portcullis/domain-session-rules';
import type { RedisSessionStore } from './redis-session-store.js';
import { REPLAY_WAIT_MS, type SessionParts } from './session-parts.js';

const AT_ONCE = 500;

/** Those that would still be let in, newest first, of one user or (null) of everybody. */
export async function listSessions(parts: SessionParts, username: string | null, limit: number): Promise<readonly SessionSummary[]> {
  const { store, keeper } = parts;
  await keeper.ready(REPLAY_WAIT_MS);
  const byHandle = new Map<string, SessionSummary>();
  for await (const hashes of username === null ? store.scan() : pagesOf(await store.hashesOf(username))) {
    for (const summary of await summariesOf(store, hashes)) if (isListed(parts, summary, username)) byHandle.set(summary.handle, summary);
  }
  return [...byHandle.values()].sort((a, b) => b.createdAtMs - a.createdAtMs).slice(0, limit);
}

async function summariesOf(store: RedisSessionStore, hashes: readonly string[]): Promise<readonly SessionSummary[]> {
  const [found, seen] = await Promise.all([store.peekAll(hashes), store.lastSeen(hashes)]);
  const seenMs = new Map(hashes.map((hash, index) => [hash, seen[index] ?? 0]));
  return found.flatMap(({ hash, record }) => (record === null ? [] : [summaryOf(record, seenMs.get(hash) ?? 0)]));
}

/** The later of when the id was made and when a gateway wrote that it saw it. */
export const lastSeenOf = (record: SessionRecord, seenMs: number | null): number => Math.max(record.issuedAtMs, seenMs ?? 0);

function summaryOf(record: SessionRecord, seenMs: number): SessionSummary {
  const { handle, profile, domain, remembered, createdAtMs, expiresAtMs, device } = record;
  const times = { createdAtMs, expiresAtMs, lastSeenMs: lastSeenOf(record, seenMs) };
  return { handle, username: profile.username, domain, level: levelOf(record), remembered, ...times, device };
}

// Gateways write last-seen late by up to the touch interval: who was seen then may still be let in.
function isListed({ domains, now }: SessionParts, summary: SessionSummary, username: string | null): boolean {
  if (username !== null && summary.username !== username) return false;
  const settings = domains.get(summary.domain) ?? { inactivityMs: 0 };
  const lastSeenMs = summary.lastSeenMs + touchIntervalMs(settings.inactivityMs);
  return sessionState({ ...summary, lastSeenMs }, settings, now()) === 'live';
}

function* pagesOf(hashes: readonly string[]): Generator<readonly string[]> {
  for (let at = 0; at < hashes.length; at += AT_ONCE) yield hashes.slice(at, at + AT_ONCE);
}
