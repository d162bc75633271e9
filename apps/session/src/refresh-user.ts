import type { Profile } from '@portcullis/contracts-session';
import type { SessionEndings } from './end-sessions.js';
import { profileHash } from './profile-hash.js';
import { isAlive, REPLAY_WAIT_MS, type Asked, type SessionParts } from './session-parts.js';

export interface Refreshed {
  /** Sessions that carry the profile now, whether or not they did before. */
  readonly refreshed: number;
  readonly ended: number;
}

/** Every live session of the user carries this profile when it resolves; without one they are ended. Idempotent. */
export async function refreshUser(
  parts: SessionParts,
  endings: SessionEndings,
  { username, profile }: { readonly username: string; readonly profile: Profile | null },
  asked: Asked,
): Promise<Refreshed> {
  if (profile === null) return { refreshed: 0, ended: await endings.endUser(username, null, 'user_disabled', asked) };
  const { journal, keeper, log, now, longestLifetimeMs } = parts;
  await keeper.ready(REPLAY_WAIT_MS);
  const atMs = now();
  // Nothing is in force while sessions go from one profile to the other: a replay at that moment would end those that have it already.
  await journal.dropProfile(username);
  const refreshed = await refreshAll(parts, username, profile);
  // A Redis that comes back as it was must not bring back a group that was taken away. Who asks hears of it only now, and asks again until then.
  await journal.putProfile({ username, profileHash: profileHash(profile), atMs, keepUntilMs: atMs + longestLifetimeMs });
  if (refreshed > 0) log.info('Sessions carry the profile', { username, refreshed, request_id: asked.requestId });
  return { refreshed, ended: 0 };
}

// Again until there is no new hash: one that got it while we went through the others has the profile it was read with.
async function refreshAll({ store, now }: SessionParts, username: string, profile: Profile): Promise<number> {
  const seen = new Set<string>();
  let refreshed = 0;
  for (;;) {
    const unseen = (await store.hashesOf(username)).filter((hash) => !seen.has(hash));
    if (unseen.length === 0) return refreshed;
    for (const hash of unseen) {
      if (await refreshOne({ store, now }, hash, profile)) refreshed += 1;
      seen.add(hash);
    }
  }
}

async function refreshOne({ store, now }: Pick<SessionParts, 'store' | 'now'>, hash: string, profile: Profile): Promise<boolean> {
  for (;;) {
    const found = await store.read(hash);
    if (found === null || !isAlive(found.record, now())) return false;
    if (profileHash(found.record.profile) === profileHash(profile)) return true;
    const outcome = await store.refresh(found, { ...found.record, profile });
    if (outcome !== 'changed') return outcome === 'refreshed';
  }
}
