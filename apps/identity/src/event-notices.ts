import type { Notice } from '@portcullis/contracts-notifier';
import type { Database } from './database.js';
import type { People } from './people.js';

/** Puts a notice into the outbox, as a part of the transaction that is its cause. */
export type WriteNotice = (trx: Database, notice: Notice, username: string) => Promise<unknown>;

export type NoticeEvent = Extract<Notice, { kind: 'event' }>['event'];

/** Tells people by mail what was done to their account; whoever has no address is not told. */
export class EventNotices {
  readonly #people: People;
  readonly #write: WriteNotice;

  constructor(people: People, write: WriteNotice) {
    this.#people = people;
    this.#write = write;
  }

  async tell(trx: Database, username: string, event: NoticeEvent, remoteIp: string, atMs: number): Promise<void> {
    const to = this.#people.recipient(username);
    if (to !== null) await this.#write(trx, { kind: 'event', to, event, remoteIp, atMs }, username);
  }
}
