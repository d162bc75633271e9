import { Counter, Gauge, type Registry } from 'prom-client';

/** How one attempt ended; `given_up`: the last one failed, `expired`: the code or link had ended before it. */
export type Outcome = 'delivered' | 'failed' | 'given_up' | 'expired';
const OUTCOMES: readonly Outcome[] = ['delivered', 'failed', 'given_up', 'expired'];

/** What the queue holds; null: it cannot be asked. */
export interface QueueState {
  readonly queued: number;
  readonly oldestMs: number;
}

export interface Metrics {
  count(outcome: Outcome): void;
}

/** `look` is asked at each scrape. */
export function createMetrics(registry: Registry, look: () => Promise<QueueState | null>): Metrics {
  const registers = [registry];
  const deliveries = new Counter({
    name: 'portcullis_notifier_deliveries_total',
    help: 'Attempts to deliver a notice, by how they ended.',
    labelNames: ['outcome'],
    registers,
  });
  for (const outcome of OUTCOMES) deliveries.inc({ outcome }, 0);
  const oldest = new Gauge({
    name: 'portcullis_notifier_oldest_seconds',
    help: 'Age of the oldest notice in the queue; 0 where there is none, NaN where Redis does not answer.',
    registers,
  });
  new Gauge({
    name: 'portcullis_notifier_queued',
    help: 'Notices in the queue, those that wait for their next attempt included; NaN where Redis does not answer.',
    registers,
    async collect() {
      const state = await look();
      this.set(state?.queued ?? NaN);
      oldest.set(state === null ? NaN : state.oldestMs / 1000);
    },
  });
  return {
    count: (outcome) => {
      deliveries.inc({ outcome });
    },
  };
}
