import { type SessionKeys, sessionRecord, type SessionRecord } from '@portcullis/contracts-session';
import type { Redis } from '@portcullis/platform-redis';
import type { KeyRing } from '@portcullis/platform-seal';
import { type LiveSession, liveSession } from './live-session.js';
import type { SessionCache } from './session-cache.js';

/** Sessions cannot be told now: Redis is away, its endings are not replayed yet, or too many ask at once. Answered 503. */
export class SessionsUnavailable extends Error {
  readonly code = 'SESSIONS_UNAVAILABLE';
  override readonly name = 'SessionsUnavailable';
  /** Redis said nothing at all. */
  readonly away: boolean;

  constructor(message: string, { away = false, cause }: { readonly away?: boolean; readonly cause?: unknown } = {}) {
    super(message, cause === undefined ? {} : { cause });
    this.away = away;
  }
}

/** Reads in flight at most; the herd behind a flush is what this is for. */
const MAX_READS = 512;

export interface SessionReaderOptions {
  readonly redis: Redis;
  readonly cache: SessionCache;
  readonly ring: KeyRing;
  readonly keys: SessionKeys;
  /** The `run_id` of the Redis behind `redis`, or null while unknown or not to be believed. */
  readonly runId: () => string | null;
  readonly now: () => number;
  /** A value that does not open or parse: named in the log, the person signs in again. */
  readonly onUnreadable: (hash: string, error: unknown) => void;
}

/** One read of Redis per session and moment, however many requests wait for it. */
export class SessionReader {
  readonly #reads = new Map<string, Promise<LiveSession | null>>();
  constructor(private readonly options: SessionReaderOptions) {}

  /** @returns null: there is no such session. Rejects with SessionsUnavailable. */
  read(hash: string): Promise<LiveSession | null> {
    const waiting = this.#reads.get(hash);
    if (waiting !== undefined) return waiting;
    if (this.#reads.size >= MAX_READS) return Promise.reject(new SessionsUnavailable('too many session reads at once'));
    const read = this.#read(hash).finally(() => {
      if (this.#reads.get(hash) === read) this.#reads.delete(hash);
    });
    this.#reads.set(hash, read);
    return read;
  }

  /** The key changed: whoever asks from now on must not join a read begun before. */
  forget(hash: string): void {
    this.#reads.delete(hash);
  }

  forgetAll(): void {
    this.#reads.clear();
  }

  /** When it was last seen by any gate, milliseconds; null: never. */
  async lastSeen(hash: string): Promise<number | null> {
    const score = await this.#ask(() => this.options.redis.zscore(this.options.keys.seen, hash));
    return score === null ? null : Number(score);
  }

  async #read(hash: string): Promise<LiveSession | null> {
    const { cache, now } = this.options;
    const token = cache.begin(hash);
    try {
      const session = await this.#fetch(hash);
      cache.store(hash, token, session, now());
      return session;
    } finally {
      cache.abandon(hash, token);
    }
  }

  async #fetch(hash: string): Promise<LiveSession | null> {
    const { ring, keys, redis, now } = this.options;
    const key = keys.session(hash);
    const [[sealed, epoch], seen] = await this.#ask(() => Promise.all([redis.mgetBuffer(key, keys.epoch), redis.zscore(keys.seen, hash)]));
    const runId = this.options.runId();
    if (runId === null) throw new SessionsUnavailable('the Redis that answers is not known to be the one that counts');
    if (epoch?.toString() !== runId) throw new SessionsUnavailable('the endings of sessions are not replayed yet');
    const record = sealed ? this.#open(ring, sealed, key, hash) : null;
    return record === null ? null : liveSession(hash, record, seen === null ? null : Number(seen), now());
  }

  #open(ring: KeyRing, sealed: Buffer, key: string, hash: string): SessionRecord | null {
    try {
      return sessionRecord.parse(JSON.parse(ring.open(sealed, key).toString()));
    } catch (error) {
      this.options.onUnreadable(hash, error);
      return null;
    }
  }

  async #ask<T>(question: () => Promise<T>): Promise<T> {
    try {
      return await question();
    } catch (error) {
      throw new SessionsUnavailable('Redis does not answer', { away: true, cause: error });
    }
  }
}
