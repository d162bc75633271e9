/** Redis is away, frozen, loading, full, read-only or refuses us: whatever the reason, what was asked may not have been done. */
export class RedisUnavailable extends Error {
  override readonly name = 'RedisUnavailable';
  readonly code = 'REDIS_UNAVAILABLE';
}

// Replies that say "not now" or "not you", also as a script passes them on (Redis 6 puts them behind `-`).
const NOT_NOW =
  /(?:^|-)(?:BUSY|CLUSTERDOWN|LOADING|MASTERDOWN|MISCONF|NOAUTH|NOPERM|NOREPLICAS|OOM|READONLY|UNKILLABLE|WRONGPASS|ERR max number of clients)\b/;

/** The answer, or RedisUnavailable with the cause. A mistake in the command itself (WRONGTYPE, a script's error) passes as it is. */
export async function orUnavailable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (cause) {
    withoutCommand(cause);
    if (cause instanceof RedisUnavailable || isMistake(cause)) throw cause;
    throw new RedisUnavailable(`Redis is not available: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

/** ioredis hangs the whole command on its errors, the password of AUTH among the arguments: no log may see that. */
export function withoutCommand(error: unknown): void {
  if (error instanceof Error && 'command' in error) delete error.command;
}

const isMistake = (cause: unknown): boolean => cause instanceof Error && cause.name === 'ReplyError' && !NOT_NOW.test(cause.message);
