import { type LiveSession } from './live-session.js';

/** How long a copy may serve whatever happens (house.md, Sessions). */
const MAX_AGE_MS = 60_000;
const MAX_SESSIONS = 50_000;
const MAX_ABSENT = 50_000;

/** What memory knows of a session: it, that there is none, or nothing. */
export type Remembered = LiveSession | 'absent' | undefined;

/**
 * The gate's copies of sessions, kept coherent by Redis: forgotten one by one as their keys change, all at once whenever
 * that cannot be promised. Bounded; the oldest copy goes first.
 */
export class SessionCache {
  readonly #sessions = new Map<string, LiveSession>();
  readonly #absent = new Set<string>();
  /** Reads under way: a read may be stored only if nothing was forgotten since it began. */
  readonly #reading = new Map<string, symbol>();
  #coherent = false;

  get coherent(): boolean {
    return this.#coherent;
  }
  get size(): number {
    return this.#sessions.size;
  }

  get(hash: string, nowMs: number): Remembered {
    if (!this.#coherent) return undefined;
    const session = this.#sessions.get(hash);
    if (session !== undefined) return nowMs - session.readAtMs < MAX_AGE_MS ? session : undefined;
    return this.#absent.has(hash) ? 'absent' : undefined;
  }

  /** Before a read is sent: the token that lets its answer be stored. */
  begin(hash: string): symbol {
    const token = Symbol(hash);
    this.#reading.set(hash, token);
    return token;
  }

  /** After the answer came. Stores nothing when the key changed meanwhile: the invalidation may have overtaken the answer. */
  store(hash: string, token: symbol, session: LiveSession | null): void {
    if (this.#reading.get(hash) !== token) return;
    this.#reading.delete(hash);
    if (!this.#coherent) return;
    this.#sessions.delete(hash);
    if (session === null) {
      if (this.#absent.size >= MAX_ABSENT) this.#absent.clear();
      this.#absent.add(hash);
      return;
    }
    this.#sessions.set(hash, session);
    if (this.#sessions.size > MAX_SESSIONS) this.#sessions.delete(this.#sessions.keys().next().value as string);
  }

  /** The key of that session changed in any way. */
  forget(hash: string): void {
    this.#sessions.delete(hash);
    this.#absent.delete(hash);
    this.#reading.delete(hash);
  }

  /** Coherence holds from now on: copies may be made. */
  open(): void {
    this.clear();
    this.#coherent = true;
  }

  /** Coherence cannot be promised: nothing is remembered until open(). */
  close(): void {
    this.#coherent = false;
    this.clear();
  }

  clear(): void {
    this.#sessions.clear();
    this.#absent.clear();
    this.#reading.clear();
  }
}
