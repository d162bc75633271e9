import { NOTICE_QUEUE, NOTICE_SEAL_PURPOSE, type NoticeJob, queuePrefixUnder } from '@portcullis/contracts-notifier';
import { connectRedis, type Redis, type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import type { Logger } from '@portcullis/platform-telemetry';
import { Queue } from 'bullmq';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';
import type { NoticeTable } from './migrations-notices.js';
import { attemptsWithin, nextLookMs } from './notice-schedule.js';
import { EXPIRED, type NoticeOutbox } from './notices.js';

export interface NoticeRelayOptions {
  readonly db: Database;
  readonly outbox: NoticeOutbox;
  readonly redis: RedisSettings & { readonly keyPrefix: string };
  /** `rpc.secret`: the first seals. */
  readonly secrets: readonly string[];
  readonly log: Logger;
  readonly now: () => number;
  /** Before the second attempt of a delivery; each later one waits twice as long. */
  readonly backoffMs?: number;
  /** Between two looks for rows that nobody told of. */
  readonly lookEveryMs?: number;
}

type Row = Selectable<NoticeTable>;

const BATCH = 100;
/** Redis answers in milliseconds or is gone without having said so. */
const ANSWER_MS = 5000;
/** A job that is done stays for a while, so that a row that was just delivered cannot be added again. */
const KEEP_DONE = { age: 600, count: 1000 };

/** Carries rows of the outbox into the queue: at once when told, and again as long as nobody acknowledges them. Adding a row twice makes one job. */
export class NoticeRelay {
  readonly #options: NoticeRelayOptions;
  readonly #ring: KeyRing;
  #redis: Redis | undefined;
  #queue: Queue<NoticeJob> | undefined;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;
  #looking: Promise<void> | undefined;
  #again = false;
  #closed = false;

  constructor(options: NoticeRelayOptions) {
    this.#options = options;
    this.#ring = createKeyRing(options.secrets, NOTICE_SEAL_PURPOSE);
  }

  start(): void {
    const { redis, outbox, lookEveryMs = 1000 } = this.#options;
    this.#redis = connectRedis(redis, { name: 'portcullis-identity-notices', role: 'queue', onEvent: this.#follow.bind(this) });
    this.#queue = new Queue(NOTICE_QUEUE, { connection: this.#redis, prefix: queuePrefixUnder(redis.keyPrefix) });
    // The events of the connection tell the same.
    this.#queue.on('error', () => undefined);
    this.#unsubscribe = outbox.onWork(this.#wake.bind(this));
    this.#timer = setInterval(this.#wake.bind(this), lookEveryMs);
    this.#wake();
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#unsubscribe();
    clearInterval(this.#timer);
    // What is cut off is added again at the next start.
    this.#redis?.disconnect();
    await this.#looking;
    await this.#queue?.close().catch(() => undefined);
  }

  #follow(event: RedisEvent): void {
    const { log } = this.#options;
    if (this.#closed) return;
    if (event.kind === 'ready') this.#wake();
    else if (event.kind === 'lost') log.debug('Redis is away: notices wait in the store');
  }

  #wake(): void {
    if (this.#closed) return;
    if (this.#looking !== undefined) {
      this.#again = true;
      return;
    }
    this.#looking = this.#look()
      .catch((error: unknown) => {
        if (!this.#closed) this.#options.log.warn('Notices could not be put into the queue; it is tried again', { error: String(error) });
      })
      .finally(() => {
        this.#looking = undefined;
        if (this.#again) {
          this.#again = false;
          this.#wake();
        }
      });
  }

  async #look(): Promise<void> {
    const { db, now } = this.#options;
    const due = await db.selectFrom('notices').selectAll().where('due_at_ms', '<=', now()).orderBy('created_at_ms').limit(BATCH).execute();
    const expired = due.filter((row) => row.state === 'waiting' && row.expires_at_ms !== null && row.expires_at_ms <= now());
    for (const row of expired) await this.#expire(row);
    if (this.#redis?.status !== 'ready') return;
    for (const row of due) {
      if (expired.includes(row)) continue;
      if (row.state === 'waiting') await this.#add(row);
      else await this.#takeOut(row);
    }
    if (due.length === BATCH) this.#again = true;
  }

  async #expire(row: Row): Promise<void> {
    const { db, outbox, log } = this.#options;
    await outbox.withdraw(db, [row.id], row.last_error === null ? EXPIRED : `${EXPIRED}: ${row.last_error}`);
    log.warn('A notice was dropped: it expired before it could be delivered', { notice: row.id, username: row.username, title: row.title });
  }

  async #add(row: Row): Promise<void> {
    const { db, now, backoffMs = 2000 } = this.#options;
    const { id } = row;
    const sealed = await this.#sealed(row);
    if (sealed === null) return;
    if (row.requeue === 1 && (await this.#claimRequeue(id))) await this.#answer((queue) => queue.remove(id));
    const nowMs = now();
    const traceparent = this.#options.outbox.takeTrace(id);
    await this.#answer((queue) =>
      queue.add(
        'notice',
        { noticeId: id, sealed, ...(traceparent === undefined ? {} : { traceparent }) },
        {
          jobId: id,
          timestamp: row.created_at_ms,
          attempts: attemptsWithin(row.expires_at_ms === null ? null : row.expires_at_ms - nowMs, backoffMs),
          backoff: { type: 'exponential', delay: backoffMs },
          removeOnComplete: KEEP_DONE,
          removeOnFail: true,
        },
      ),
    );
    await db
      .updateTable('notices')
      .set({ due_at_ms: nextLookMs(row.created_at_ms, nowMs) })
      .where('id', '=', id)
      .where('state', '=', 'waiting')
      .where('requeue', '=', 0)
      .execute();
  }

  // One row that does not open must not keep the others from going.
  async #sealed(row: Row): Promise<string | null> {
    const { db, outbox, log } = this.#options;
    try {
      return this.#ring.seal(Buffer.from(JSON.stringify(outbox.payloadOf(row))), row.id).toString('base64');
    } catch (error) {
      log.error('A notice cannot be read from the store', { notice: row.id, username: row.username, title: row.title, error: String(error) });
      const failed = { state: 'failed', due_at_ms: null, last_error: `it cannot be read from the store: ${String(error)}` } as const;
      await db.updateTable('notices').set(failed).where('id', '=', row.id).where('state', '=', 'waiting').execute();
      return null;
    }
  }

  /** Two processes must not both take out and add: the second would find the job delivered and take it for an old one. */
  async #claimRequeue(id: string): Promise<boolean> {
    const { numUpdatedRows } = await this.#options.db
      .updateTable('notices')
      .set({ requeue: 0 })
      .where('id', '=', id)
      .where('requeue', '=', 1)
      .executeTakeFirst();
    return numUpdatedRows === 1n;
  }

  /** One that is just being delivered cannot be taken out. */
  async #takeOut({ id }: Row): Promise<void> {
    await this.#answer((queue) => queue.remove(id));
    await this.#options.db.updateTable('notices').set({ due_at_ms: null, requeue: 0 }).where('id', '=', id).where('state', '!=', 'waiting').execute();
  }

  async #answer(ask: (queue: Queue<NoticeJob>) => Promise<unknown>): Promise<void> {
    if (this.#queue === undefined) return;
    const asked = ask(this.#queue);
    asked.catch(() => undefined);
    let timer: NodeJS.Timeout | undefined;
    const silence = new Promise<never>((_, reject) => {
      timer = setTimeout(() => {
        this.#redis?.disconnect(true);
        reject(new Error(`no answer from Redis within ${ANSWER_MS} ms`));
      }, ANSWER_MS);
    });
    try {
      await Promise.race([asked, silence]);
    } finally {
      clearTimeout(timer);
    }
  }
}
