import type { EndReason, SessionRecord } from '@portcullis/contracts-session';
import type { SessionSettings } from '@portcullis/domain-session-rules';
import type { Logger } from '@portcullis/platform-telemetry';
import type { EndingsJournal } from './endings-journal.js';
import type { EpochKeeper } from './epoch-keeper.js';
import type { RedisSessionStore } from './redis-session-store.js';

/** What the operations are made of. */
export interface SessionParts {
  readonly store: RedisSessionStore;
  readonly journal: EndingsJournal;
  readonly keeper: Pick<EpochKeeper, 'ready' | 'owe'>;
  /** By cookie domain. */
  readonly domains: ReadonlyMap<string, SessionSettings>;
  /** What a session may live at most, whatever its domain. */
  readonly longestLifetimeMs: number;
  readonly counts: SessionCounts;
  readonly log: Pick<Logger, 'info' | 'debug'>;
  readonly now: () => number;
}

export interface SessionCounts {
  created(): void;
  ended(reason: EndReason, count: number): void;
}

/** What an operation is told of the request it belongs to. */
export interface Asked {
  readonly requestId: string;
}

/** What a replay may take before a request that needs live sessions is a fault. */
export const REPLAY_WAIT_MS = 1000;

export const isAlive = (record: SessionRecord, nowMs: number): boolean => nowMs < record.expiresAtMs;
