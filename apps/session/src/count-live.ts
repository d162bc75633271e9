import type { RedisSessionStore } from './redis-session-store.js';

export interface CountOptions {
  /** A count serves so long. */
  readonly everyMs: number;
  /** Whoever asks waits at most so long, and then hears the count before. */
  readonly waitMs: number;
  readonly now: () => number;
}

/** How many sessions there are, for the metrics; null where Redis does not say. One count at a time, however many ask. */
export function countLive(store: Pick<RedisSessionStore, 'scan'>, { everyMs, waitMs, now }: CountOptions): () => Promise<number | null> {
  let last: number | null = null;
  let countedAtMs = -Infinity;
  let counting: Promise<void> | undefined;
  const count = async (): Promise<void> => {
    try {
      const hashes = new Set<string>();
      for await (const page of store.scan()) for (const hash of page) hashes.add(hash);
      last = hashes.size;
      countedAtMs = now();
    } catch {
      last = null;
    } finally {
      counting = undefined;
    }
  };
  return async () => {
    if (now() - countedAtMs < everyMs) return last;
    let timer: NodeJS.Timeout | undefined;
    const patience = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, waitMs);
    });
    await Promise.race([(counting ??= count()), patience]).finally(() => {
      clearTimeout(timer);
    });
    return last;
  };
}
