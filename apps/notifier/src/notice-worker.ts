import { NOTICE_QUEUE, type NoticeJob, QUEUE_PREFIX } from '@portcullis/contracts-notifier';
import { connectRedis, type Redis, type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import { type Logger } from '@portcullis/platform-telemetry';
import { type OnApplicationShutdown, type OnModuleInit } from '@nestjs/common';
import { type Job, Queue, Worker } from 'bullmq';

const AT_ONCE = 4;

/** Takes notices from the queue. BullMQ blocks on one connection and works on another; both wait for Redis for ever. */
export class NoticeWorker implements OnModuleInit, OnApplicationShutdown {
  readonly queue: Queue<NoticeJob>;
  readonly #redis: Redis;
  readonly #worker: Worker<NoticeJob>;
  readonly #log: Logger;

  constructor(settings: RedisSettings, deliver: (job: Job<NoticeJob>) => Promise<void>, log: Logger) {
    this.#log = log;
    this.#redis = connectRedis(settings, { name: 'portcullis-notifier', role: 'queue', onEvent: this.#follow.bind(this) });
    this.queue = new Queue(NOTICE_QUEUE, { connection: this.#redis, prefix: QUEUE_PREFIX });
    this.#worker = new Worker(NOTICE_QUEUE, deliver, { connection: this.#redis, prefix: QUEUE_PREFIX, concurrency: AT_ONCE, autorun: false });
    // The events of the connection tell the same.
    this.queue.on('error', () => undefined);
    this.#worker.on('error', () => undefined);
  }

  onModuleInit(): void {
    void this.#worker.run();
  }

  /** What is under way is finished; what waits is another's, or the next start's. */
  async onApplicationShutdown(): Promise<void> {
    await this.#worker.close();
    this.#redis.disconnect();
    await this.queue.close().catch(() => undefined);
  }

  readonly isConnected = (): boolean => this.#redis.status === 'ready';

  #follow(event: RedisEvent): void {
    if (event.kind === 'error') this.#log.warn('Redis does not answer: notices wait', { error: event.error.message });
    else if (event.kind === 'ready') this.#log.debug('Redis answers');
  }
}
