import type { SessionRecord } from '@portcullis/contracts-session';
import type { FoundSession, RedisSessionStore } from './redis-session-store.js';

/** null: a session that does not open. */
export type Ends = (record: SessionRecord | null) => boolean;

const AT_ONCE = 500;

/** Ends those of `hashes` whose record says so. @returns how many. */
export async function endWhere(store: RedisSessionStore, hashes: readonly string[], ends: Ends): Promise<number> {
  let ended = 0;
  for (let at = 0; at < hashes.length; at += AT_ONCE) {
    const found = await store.peekAll(hashes.slice(at, at + AT_ONCE));
    ended += await endAllOf(
      store,
      found.filter(({ record }) => ends(record)),
    );
  }
  return ended;
}

/** The same among all sessions. One that gets a new hash behind the scan is for rotateSession to end. */
export async function endEverywhere(store: RedisSessionStore, ends: Ends): Promise<number> {
  let ended = 0;
  for await (const hashes of store.scan()) ended += await endWhere(store, hashes, ends);
  return ended;
}

async function endAllOf(store: RedisSessionStore, found: readonly FoundSession[]): Promise<number> {
  const existed = await Promise.all(found.map((session) => store.end(session)));
  return existed.filter(Boolean).length;
}
