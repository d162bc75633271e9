/** The session keys in Redis (house.md, "Redis, written down"). Only the session service writes the first three. */
export const KEY_PREFIX = 'portcullis:';
export const SESSION_PREFIX = `${KEY_PREFIX}session:`;
/**
 * The `run_id` of the Redis whose endings were last replayed. A cached or read session counts only while this equals the
 * `run_id` of the connection: after a restart, a restore or a failover signed-in verifies are 503 until the replay is done.
 */
export const EPOCH_KEY = `${KEY_PREFIX}epoch`;
/** Sorted set: member = session hash, score = last seen, milliseconds. Outside the tracked prefix; written in batches by the gateway. */
export const SEEN_KEY = `${KEY_PREFIX}seen`;

/** @param hash base64url SHA-256 of the id */
export const sessionKey = (hash: string): string => SESSION_PREFIX + hash;
/** Sorted set of a user's session hashes, score = expiry, milliseconds. */
export const userKey = (username: string): string => `${KEY_PREFIX}user:${username}`;

/** What the value is sealed for; the key ring is made of `session.secret`. */
export const SESSION_SEAL_PURPOSE = 'session';
