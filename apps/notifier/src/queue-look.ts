import { NOTICE_QUEUE } from '@portcullis/contracts-notifier';
import type { Redis } from '@portcullis/platform-redis';
import { Queue } from 'bullmq';
import type { QueueState } from './metrics.js';

const ANSWER_MS = 1000;

/** Looks into the queue for the metrics; null where it does not answer within a second. */
export function createQueueLook(
  redis: Redis,
  prefix: string,
): { readonly look: () => Promise<QueueState | null>; readonly close: () => Promise<void> } {
  const queue = new Queue(NOTICE_QUEUE, { connection: redis, prefix });
  // The worker tells the same.
  queue.on('error', () => undefined);
  const ask = async (): Promise<QueueState> => {
    const counts = await queue.getJobCounts('wait', 'active', 'delayed');
    const first = await queue.getJobs(['wait', 'active', 'delayed'], 0, 99, true);
    const oldest = Math.min(...first.map(({ timestamp }) => timestamp));
    return {
      queued: Object.values(counts).reduce((sum, count) => sum + count, 0),
      oldestMs: Number.isFinite(oldest) ? Math.max(0, Date.now() - oldest) : 0,
    };
  };
  const look = async (): Promise<QueueState | null> => {
    if (redis.status !== 'ready') return null;
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<null>((resolve) => {
      timer = setTimeout(resolve, ANSWER_MS, null);
    });
    const answer = ask().catch(() => null);
    return Promise.race([answer, silence]).finally(() => {
      clearTimeout(timer);
    });
  };
  return { look, close: () => queue.close() };
}
