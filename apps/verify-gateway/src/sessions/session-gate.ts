import type { EndReason } from '@portcullis/contracts-session';
import { sessionState, touchIntervalMs } from '@portcullis/domain-session-rules';
import { hash } from 'node:crypto';
import type { LastSeen } from './last-seen.js';
import type { LiveSession } from './live-session.js';
import type { SessionCache } from './session-cache.js';
import { type SessionReader, SessionsUnavailable } from './session-reader.js';

/** What the gate must know of the cookie domain a session is shown to. */
export interface SessionDomain {
  readonly domain: string;
  readonly inactivityMs: number;
}

export interface SessionGateOptions {
  readonly cache: SessionCache;
  readonly reader: SessionReader;
  readonly lastSeen: LastSeen;
  /** Asks the session service to end it; failures are its business to log, the gate refuses anyway. */
  readonly end: (id: string, reason: EndReason) => Promise<void>;
  /** `session.redis_outage: serve_cached`: while Redis is away, copies of when it went count for a minute. */
  readonly serveCached: boolean;
}

/**
 * From the id a browser shows to a session that counts here and now. Synchronous whenever memory knows it; a promise only for a
 * miss, or to ask Redis once before ending somebody for inactivity.
 */
export class SessionGate {
  readonly #ending = new Set<string>();
  #hits = 0;
  #misses = 0;
  constructor(private readonly options: SessionGateOptions) {}

  /** How often memory knew the session, or that there is none, and how often Redis was asked. */
  get lookups(): { readonly hits: number; readonly misses: number } {
    return { hits: this.#hits, misses: this.#misses };
  }

  /** @returns null: nobody. The promise rejects with SessionsUnavailable. */
  find(id: string, domain: SessionDomain, nowMs: number): LiveSession | null | Promise<LiveSession | null> {
    const shown = this.options.cache.getShown(id, nowMs);
    if (shown === undefined) return this.#findByHash(id, domain, nowMs);
    this.#hits++;
    return this.#judge(id, shown, domain, nowMs);
  }

  #findByHash(id: string, domain: SessionDomain, nowMs: number): LiveSession | null | Promise<LiveSession | null> {
    const { cache } = this.options;
    const key = hash('sha256', id, 'base64url');
    const known = cache.get(key, nowMs);
    if (known === undefined) {
      this.#misses++;
      return this.#read(key, nowMs).then((session) => (session === null ? null : this.#judge(id, session, domain, nowMs)));
    }
    this.#hits++;
    if (known === 'absent') return null;
    cache.show(id, known);
    return this.#judge(id, known, domain, nowMs);
  }

  #read(key: string, nowMs: number): Promise<LiveSession | null> {
    const { cache, reader, serveCached } = this.options;
    const read = reader.read(key);
    if (!serveCached) return read;
    return read.catch((fault: unknown) => {
      const known = fault instanceof SessionsUnavailable && fault.away ? cache.lastKnown(key, nowMs) : undefined;
      if (known === undefined) throw fault;
      return known;
    });
  }

  /** The copy of a session whose record was just changed must not serve the next request of the same person. */
  forget(id: string): void {
    this.options.cache.forget(hash('sha256', id, 'base64url'));
  }

  #judge(id: string, session: LiveSession, domain: SessionDomain, nowMs: number): LiveSession | null | Promise<LiveSession | null> {
    if (session.record.domain !== domain.domain) return this.#end(id, 'moved_domain');
    switch (sessionState(session, domain, nowMs)) {
      case 'live':
        return this.#seen(session, domain, nowMs);
      case 'expired':
        return null;
      case 'idle':
        return this.#askOthers(id, session, domain, nowMs);
    }
  }

  #seen(session: LiveSession, domain: SessionDomain, nowMs: number): LiveSession {
    if (nowMs > session.lastSeenMs) session.lastSeenMs = nowMs;
    if (nowMs - session.reportedMs >= touchIntervalMs(domain.inactivityMs)) {
      session.reportedMs = nowMs;
      this.options.lastSeen.note(session.hash, nowMs);
    }
    return session;
  }

  /** Another gate may have seen the person: read once before ending for inactivity. */
  async #askOthers(id: string, session: LiveSession, domain: SessionDomain, nowMs: number): Promise<LiveSession | null> {
    const elsewhereMs = await this.options.reader.lastSeen(session.hash);
    if (elsewhereMs !== null && elsewhereMs > session.lastSeenMs) {
      session.lastSeenMs = elsewhereMs;
      if (sessionState(session, domain, nowMs) === 'live') return this.#seen(session, domain, nowMs);
    }
    return this.#end(id, 'inactivity');
  }

  #end(id: string, reason: EndReason): null {
    if (this.#ending.has(id)) return null;
    this.#ending.add(id);
    this.options.cache.forgetLastKnown(hash('sha256', id, 'base64url'));
    void this.options.end(id, reason).finally(() => this.#ending.delete(id));
    return null;
  }

  /** A header names somebody else than the session does (reference 1.5): it is ended. */
  endAsImpostor(id: string): null {
    return this.#end(id, 'refused_factor');
  }
}
