import { Gauge, type Registry } from 'prom-client';
import { type NoticeCounts } from './notices.js';

/** What the outbox holds, asked at each scrape: also what no notifier can tell, because none is there. */
export function registerNoticeMetrics(registry: Registry, outbox: { readonly counts: () => Promise<NoticeCounts> }): void {
  // One question serves all gauges of a scrape.
  let asking: Promise<NoticeCounts> | undefined;
  const ask = (): Promise<NoticeCounts> =>
    (asking ??= outbox.counts().finally(() => {
      asking = undefined;
    }));
  const gauge = (name: string, help: string, read: (counts: NoticeCounts) => number): void => {
    new Gauge({
      name,
      help,
      registers: [registry],
      async collect() {
        this.set(read(await ask()));
      },
    });
  };
  gauge('portcullis_identity_notices_waiting', 'Notices that have not arrived yet.', ({ waiting }) => waiting);
  gauge('portcullis_identity_notices_failed', 'Notices that were given up and wait for the operator.', ({ failed }) => failed);
  gauge(
    'portcullis_identity_notices_oldest_seconds',
    'Age of the oldest notice that has not arrived yet; 0 where there is none.',
    (counts) => counts.oldestWaitingMs / 1000,
  );
}
