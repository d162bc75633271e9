import type { SessionKeys, SessionRecord } from '@portcullis/contracts-session';
import { orUnavailable, runScript, runScriptBuffer, type Redis } from '@portcullis/platform-redis';
import { createSession } from './create-session.lua.js';
import { endSession } from './end-session.lua.js';
import { endUser } from './end-user.lua.js';
import { EndingsNotReplayed } from './endings-not-replayed.js';
import { readSession } from './read-session.lua.js';
import { refreshSession } from './refresh-session.lua.js';
import { rotateSession } from './rotate-session.lua.js';
import type { SealedRecords } from './sealed-records.js';
import { isHash } from './session-id.js';

/** A session as it lay in Redis when it was read. */
export interface StoredSession {
  readonly hash: string;
  readonly sealed: Buffer;
  readonly record: SessionRecord;
}

/** The same, or (null) something that does not open. */
export type FoundSession = Omit<StoredSession, 'record'> & { readonly record: SessionRecord | null };

const AT_ONCE = 500;

/** The session keys of Redis. Everything throws RedisUnavailable; what reads or moves a live session throws EndingsNotReplayed too. */
export class RedisSessionStore {
  constructor(
    private readonly redis: Redis,
    private readonly keys: SessionKeys,
    private readonly records: SealedRecords,
  ) {}

  async create(hash: string, record: SessionRecord, nowMs: number): Promise<void> {
    const args = [this.records.seal(hash, record), record.expiresAtMs - nowMs, hash, record.expiresAtMs, nowMs];
    await runScript(this.redis, createSession, [this.keys.session(hash), this.keys.user(record.profile.username)], args);
  }

  async read(hash: string): Promise<StoredSession | null> {
    const reply = await runScriptBuffer(this.redis, readSession, [this.keys.session(hash), this.keys.epoch], []);
    const [outcome, sealed] = reply as [Buffer, Buffer?];
    if (outcome.toString() === 'not_replayed') throw new EndingsNotReplayed();
    const record = sealed === undefined ? null : this.records.open(hash, sealed);
    return sealed === undefined || record === null ? null : { hash, sealed, record };
  }

  /** What lies there, also while endings may still be owed to it: to end it, never to let somebody in. */
  async peek(hash: string): Promise<FoundSession | null> {
    const [found] = await this.peekAll([hash]);
    return found ?? null;
  }

  /** Those of `hashes` that are there. */
  async peekAll(hashes: readonly string[]): Promise<readonly FoundSession[]> {
    if (hashes.length === 0) return [];
    const values = await orUnavailable(this.redis.mgetBuffer(...hashes.map((hash) => this.keys.session(hash))));
    return hashes.flatMap((hash, index) => {
      const sealed = values[index];
      return sealed ? [{ hash, sealed, record: this.records.open(hash, sealed) }] : [];
    });
  }

  /** `changed`: read it again. */
  async rotate(from: StoredSession, hash: string, record: SessionRecord): Promise<'rotated' | 'changed' | 'gone'> {
    const keys = [this.keys.session(from.hash), this.keys.session(hash), this.keys.user(record.profile.username), this.keys.epoch];
    const args = [from.sealed, this.records.seal(hash, record), from.hash, hash, record.expiresAtMs];
    return replayed((await runScript(this.redis, rotateSession, keys, args)) as 'rotated' | 'changed' | 'gone' | 'not_replayed');
  }

  /** `changed`: read it again. */
  async refresh(from: StoredSession, record: SessionRecord): Promise<'refreshed' | 'changed' | 'gone'> {
    const args = [from.sealed, this.records.seal(from.hash, record)];
    const outcome = await runScript(this.redis, refreshSession, [this.keys.session(from.hash), this.keys.epoch], args);
    return replayed(outcome as 'refreshed' | 'changed' | 'gone' | 'not_replayed');
  }

  /** @returns whether there was one. A session nobody can open has no known user. */
  async end({ hash, record }: Pick<FoundSession, 'hash' | 'record'>): Promise<boolean> {
    const keys = [this.keys.session(hash), this.keys.user(record?.profile.username ?? '')];
    return (await runScript(this.redis, endSession, keys, [hash])) === 1;
  }

  /** @returns how many there were. */
  async endUser(username: string, exceptHash: string | null): Promise<number> {
    return (await runScript(this.redis, endUser, [this.keys.user(username)], [this.keys.sessions, exceptHash ?? ''])) as number;
  }

  /** Deletes by hash alone. @returns how many there were. */
  async deleteAll(hashes: readonly string[]): Promise<number> {
    return hashes.length === 0 ? 0 : orUnavailable(this.redis.del(...hashes.map((hash) => this.keys.session(hash))));
  }

  /** Newest expiry last; some may be gone by now. */
  async hashesOf(username: string): Promise<readonly string[]> {
    return orUnavailable(this.redis.zrange(this.keys.user(username), 0, '-1'));
  }

  /** Every session there is, some perhaps twice; one made meanwhile may be missed. */
  async *scan(): AsyncGenerator<readonly string[]> {
    let cursor = '0';
    do {
      const [next, keys] = await orUnavailable(this.redis.scan(cursor, 'MATCH', `${this.keys.sessions}*`, 'COUNT', AT_ONCE));
      cursor = next;
      yield keys.map((key) => key.slice(this.keys.sessions.length)).filter(isHash);
    } while (cursor !== '0');
  }

  /** When each was last seen by a gateway, or null. */
  async lastSeen(hashes: readonly string[]): Promise<readonly (number | null)[]> {
    if (hashes.length === 0) return [];
    const scores = await orUnavailable(this.redis.zmscore(this.keys.seen, ...hashes));
    return scores.map((score) => (score === null ? null : Number(score)));
  }
}

function replayed<Outcome extends string>(outcome: Outcome | 'not_replayed'): Exclude<Outcome, 'not_replayed'> {
  if (outcome === 'not_replayed') throw new EndingsNotReplayed();
  return outcome as Exclude<Outcome, 'not_replayed'>;
}
