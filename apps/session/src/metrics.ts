import { endReason } from '@portcullis/contracts-session';
import { gauge } from '@portcullis/platform-telemetry';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { SessionCounts } from './session-parts.js';

/** What the session service counts. */
export interface SessionMetrics extends SessionCounts {
  replayed(endedSessions: number): void;
  /** In seconds. */
  operation(name: string, outcome: 'answered' | 'failed', seconds: number): void;
}

/** `isCurrent` and `endingsKept` are asked at each scrape. */
export interface MetricSources {
  readonly isCurrent: () => boolean;
  readonly endingsKept: () => Promise<number>;
  /** null: Redis cannot tell. */
  readonly sessionsLive: () => Promise<number | null>;
}

const SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3];

export function createMetrics(registry: Registry, { isCurrent, endingsKept, sessionsLive }: MetricSources): SessionMetrics {
  const registers = [registry];
  const created = new Counter({ name: 'portcullis_sessions_created_total', help: 'Sessions that were begun.', registers });
  const ended = new Counter({
    name: 'portcullis_sessions_ended_total',
    help: 'Sessions that were ended, by reason; those that expired by themselves are not among them.',
    labelNames: ['reason'],
    registers,
  });
  for (const reason of endReason.options) ended.inc({ reason }, 0);
  const replays = new Counter({
    name: 'portcullis_session_replays_total',
    help: 'Times the endings in force were replayed: once for every Redis process, and after each failure.',
    registers,
  });
  const revenants = new Counter({
    name: 'portcullis_session_replay_ended_total',
    help: 'Ended sessions that a Redis had brought back, or that could not be ended at once.',
    registers,
  });
  const operations = new Histogram({
    name: 'portcullis_session_operation_seconds',
    help: 'Time of one operation, waiting for Redis included.',
    labelNames: ['operation', 'outcome'],
    buckets: SECONDS,
    registers,
  });
  gauge(
    registry,
    'portcullis_session_epoch_current',
    '1 while the endings in force are known to be replayed on the Redis that answers; people who are signed in get through.',
    () => (isCurrent() ? 1 : 0),
  );
  // The other numbers are worth having while the journal is away.
  gauge(registry, 'portcullis_session_endings_kept', 'Ended sessions the journal holds one by one.', () => endingsKept().catch(() => null));
  gauge(
    registry,
    'portcullis_sessions_live',
    'Sessions there are, in all of Redis: every replica says the same. Counted at most every 15 s; NaN where Redis does not answer.',
    sessionsLive,
  );
  return {
    created: () => {
      created.inc();
    },
    ended: (reason, count) => {
      ended.inc({ reason }, count);
    },
    replayed: (endedSessions) => {
      replays.inc();
      revenants.inc(endedSessions);
    },
    operation: (operation, outcome, seconds) => {
      operations.observe({ operation, outcome }, seconds);
    },
  };
}
