import { notice as noticeSchema, noticeJob, noticeTitle, NOTICE_SEAL_PURPOSE, type Notice } from '@portcullis/contracts-notifier';
import type { identityContract } from '@portcullis/contracts-identity';
import type { Client } from '@portcullis/platform-rpc';
import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import type { Logger } from '@portcullis/platform-telemetry';
import { DeliveredIds } from './delivered-ids.js';
import type { Delivery } from './delivery.js';
import type { Metrics } from './metrics.js';
import { renderNotice } from './render-notice.js';
import type { Templates } from './templates.js';

type Acknowledge = Client<typeof identityContract>['acknowledgeNotice'];
type Result = Parameters<Acknowledge>[0]['result'];

export interface ProcessorOptions {
  /** `rpc.secret`: all open. */
  readonly secrets: readonly string[];
  readonly templates: Templates;
  readonly delivery: Delivery;
  readonly acknowledge: Acknowledge;
  readonly log: Logger;
  readonly metrics: Metrics;
  readonly now: () => number;
}

/** One attempt at a job, in the words of no queue. */
export interface Attempt {
  readonly data: unknown;
  /** From 1. */
  readonly number: number;
  readonly isLast: boolean;
  /** Takes the content out of the job and so marks it as delivered. */
  readonly markDelivered: (id: string) => Promise<void>;
}

/**
 * done: nothing is left to do. again: to be tried again after a pause that counts as an attempt. unacknowledged: delivered, and to be told again
 * until somebody hears it. void: nobody waits for it (any more).
 */
export type Verdict = { readonly verdict: 'done' | 'unacknowledged' } | { readonly verdict: 'again' | 'void'; readonly reason: string };

/** Opens a notice, delivers it and tells the identity service what became of it. */
export class NoticeProcessor {
  readonly #options: ProcessorOptions;
  readonly #ring: KeyRing;
  readonly #delivered = new DeliveredIds();
  readonly #underWay = new Map<string, Promise<void>>();

  constructor(options: ProcessorOptions) {
    this.#options = options;
    this.#ring = createKeyRing(options.secrets, NOTICE_SEAL_PURPOSE);
  }

  get isDelivering(): boolean {
    return this.#underWay.size > 0;
  }

  async run(attempt: Attempt): Promise<Verdict> {
    const { log, metrics, now } = this.#options;
    const job = noticeJob.safeParse(attempt.data);
    if (!job.success) {
      log.error('A job in the queue is no notice');
      return { verdict: 'void', reason: 'it is no notice' };
    }
    const { noticeId, sealed } = job.data;
    if (sealed === '' || this.#delivered.has(noticeId)) return this.#tellDelivered(noticeId);
    const notice = this.#open(noticeId, sealed);
    if (notice === null) return this.#fail({ id: noticeId, title: 'unreadable' }, attempt, 'it does not open: is rpc.secret the same everywhere?');
    const about = { id: noticeId, title: noticeTitle(notice) };
    if ('expiresAtMs' in notice && notice.expiresAtMs <= now()) {
      metrics.count('expired');
      log.warn('A notice was not delivered: it had expired', { notice: noticeId, title: about.title });
      await this.#tell(noticeId, { status: 'failed', error: 'it had expired', attempt: attempt.number, final: true });
      return { verdict: 'void', reason: 'it had expired' };
    }
    try {
      await this.#deliver(noticeId, notice);
    } catch (error) {
      return this.#fail(about, attempt, error instanceof Error ? error.message : String(error));
    }
    await attempt.markDelivered(noticeId).catch((error: unknown) => {
      log.debug('The queue did not hear of a delivery', { notice: noticeId, error: String(error) });
    });
    return this.#tellDelivered(noticeId);
  }

  #open(id: string, sealed: string): Notice | null {
    try {
      return noticeSchema.parse(JSON.parse(this.#ring.open(Buffer.from(sealed, 'base64'), id).toString()));
    } catch {
      return null;
    }
  }

  // The same notice can come a second time while it is under way, when the queue was emptied: both wait for the one delivery.
  #deliver(id: string, notice: Notice): Promise<void> {
    const underWay = this.#underWay.get(id) ?? this.#deliverNow(id, notice);
    this.#underWay.set(id, underWay);
    return underWay.finally(() => this.#underWay.delete(id));
  }

  async #deliverNow(id: string, notice: Notice): Promise<void> {
    const { templates, delivery, log, metrics } = this.#options;
    await delivery.deliver(id, renderNotice(notice, templates));
    this.#delivered.add(id);
    metrics.count('delivered');
    log.info('A notice was delivered', { notice: id, title: noticeTitle(notice) });
  }

  async #tellDelivered(id: string): Promise<Verdict> {
    return (await this.#tell(id, { status: 'delivered' })) === null ? { verdict: 'unacknowledged' } : { verdict: 'done' };
  }

  async #fail({ id, title }: { id: string; title: string }, { number, isLast }: Attempt, error: string): Promise<Verdict> {
    const { log, metrics } = this.#options;
    const fields = { notice: id, title, attempt: number, error };
    metrics.count(isLast ? 'given_up' : 'failed');
    if (isLast) log.error('A notice could not be delivered and is given up: see `portcullis notices list`', fields);
    else log.warn('A notice could not be delivered; it is tried again', fields);
    const outcome = await this.#tell(id, { status: 'failed', error, attempt: number, final: isLast });
    return outcome === 'unknown' ? { verdict: 'void', reason: error } : { verdict: 'again', reason: error };
  }

  /** null: nobody heard it. */
  async #tell(noticeId: string, result: Result): Promise<'recorded' | 'unknown' | null> {
    try {
      return (await this.#options.acknowledge({ noticeId, result })).outcome;
    } catch (error) {
      this.#options.log.warn('The identity service does not hear what became of a notice', { notice: noticeId, error: String(error) });
      return null;
    }
  }
}
