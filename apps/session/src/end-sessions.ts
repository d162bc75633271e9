import type { EndReason } from '@portcullis/contracts-session';
import { RedisUnavailable } from '@portcullis/platform-redis';
import { endEverywhere } from './end-where.js';
import type { EndedSession } from './endings-journal.js';
import type { FoundSession } from './redis-session-store.js';
import { hashOf } from './session-id.js';
import { REPLAY_WAIT_MS, type Asked, type SessionParts } from './session-parts.js';

/** A request that ends a session under the id it had a moment ago means the session. */
const JUST_ROTATED_MS = 10_000;

/** A session in its last moment; null: its record is not known. */
type Ending = Pick<FoundSession, 'hash' | 'record'>;

interface SignIn {
  readonly username: string;
  readonly handle: string;
}

const signInOf = ({ record }: Ending): SignIn | null => (record === null ? null : { username: record.profile.username, handle: record.handle });

/**
 * Every ending is written down before Redis is touched, and reported once both are done. Where Redis fails, the row stays, the caller gets the
 * fault, and the session dies as soon as Redis can be spoken to.
 */
export class SessionEndings {
  constructor(private readonly parts: SessionParts) {}

  /** The sign-in, under whatever id it has by the time Redis is asked. */
  async end(id: string, reason: EndReason, asked: Asked): Promise<boolean> {
    const hash = hashOf(id);
    const found = await this.#look(hash, reason);
    const existed = found !== null && (await this.#endFound(found, reason, asked));
    const signIn = found === null ? await this.#justRotated(hash) : signInOf(found);
    const moved = signIn === null ? 0 : await this.endByHandle(signIn.username, signIn.handle, reason, asked);
    return existed || moved > 0;
  }

  /** Loops, for the sign-in may get a new id meanwhile. */
  async endByHandle(username: string, handle: string, reason: EndReason, asked: Asked): Promise<number> {
    const { store } = this.parts;
    for (let ended = 0; ;) {
      const found = await store.peekAll(await store.hashesOf(username));
      const mine = found.filter(({ record }) => record?.profile.username === username && record.handle === handle);
      if (mine.length === 0) return ended;
      for (const session of mine) if (await this.#endFound(session, reason, asked)) ended += 1;
    }
  }

  async endUser(username: string, exceptId: string | null, reason: EndReason, asked: Asked): Promise<number> {
    const { journal, store, now, log } = this.parts;
    const notBeforeMs = now();
    const kept = exceptId === null ? null : await this.#keptOf(username, exceptId);
    const exceptHandle = kept?.record?.handle ?? null;
    await journal.addBefore({ username, notBeforeMs, exceptHandle, reason, keepUntilMs: this.#longestFrom(notBeforeMs) });
    const ended = await this.#inRedis(() => store.endUser(username, kept?.hash ?? null));
    this.#count(reason, ended);
    if (ended > 0) log.info('Sessions of a user ended', { username, reason, ended, request_id: asked.requestId });
    return ended;
  }

  async endAll(reason: EndReason, asked: Asked): Promise<number> {
    const { journal, store, now, log } = this.parts;
    const notBeforeMs = now();
    await journal.addBefore({ username: null, notBeforeMs, exceptHandle: null, reason, keepUntilMs: this.#longestFrom(notBeforeMs) });
    const ended = await this.#inRedis(() => endEverywhere(store, (record) => record === null || record.createdAtMs <= notBeforeMs));
    this.#count(reason, ended);
    log.info('Every session ended', { reason, ended, request_id: asked.requestId });
    return ended;
  }

  async writeDown(session: Ending, reason: EndReason): Promise<void> {
    await this.parts.journal.add(this.#rowOf(session, reason));
  }

  /** It is about to get a new hash: whoever ends it by the old one from now on means the new one too. */
  async announceRotation(session: Ending): Promise<void> {
    await this.parts.journal.announce(this.#rowOf(session, 'rotated'));
  }

  /** A session whose id nobody will be given, and perhaps in Redis. */
  async abandon(session: Ending): Promise<void> {
    await this.writeDown(session, 'revoked');
    this.parts.keeper.owe();
  }

  // Where Redis cannot tell whether there is such a session, or may still bring one back, the ending is written down all the same.
  async #look(hash: string, reason: EndReason): Promise<FoundSession | null> {
    const { store, keeper } = this.parts;
    try {
      const found = await store.peek(hash);
      if (found === null) await keeper.ready(REPLAY_WAIT_MS);
      return found;
    } catch (error) {
      await this.writeDown({ hash, record: null }, reason);
      keeper.owe();
      throw error;
    }
  }

  async #endFound(found: FoundSession, reason: EndReason, asked: Asked): Promise<boolean> {
    await this.writeDown(found, reason);
    const existed = await this.#inRedis(() => this.parts.store.end(found));
    if (!existed) return false;
    this.#count(reason, 1);
    const { username } = found.record?.profile ?? {};
    const { handle, domain } = found.record ?? {};
    this.parts.log.info('Session ended', { username, domain, handle, reason, request_id: asked.requestId });
    return true;
  }

  async #justRotated(hash: string): Promise<SignIn | null> {
    const row = await this.parts.journal.find(hash);
    if (row?.reason !== 'rotated' || this.parts.now() - row.atMs > JUST_ROTATED_MS) return null;
    return row.username === null || row.handle === null ? null : { username: row.username, handle: row.handle };
  }

  // Where Redis cannot say whose it is, it does not stay either.
  async #keptOf(username: string, id: string): Promise<FoundSession | null> {
    const found = await this.parts.store.peek(hashOf(id)).catch((error: unknown) => {
      if (error instanceof RedisUnavailable) return null;
      throw error;
    });
    return found?.record?.profile.username === username ? found : null;
  }

  async #inRedis<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      this.parts.keeper.owe();
      throw error;
    }
  }

  #count(reason: EndReason, ended: number): void {
    if (ended > 0) this.parts.counts.ended(reason, ended);
  }

  #rowOf({ hash, record }: Ending, reason: EndReason): EndedSession {
    const keepUntilMs = record?.expiresAtMs ?? this.#longestFrom(this.parts.now());
    return { hash, username: record?.profile.username ?? null, handle: record?.handle ?? null, reason, keepUntilMs };
  }

  #longestFrom(nowMs: number): number {
    return nowMs + this.parts.longestLifetimeMs;
  }
}
