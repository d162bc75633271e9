import { Registry } from 'prom-client';
import { expect, it } from 'vitest';
import { registerNoticeMetrics } from './notice-metrics.js';

it('asks the outbox once a scrape', async () => {
  const registry = new Registry();
  let asked = 0;
  registerNoticeMetrics(registry, {
    counts: () => {
      asked += 1;
      return Promise.resolve({ waiting: 3, failed: 1, oldestWaitingMs: 4500 });
    },
  });
  const lines = (await registry.metrics()).split('\n').filter((line) => !line.startsWith('#') && line !== '');
  expect(lines).toEqual([
    'portcullis_identity_notices_waiting 3',
    'portcullis_identity_notices_failed 1',
    'portcullis_identity_notices_oldest_seconds 4.5',
  ]);
  expect(asked).toBe(1);
  await registry.metrics();
  expect(asked).toBe(2);
});
