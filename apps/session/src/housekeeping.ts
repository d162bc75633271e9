import type { SessionKeys } from '@portcullis/contracts-session';
import { orUnavailable, type Redis } from '@portcullis/platform-redis';
import type { EndingsJournal } from './endings-journal.js';

const EVERY_MS = 10 * 60_000;
const AT_ONCE = 500;

/** Takes out of `seen` whoever has no session any more. @returns how many. */
export async function purgeSeen(redis: Redis, keys: SessionKeys): Promise<number> {
  let removed = 0;
  let cursor = '0';
  do {
    const [next, pairs] = await orUnavailable(redis.zscan(keys.seen, cursor, 'COUNT', AT_ONCE));
    cursor = next;
    removed += await removeDead(
      redis,
      keys,
      pairs.filter((_, index) => index % 2 === 0),
    );
  } while (cursor !== '0');
  return removed;
}

async function removeDead(redis: Redis, keys: SessionKeys, hashes: readonly string[]): Promise<number> {
  const exist = await orUnavailable(Promise.all(hashes.map((hash) => redis.exists(keys.session(hash)))));
  const dead = hashes.filter((_, index) => exist[index] === 0);
  return dead.length === 0 ? 0 : orUnavailable(redis.zrem(keys.seen, ...dead));
}

export interface HousekeepingOptions {
  readonly redis: Redis;
  readonly keys: SessionKeys;
  readonly journal: EndingsJournal;
  readonly onFailure: (error: unknown) => void;
}

/** Now and every ten minutes: rows and members that can matter to no session any more. @returns what stops it. */
export function keepHouse({ redis, keys, journal, onFailure }: HousekeepingOptions): () => void {
  const tidy = async (): Promise<void> => {
    await journal.purge();
    if (redis.status === 'ready') await purgeSeen(redis, keys);
  };
  const run = (): void => {
    tidy().catch(onFailure);
  };
  run();
  const timer = setInterval(run, EVERY_MS);
  return () => {
    clearInterval(timer);
  };
}
