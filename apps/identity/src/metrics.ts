import { Counter, Histogram, type Registry } from 'prom-client';
import type { Digests } from '@portcullis/platform-digests';
import { gauge, oneLook } from '@portcullis/platform-telemetry';
import type { NoticeCounts } from './notices.js';
import type { Users } from './users.js';

/** How a sign-in of one factor ended; `used`: a right code a second time. */
export type SignInOutcome = 'success' | 'refused' | 'banned' | 'used';

export type SignInFactor = 'password' | 'totp' | 'recovery_code';

/** What the identity service counts. */
export interface Metrics {
  countSignIn(factor: SignInFactor, outcome: SignInOutcome): void;
  countBan(kind: 'user' | 'ip', factor: SignInFactor): void;
  /** The work's result; its time, waiting for a slot included, is observed however it ends. */
  timeHash<T>(work: () => Promise<T>): Promise<T>;
  /** A password that is tried, from the question to the answer, null where it is refused; observed only where somebody asks for it. */
  timeTry<T>(work: () => Promise<T | null>): Promise<T | null>;
  /** How long a request waited for a place among those that hash. */
  observeWait(waitMs: number): void;
}

/** A login waits for a slot at most three seconds and hashes for tens to hundreds of milliseconds. */
const WAIT_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 1.5, 2, 2.5, 3];
const HASH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 3, 5];

export function createMetrics(registry: Registry, digests: Pick<Digests, 'busy' | 'waiting'>, users: Pick<Users, 'directory' | 'valid'>): Metrics {
  const registers = [registry];
  const signIns = new Counter({
    name: 'portcullis_identity_sign_ins_total',
    help: 'Sign-ins by factor and outcome.',
    labelNames: ['factor', 'outcome'],
    registers,
  });
  const bans = new Counter({ name: 'portcullis_identity_bans_total', help: 'Automatic bans.', labelNames: ['kind', 'factor'], registers });
  const hashing = new Histogram({
    name: 'portcullis_identity_hash_seconds',
    help: 'Time of one password hash, waiting for a slot included.',
    buckets: HASH_BUCKETS,
    registers,
  });
  const waiting = new Histogram({
    name: 'portcullis_identity_password_wait_seconds',
    help: 'How long a request that needs a hash waited for its place.',
    buckets: WAIT_BUCKETS,
    registers,
  });
  gauge(registry, 'portcullis_identity_users', 'Users there are, disabled ones too.', () => users.directory.users.length);
  gauge(registry, 'portcullis_identity_users_file_valid', 'Whether the users in force are those of the file (or table) as it is now.', () =>
    users.valid ? 1 : 0,
  );
  gauge(registry, 'portcullis_identity_hash_slots_busy', 'Hashing slots at work.', () => digests.busy());
  gauge(registry, 'portcullis_identity_hash_waiting', 'Hashes that wait for a slot.', () => digests.waiting());
  return {
    countSignIn: (factor, outcome) => {
      signIns.inc({ factor, outcome });
    },
    countBan: (kind, factor) => {
      bans.inc({ kind, factor });
    },
    timeHash: async (work) => {
      const stop = hashing.startTimer();
      try {
        return await work();
      } finally {
        stop();
      }
    },
    timeTry: (work) => work(),
    observeWait: (waitMs) => {
      waiting.observe(Math.max(0, waitMs) / 1000);
    },
  };
}

/** Notices that have not arrived, asked for at each scrape. */
export function measureNotices(registry: Registry, counts: () => Promise<NoticeCounts>): void {
  // The other numbers are worth having while the store is away.
  const look = oneLook(() => counts().catch(() => null));
  const read = (name: string, help: string, pick: (counted: NoticeCounts) => number): void => {
    gauge(registry, name, help, async () => {
      const counted = await look();
      return counted && pick(counted);
    });
  };
  read('portcullis_identity_notices_waiting', 'Notices that are under way.', ({ waiting }) => waiting);
  read('portcullis_identity_notices_failed', 'Notices the queue gave up, until somebody retries or drops them.', ({ failed }) => failed);
  read('portcullis_identity_notices_oldest_waiting_seconds', 'Age of the oldest notice under way.', ({ oldestWaitingMs }) => oldestWaitingMs / 1000);
}
