import type { AuditKind } from '@portcullis/contracts-identity';
import type { Notice } from '@portcullis/contracts-notifier';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { People } from './people.js';

/** Puts a notice into the outbox, as a part of the transaction that is its cause. */
export type WriteNotice = (trx: Database, notice: Notice, username: string) => Promise<unknown>;

export type NoticeEvent = Extract<Notice, { kind: 'event' }>['event'];

const KINDS = {
  password_changed: 'password_changed',
  password_reset: 'password_reset',
  totp_added: 'second_factor_added',
  totp_removed: 'second_factor_removed',
  recovery_codes_made: 'recovery_codes_made',
  recovery_code_used: 'recovery_code_used',
} as const satisfies Partial<Record<NoticeEvent, AuditKind>>;

/** Tells people by mail what was done to their account, and writes it down; whoever has no address is not told. */
export class EventNotices {
  readonly #people: People;
  readonly #write: WriteNotice;

  constructor(people: People, write: WriteNotice) {
    this.#people = people;
    this.#write = write;
  }

  async tell(trx: Database, username: string, event: NoticeEvent, remoteIp: string, atMs: number): Promise<void> {
    if (event in KINDS) await writeAudit(trx, { kind: KINDS[event], username, actor: 'user', ip: remoteIp }, atMs);
    const to = this.#people.recipient(username);
    if (to !== null) await this.#write(trx, { kind: 'event', to, event, remoteIp, atMs }, username);
  }
}
