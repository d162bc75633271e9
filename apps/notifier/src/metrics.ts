import { gauge, oneLook } from '@portcullis/platform-telemetry';
import { Counter, type Registry } from 'prom-client';

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
  const lookOnce = oneLook(look);
  const read = (name: string, help: string, pick: (state: QueueState) => number): void => {
    gauge(registry, name, `${help}; NaN where Redis does not answer.`, async () => {
      const state = await lookOnce();
      return state && pick(state);
    });
  };
  read('portcullis_notifier_queued', 'Notices in the queue, those that wait for their next attempt included', ({ queued }) => queued);
  read('portcullis_notifier_oldest_seconds', 'Age of the oldest notice in the queue, 0 where there is none', ({ oldestMs }) => oldestMs / 1000);
  return {
    count: (outcome) => {
      deliveries.inc({ outcome });
    },
  };
}
