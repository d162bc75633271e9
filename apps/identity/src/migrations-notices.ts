import { sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

/** What is to be told to whom: written with its cause, kept until the notifier says that it arrived. */
export interface NoticeTable {
  id: string;
  state: 'waiting' | 'failed' | 'delivered' | 'dropped';
  title: string;
  recipient: string;
  username: string;
  /** The notice, sealed; additional data is the id. null once it is delivered or dropped. */
  payload: Uint8Array | null;
  created_at_ms: number;
  /** When its code or link ends, and it need not arrive any more; null: never. */
  expires_at_ms: number | null;
  delivered_at_ms: number | null;
  /** Deliveries that were tried. */
  attempts: number;
  last_error: string | null;
  /** When the relay is to look at it (again); null: never. */
  due_at_ms: number | null;
  /** 1: what the queue holds of it has to go first. */
  requeue: 0 | 1;
}

export interface NoticeTables {
  notices: NoticeTable;
}

const notices: Migration = {
  name: 'notices-001-outbox',
  expands: true,
  up: async (db, { integer, text, bytes, strict }) => {
    await sql`create table notices (
      id ${text} primary key, state ${text} not null, title ${text} not null, recipient ${text} not null, username ${text} not null, payload ${bytes},
      created_at_ms ${integer} not null, expires_at_ms ${integer}, delivered_at_ms ${integer}, attempts ${integer} not null, last_error ${text},
      due_at_ms ${integer}, requeue ${integer} not null
    ) ${strict}`.execute(db);
    await sql`create index notices_due on notices (due_at_ms) where due_at_ms is not null`.execute(db);
    await sql`create index notices_age on notices (created_at_ms)`.execute(db);
  },
};

export const migrations: readonly Migration[] = [notices];
