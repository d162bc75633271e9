import { NOTICE_QUEUE, type NoticeJob } from '@portcullis/contracts-notifier';
import { type BeforeApplicationShutdown, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import type { Redis } from '@portcullis/platform-redis';
import type { Logger, Tracing } from '@portcullis/platform-telemetry';
import { DelayedError, type Job, UnrecoverableError, Worker } from 'bullmq';
import type { NoticeProcessor } from './process-notice.js';

export interface WorkerOptions {
  /** A connection of the role `queue`; the worker opens a second one like it. */
  readonly redis: Redis;
  /** Of the queue's keys. */
  readonly prefix: string;
  readonly processor: NoticeProcessor;
  readonly atOnce: number;
  readonly log: Logger;
  readonly tracing?: Tracing | undefined;
}

/** How soon a notice goes on whose notifier was killed over it: somebody waits for a code of five minutes. */
const LOCK_MS = 15_000;
const LOOK_FOR_STALLED_MS = 5000;
/** Between two attempts to tell that something was delivered. */
const TELL_AGAIN_MS = 2000;
/** Killed twice over one notice is no fault of the notice. */
const MOST_STALLS = 20;
const LOOK_FOR_REDIS_MS = 50;

/** Takes notices from the queue from the start of the application to its end, which waits for what is under way. */
@Injectable()
export class NoticeWorker implements OnApplicationBootstrap, BeforeApplicationShutdown {
  readonly #worker: Worker<NoticeJob>;
  readonly #redis: Redis;
  readonly #processor: NoticeProcessor;
  readonly #log: Logger;
  readonly #tracing: Tracing | undefined;

  constructor({ redis, prefix, processor, atOnce, log, tracing }: WorkerOptions) {
    this.#redis = redis;
    this.#processor = processor;
    this.#log = log;
    this.#tracing = tracing;
    this.#worker = new Worker(NOTICE_QUEUE, this.#process.bind(this), {
      connection: redis,
      prefix,
      autorun: false,
      concurrency: atOnce,
      lockDuration: LOCK_MS,
      stalledInterval: LOOK_FOR_STALLED_MS,
      maxStalledCount: MOST_STALLS,
    });
    this.#worker.on('error', (error) => {
      log.debug('The queue does not answer', { error: error.message });
    });
  }

  onApplicationBootstrap(): void {
    this.#worker.run().catch((error: unknown) => {
      this.#log.error('The queue is not read any more', { error: String(error) });
      process.exit(1);
    });
  }

  /** Without Redis the queue cannot be told of the end: then what is being delivered is waited for, and that is all. */
  async beforeApplicationShutdown(): Promise<void> {
    const closed = this.#worker.close();
    let timer: NodeJS.Timeout | undefined;
    const cutOff = new Promise<void>((resolve) => {
      timer = setInterval(() => {
        if (this.#redis.status !== 'ready' && !this.#processor.isDelivering) resolve();
      }, LOOK_FOR_REDIS_MS);
    });
    await Promise.race([closed, cutOff]).finally(() => {
      clearInterval(timer);
    });
    closed.catch(() => undefined);
  }

  #process(job: Job<NoticeJob>, token?: string): Promise<void> {
    const run = (): Promise<void> => this.#handle(job, token);
    return this.#tracing === undefined ? run() : this.#tracing.serve('notice', job.data.traceparent, run);
  }

  async #handle(job: Job<NoticeJob>, token?: string): Promise<void> {
    const number = job.attemptsMade + 1;
    const result = await this.#processor.run({
      data: job.data,
      number,
      isLast: number >= (job.opts.attempts ?? 1),
      markDelivered: (noticeId) => job.updateData({ noticeId, sealed: '' }),
    });
    switch (result.verdict) {
      case 'done':
        return;
      case 'unacknowledged':
        await job.moveToDelayed(Date.now() + TELL_AGAIN_MS, token);
        throw new DelayedError();
      case 'void':
        throw new UnrecoverableError(result.reason);
      case 'again':
        throw new Error(result.reason);
    }
  }
}
