import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import { type Digests } from '@portcullis/platform-digests';

/** How a sign-in of one factor ended; `used`: a right code a second time. */
export type SignInOutcome = 'success' | 'refused' | 'banned' | 'used';

/** What the identity service counts. */
export interface Metrics {
  countSignIn(factor: 'password' | 'totp', outcome: SignInOutcome): void;
  countBan(kind: 'user' | 'ip', factor: 'password' | 'totp'): void;
  /** The work's result; its time, waiting for a slot included, is observed however it ends. */
  timeHash<T>(work: () => Promise<T>): Promise<T>;
}

/** A login waits for a slot at most three seconds and hashes for tens to hundreds of milliseconds. */
const HASH_BUCKETS = [0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2, 3, 5];

export function createMetrics(registry: Registry, digests: Pick<Digests, 'busy' | 'waiting'>): Metrics {
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
  };
}

function gauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
