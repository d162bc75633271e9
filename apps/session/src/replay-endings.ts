import { endEverywhere, endWhere } from './end-where.js';
import { endingRules } from './ending-rules.js';
import type { EndingsJournal } from './endings-journal.js';
import type { RedisSessionStore } from './redis-session-store.js';

const USERS_AT_ONCE = 200;

/** Ends in Redis whatever the journal says is dead. Idempotent: several replicas may do it at once. @returns how many were alive. */
export async function replayEndings(store: RedisSessionStore, journal: EndingsJournal): Promise<number> {
  let ended = 0;
  for await (const hashes of journal.sessionsInForce()) ended += await store.deleteAll(hashes);
  const { usernames, everybody, ends } = endingRules(await journal.beforeInForce(), await journal.profilesInForce());
  if (everybody) return ended + (await endEverywhere(store, ends));
  for (let at = 0; at < usernames.length; at += USERS_AT_ONCE) {
    const hashes = await Promise.all(usernames.slice(at, at + USERS_AT_ONCE).map((username) => store.hashesOf(username)));
    ended += await endWhere(store, hashes.flat(), ends);
  }
  return ended;
}
