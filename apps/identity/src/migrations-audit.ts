import type { Migration } from '@portcullis/platform-sql';
import { type Generated, sql } from 'kysely';

/** One thing that happened: who, where, when, by whom. Nothing in it opens anything. */
export interface AuditTable {
  id: Generated<number>;
  at_ms: number;
  kind: string;
  /** Whom it concerns; empty: nobody, or nobody there is. */
  username: string;
  actor: string;
  remote_ip: string;
  request_id: string;
  /** A JSON object. */
  detail: string;
}

export interface AuditTables {
  audit: AuditTable;
}

const audit: Migration = {
  name: 'audit-001-audit',
  expands: true,
  up: async (db, { id, integer, text, strict }) => {
    await sql`create table audit (
      id ${id}, at_ms ${integer} not null, kind ${text} not null, username ${text} not null, actor ${text} not null,
      remote_ip ${text} not null, request_id ${text} not null, detail ${text} not null
    ) ${strict}`.execute(db);
    await sql`create index audit_age on audit (at_ms)`.execute(db);
    await sql`create index audit_user on audit (username, at_ms)`.execute(db);
  },
};

export const migrations: readonly Migration[] = [audit];
