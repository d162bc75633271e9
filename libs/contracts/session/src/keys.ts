/** The session keys in Redis (house.md, "Redis, written down"). Only the session service writes `session`, `user` and `epoch`. */
export interface SessionKeys {
  /** What every session's key begins with. */
  readonly sessions: string;
  /**
   * The `run_id` of the Redis whose endings were last replayed. A cached or read session counts only while this equals the
   * `run_id` of the connection: after a restart, a restore or a failover signed-in verifies are 503 until the replay is done.
   */
  readonly epoch: string;
  /** Sorted set: member = session hash, score = last seen, milliseconds. Outside the tracked prefix; written in batches by the gateway. */
  readonly seen: string;
  /** @param hash base64url SHA-256 of the id */
  session(hash: string): string;
  /** Sorted set of a user's session hashes, score = expiry, milliseconds. */
  user(username: string): string;
}

/** @param prefix `session.redis.key_prefix` */
export function sessionKeysUnder(prefix: string): SessionKeys {
  const sessions = `${prefix}session:`;
  return {
    sessions,
    epoch: `${prefix}epoch`,
    seen: `${prefix}seen`,
    session: (hash) => sessions + hash,
    user: (username) => `${prefix}user:${username}`,
  };
}

/** What the value is sealed for; the key ring is made of `session.secret`. */
export const SESSION_SEAL_PURPOSE = 'session';
