import type { identityAdminContract, identityContract, NoticeRow } from '@portcullis/contracts-identity';
import { notice as noticeSchema, noticeTitle, type Notice } from '@portcullis/contracts-notifier';
import type { Handlers } from '@portcullis/platform-rpc';
import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Selectable } from 'kysely';
import type { Database } from './database.js';
import type { NoticeTable } from './migrations-notices.js';
import { NOTICE_PAYLOAD } from './sealed-columns.js';

type Identity = Handlers<typeof identityContract>;
type Admin = Handlers<typeof identityAdminContract>;
type Acknowledgement = Parameters<Identity['acknowledgeNotice']>[0];

export interface NoticeOutboxOptions {
  readonly db: Database;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  /** Of what runs now; absent: nobody traces. */
  readonly traceparent?: (() => string | undefined) | undefined;
}

/** How many wait, how many the queue gave up, and since when the oldest of those that wait does. */
export interface NoticeCounts {
  readonly waiting: number;
  readonly failed: number;
  readonly oldestWaitingMs: number;
}

/** For the operator to look at; whatever it says, it holds neither code nor link. */
const KEEP_MS = 30 * 86_400_000;
const MAX_ERROR_LENGTH = 500;
const MOST_TRACES = 1000;
export const EXPIRED = 'it expired before it could be delivered';

/** The notices of this service: a row each, written with its cause, that is gone for good only when it arrived or was dropped. */
export class NoticeOutbox {
  readonly #options: NoticeOutboxOptions;
  readonly #ring: KeyRing;
  readonly #listeners = new Set<() => void>();
  /** For as long as a row takes to reach the queue; the trace of one that is lost ends there. */
  readonly #traces = new Map<string, string>();

  constructor(options: NoticeOutboxOptions) {
    this.#options = options;
    this.#ring = createKeyRing([options.secret], NOTICE_PAYLOAD.purpose);
  }

  /** Calls back when there may be work; the row itself may not be committed yet. */
  onWork(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Writes a notice as a part of the transaction that is its cause. Returns its id. */
  async write(trx: Database, notice: Notice, username: string): Promise<string> {
    const { now, random } = this.#options;
    const id = random(16).toString('base64url');
    const nowMs = now();
    await trx
      .insertInto('notices')
      .values({
        id,
        state: 'waiting',
        title: noticeTitle(notice),
        recipient: notice.to.address,
        username,
        payload: this.#ring.seal(Buffer.from(JSON.stringify(notice)), NOTICE_PAYLOAD.aad({ id })),
        created_at_ms: nowMs,
        expires_at_ms: 'expiresAtMs' in notice ? notice.expiresAtMs : null,
        delivered_at_ms: null,
        attempts: 0,
        last_error: null,
        due_at_ms: nowMs,
        requeue: 0,
      })
      .execute();
    this.#remember(id);
    // A link for a new password waits for the next look: work that began right behind its answer would show in the time of the next request (attack 32).
    if (notice.kind !== 'password_reset') this.#tell();
    return id;
  }

  #remember(id: string): void {
    const traceparent = this.#options.traceparent?.();
    if (traceparent === undefined) return;
    if (this.#traces.size >= MOST_TRACES) this.#traces.clear();
    this.#traces.set(id, traceparent);
  }

  /** The trace a notice was written in, told once. */
  takeTrace(id: string): string | undefined {
    const traceparent = this.#traces.get(id);
    this.#traces.delete(id);
    return traceparent;
  }

  /** Takes back what has not arrived yet, as a part of the transaction that made it worthless; out of the queue at the next look, for the same reason as above. */
  async withdraw(trx: Database, ids: readonly string[], reason: string): Promise<void> {
    if (ids.length === 0) return;
    await trx.updateTable('notices').set(this.#dropped(reason)).where('id', 'in', ids).where('state', 'in', ['waiting', 'failed']).execute();
  }

  /** Removes one as if it had never been written. */
  async forget(trx: Database, id: string): Promise<void> {
    await trx.deleteFrom('notices').where('id', '=', id).execute();
  }

  /** What a row that waits says; throws where it does not open. */
  payloadOf({ id, payload }: Pick<Selectable<NoticeTable>, 'id' | 'payload'>): Notice {
    if (payload === null) throw new TypeError(`the notice ${id} is empty`);
    return noticeSchema.parse(JSON.parse(this.#ring.open(payload, NOTICE_PAYLOAD.aad({ id })).toString()));
  }

  /** What the notifier says. `unknown`: nobody waits for it any more, and it need not be tried again. */
  acknowledge({ noticeId, result }: Acknowledgement): ReturnType<Identity['acknowledgeNotice']> {
    return inTransaction(this.#options.db, async (trx) => {
      const row = await find(trx, noticeId);
      if (row === undefined) return { outcome: 'unknown' };
      if (result.status === 'delivered') {
        if (row.state !== 'delivered') await this.#setDelivered(trx, row);
        return { outcome: 'recorded' };
      }
      if (row.state !== 'waiting') return { outcome: 'unknown' };
      await this.#setFailed(trx, row, result);
      return { outcome: 'recorded' };
    });
  }

  async list({ state, limit }: Parameters<Admin['listNotices']>[0]): ReturnType<Admin['listNotices']> {
    const newest = this.#options.db.selectFrom('notices').selectAll().orderBy('created_at_ms', 'desc').orderBy('id').limit(Math.max(0, limit));
    const rows = await (state === null ? newest : newest.where('state', '=', state)).execute();
    return { notices: rows.map(shown) };
  }

  async show({ id }: Parameters<Admin['showNotice']>[0]): ReturnType<Admin['showNotice']> {
    const row = await find(this.#options.db, id);
    return row === undefined ? { outcome: 'unknown' } : { outcome: 'found', notice: shown(row) };
  }

  /** Tries it again at once, with all its attempts. A dropped one has nothing left to say: `unknown`. */
  retry({ id }: Parameters<Admin['retryNotice']>[0]): ReturnType<Admin['retryNotice']> {
    return inTransaction(this.#options.db, async (trx) => {
      const row = await find(trx, id);
      if (row === undefined || row.state === 'dropped') return { outcome: 'unknown' };
      if (row.state === 'delivered') return { outcome: 'already_delivered' };
      await trx.updateTable('notices').set({ state: 'waiting', due_at_ms: this.#options.now(), requeue: 1 }).where('id', '=', id).execute();
      this.#tell();
      return { outcome: 'queued' };
    });
  }

  drop({ id }: Parameters<Admin['dropNotice']>[0]): ReturnType<Admin['dropNotice']> {
    return inTransaction(this.#options.db, async (trx) => {
      const row = await find(trx, id);
      if (row === undefined) return { outcome: 'unknown' };
      if (row.state === 'delivered') return { outcome: 'already_delivered' };
      await this.withdraw(trx, [id], 'dropped by the operator');
      return { outcome: 'dropped' };
    });
  }

  async counts(): Promise<NoticeCounts> {
    const { db, now } = this.#options;
    const rows = await db
      .selectFrom('notices')
      .select(({ fn }) => ['state', fn.countAll<number>().as('count'), fn.min('created_at_ms').as('oldest')])
      .where('state', 'in', ['waiting', 'failed'])
      .groupBy('state')
      .execute();
    const of = (state: string) => rows.find((row) => row.state === state);
    const oldest = of('waiting')?.oldest;
    return {
      waiting: of('waiting')?.count ?? 0,
      failed: of('failed')?.count ?? 0,
      oldestWaitingMs: oldest === undefined ? 0 : Math.max(0, now() - oldest),
    };
  }

  /** Forgets notices after thirty days. */
  async forgetOld(nowMs: number): Promise<void> {
    await this.#options.db
      .deleteFrom('notices')
      .where('created_at_ms', '<', nowMs - KEEP_MS)
      .execute();
  }

  async #setDelivered(trx: Database, { id, attempts }: Selectable<NoticeTable>): Promise<void> {
    const delivered = { state: 'delivered', payload: null, delivered_at_ms: this.#options.now(), attempts: attempts + 1, due_at_ms: null } as const;
    await trx
      .updateTable('notices')
      .set({ ...delivered, requeue: 0 })
      .where('id', '=', id)
      .execute();
  }

  async #setFailed(trx: Database, row: Selectable<NoticeTable>, { error, final }: { error: string; final: boolean }): Promise<void> {
    const tried = { attempts: row.attempts + 1, last_error: error.slice(0, MAX_ERROR_LENGTH) };
    const expired = row.expires_at_ms !== null && row.expires_at_ms <= this.#options.now();
    const then = expired ? this.#dropped(`${EXPIRED}: ${tried.last_error}`) : final ? ({ state: 'failed', due_at_ms: null } as const) : {};
    await trx
      .updateTable('notices')
      .set({ ...tried, ...then })
      .where('id', '=', row.id)
      .execute();
  }

  // Due, so that the relay takes it out of the queue.
  #dropped(reason: string) {
    return { state: 'dropped', payload: null, last_error: reason, due_at_ms: this.#options.now(), requeue: 1 } as const;
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

const find = (db: Database, id: string) => db.selectFrom('notices').selectAll().where('id', '=', id).executeTakeFirst();

const shown = (row: Selectable<NoticeTable>): NoticeRow => ({
  id: row.id,
  state: row.state,
  title: row.title,
  recipient: row.recipient,
  username: row.username,
  createdAtMs: row.created_at_ms,
  deliveredAtMs: row.delivered_at_ms,
  attempts: row.attempts,
  lastError: row.last_error,
});
