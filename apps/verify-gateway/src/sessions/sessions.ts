import type { EndReason, sessionContract, SessionKeys } from '@portcullis/contracts-session';
import type { Redis } from '@portcullis/platform-redis';
import type { Client } from '@portcullis/platform-rpc';
import type { KeyRing } from '@portcullis/platform-seal';
import type { Logger } from '@portcullis/platform-telemetry';
import type { SessionsLook } from '../metrics.js';
import { Coherence } from './coherence.js';
import { LastSeen } from './last-seen.js';
import { SessionCache } from './session-cache.js';
import { SessionGate } from './session-gate.js';
import { SessionReader } from './session-reader.js';

export interface SessionsOptions {
  readonly reader: Redis;
  readonly channel: Redis;
  readonly ring: KeyRing;
  readonly keys: SessionKeys;
  readonly session: Pick<Client<typeof sessionContract>, 'end'>;
  readonly logger: Logger;
  readonly now: () => number;
  /** `session.redis_outage: serve_cached`. */
  readonly serveCached: boolean;
  /** How long the invalidation of a key that was written took to arrive. */
  readonly onLag: (seconds: number) => void;
}

export interface Sessions {
  readonly gate: SessionGate;
  /** Why a verify of somebody signed in could not be answered now; empty: it could. */
  readonly problems: () => readonly string[];
  readonly look: () => SessionsLook;
  /** Resolves when sessions are served from memory, or after timeoutMs. */
  settled(timeoutMs: number): Promise<void>;
  stop(): Promise<void>;
}

/** The gate's view of sessions: cache, reader, coherence and last-seen, wired to each other. */
export function sessionsOf({ reader: redis, channel, ring, keys, session, logger, now, serveCached, onLag }: SessionsOptions): Sessions {
  const cache = new SessionCache();
  const waiting = new Set<() => void>();
  const reader: SessionReader = new SessionReader({
    redis,
    cache,
    ring,
    keys,
    now,
    runId: () => coherence.runId(),
    onUnreadable: (hash, error) => {
      logger.warn('A session cannot be read and counts as none', { session: hash.slice(0, 8), error: String(error) });
    },
  });
  const coherence = new Coherence({
    reader: redis,
    channel,
    keys,
    cache,
    onForget: (hash) => {
      reader.forget(hash);
    },
    onForgetAll: () => {
      reader.forgetAll();
    },
    now,
    onLag,
    onChange: (coherent, reason) => {
      if (coherent) for (const done of waiting) done();
      if (coherent) logger.info('Sessions are served from memory', { reason });
      else if (serveCached && cache.isLastKnownKept(now())) logger.warn('Sessions are served as they were, for a minute at most', { reason });
      else logger.warn('Sessions are not served from memory', { reason });
    },
  });
  const lastSeen = new LastSeen(redis, keys, (error) => {
    logger.debug('Last-seen times wait for Redis', { error: String(error) });
  });
  const end = async (id: string, reason: EndReason): Promise<void> => {
    await session.end({ id, reason }).catch((error: unknown) => {
      logger.warn('A session that is refused could not be ended', { reason, error: String(error) });
    });
  };
  coherence.start();
  lastSeen.start();
  const gate = new SessionGate({ cache, reader, lastSeen, end, serveCached });
  return {
    gate,
    look: () => ({ lookups: gate.lookups, coherent: cache.coherent, kept: cache.size.sessions }),
    problems: () => (cache.coherent || (serveCached && cache.isLastKnownKept(now())) ? [] : ['sessions cannot be read from Redis']),
    settled: (timeoutMs) =>
      new Promise((resolve) => {
        const done = (): void => {
          clearTimeout(timer);
          waiting.delete(done);
          resolve();
        };
        const timer = setTimeout(done, timeoutMs);
        waiting.add(done);
        if (cache.coherent) done();
      }),
    stop: async () => {
      coherence.stop();
      await lastSeen.stop();
    },
  };
}
