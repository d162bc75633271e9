import type { LiveSession } from './live-session.js';

/** How long a copy may serve whatever happens (house.md, Sessions). */
const MAX_AGE_MS = 60_000;
const MAX_SESSIONS = 50_000;
const MAX_ABSENT = 50_000;
/** How long copies may still be asked for once nobody tells what changed. */
const MAX_OUTAGE_MS = 60_000;

/** What memory knows of a session: it, that there is none, or nothing. */
export type Remembered = LiveSession | 'absent' | undefined;

/**
 * The gate's copies of sessions, kept coherent by Redis: forgotten one by one as their keys change, all at once whenever
 * that cannot be promised. Bounded; the oldest copy goes first.
 */
export class SessionCache {
  #sessions = new Map<string, LiveSession>();
  /** What it held when Redis went away, less what was seen to end since; asked for by `lastKnown` alone. */
  #lastKnown = new Map<string, LiveSession>();
  #awaySinceMs = 0;
  /** The same copies by the ids that browsers show: hashing one costs more than all the rest of a hit. */
  readonly #shown = new Map<string, LiveSession>();
  /** Ids without a session, and when that was read. */
  readonly #absent = new Map<string, number>();
  /** Reads under way: a read may be stored only if nothing was forgotten since it began. */
  readonly #reading = new Map<string, symbol>();
  #coherent = false;

  get coherent(): boolean {
    return this.#coherent;
  }
  /** Copies kept, and reads under way. */
  get size(): { readonly sessions: number; readonly absent: number; readonly reading: number } {
    return { sessions: this.#sessions.size, absent: this.#absent.size, reading: this.#reading.size };
  }

  /** The copy last found under this very id; undefined says nothing. */
  getShown(id: string, nowMs: number): LiveSession | undefined {
    const session = this.#shown.get(id);
    return session !== undefined && this.#coherent && nowMs - session.readAtMs < MAX_AGE_MS ? session : undefined;
  }

  /** The id belongs to that session: as long as its copy is kept, getShown() finds it. */
  show(id: string, session: LiveSession): void {
    if (this.#sessions.get(session.hash) !== session) return;
    session.shownAs = id;
    this.#shown.set(id, session);
  }

  get(hash: string, nowMs: number): Remembered {
    if (!this.#coherent) return undefined;
    const session = this.#sessions.get(hash);
    if (session !== undefined) return nowMs - session.readAtMs < MAX_AGE_MS ? session : undefined;
    const absentAtMs = this.#absent.get(hash);
    return absentAtMs !== undefined && nowMs - absentAtMs < MAX_AGE_MS ? 'absent' : undefined;
  }

  /** Before a read is sent: the token that lets its answer be stored. */
  begin(hash: string): symbol {
    const token = Symbol(hash);
    this.#reading.set(hash, token);
    return token;
  }

  /** After the answer came. Stores nothing when the key changed meanwhile: the invalidation may have overtaken the answer. */
  store(hash: string, token: symbol, session: LiveSession | null, nowMs: number): void {
    this.forgetLastKnown(hash);
    if (!this.abandon(hash, token) || !this.#coherent) return;
    this.#drop(hash);
    if (session === null) {
      if (this.#absent.size >= MAX_ABSENT) this.#absent.clear();
      this.#absent.set(hash, nowMs);
      return;
    }
    this.#sessions.set(hash, session);
    if (this.#sessions.size > MAX_SESSIONS) this.#drop(this.#sessions.keys().next().value as string);
  }

  /** No answer came, or none that may be stored. True: the token was still good. */
  abandon(hash: string, token: symbol): boolean {
    return this.#reading.get(hash) === token && this.#reading.delete(hash);
  }

  /** The key of that session changed in any way. */
  forget(hash: string): void {
    this.#drop(hash);
    this.#reading.delete(hash);
    this.forgetLastKnown(hash);
  }

  /** Whoever is refused now is so for as long as Redis is away. */
  forgetLastKnown(hash: string): void {
    this.#lastKnown.delete(hash);
  }

  /** The copy there was when Redis went away, for a minute from then; undefined says nothing. */
  lastKnown(hash: string, nowMs: number): LiveSession | undefined {
    return this.isLastKnownKept(nowMs) ? this.#lastKnown.get(hash) : undefined;
  }

  isLastKnownKept(nowMs: number): boolean {
    return nowMs - this.#awaySinceMs < MAX_OUTAGE_MS;
  }

  #drop(hash: string): void {
    const id = this.#sessions.get(hash)?.shownAs;
    if (id) this.#shown.delete(id);
    this.#sessions.delete(hash);
    this.#absent.delete(hash);
  }

  /** Coherence holds from now on: copies may be made. */
  open(): void {
    this.#dropLastKnown();
    this.clear();
    this.#coherent = true;
  }

  /** Coherence cannot be promised: nothing is remembered until open(), and no copy may be used any more. */
  close(): void {
    this.#dropLastKnown();
    this.#shut();
  }

  /** The same because Redis went away, which last answered at that time: lastKnown() has the copies of then. */
  closeAsAway(sinceMs: number): void {
    if (this.#coherent) {
      this.#lastKnown = this.#sessions;
      this.#sessions = new Map();
      this.#awaySinceMs = sinceMs;
    }
    this.#shut();
  }

  #shut(): void {
    this.#coherent = false;
    this.clear();
  }

  #dropLastKnown(): void {
    this.#lastKnown = new Map();
    this.#awaySinceMs = 0;
  }

  clear(): void {
    this.#sessions.clear();
    this.#shown.clear();
    this.#absent.clear();
    this.#reading.clear();
  }
}
