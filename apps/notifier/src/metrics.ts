import { type NoticeJob } from '@portcullis/contracts-notifier';
import { type Queue } from 'bullmq';
import { Counter, Gauge, type Registry } from 'prom-client';

export interface NoticeMeter {
  delivered(): void;
  /** `final`: the queue gave it up. */
  failed(final: boolean): void;
}

export function createMeter(registry: Registry): NoticeMeter {
  const delivered = new Counter({ name: 'portcullis_notices_delivered_total', help: 'Notices that were delivered.', registers: [registry] });
  const failed = new Counter({ name: 'portcullis_notice_failures_total', help: 'Tries that failed.', labelNames: ['final'], registers: [registry] });
  return {
    delivered: () => {
      delivered.inc();
    },
    failed: (final) => {
      failed.inc({ final: String(final) });
    },
  };
}

/** Asked of the queue at each scrape; a Redis that is away leaves the gauges as they were. */
export function watchQueue(registry: Registry, queue: Queue<NoticeJob>, now: () => number): void {
  const age = new Gauge({ name: 'portcullis_notice_oldest_seconds', help: 'Age of the oldest notice that waits.', registers: [registry] });
  const waiting = new Gauge({
    name: 'portcullis_notices_queued',
    help: 'Notices in the queue, waiting or to be tried again.',
    registers: [registry],
    collect: async () => {
      try {
        waiting.set(await queue.count());
        const [oldest] = await queue.getJobs(['waiting', 'delayed', 'active'], 0, 0, true);
        age.set(oldest === undefined ? 0 : Math.max(0, (now() - oldest.timestamp) / 1000));
      } catch {
        // The last figures stand.
      }
    },
  });
}
