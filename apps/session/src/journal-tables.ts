import type { EndReason } from '@portcullis/contracts-session';
import type { Migration } from '@portcullis/platform-sql';
import { sql, type Generated } from 'kysely';

interface EndedSessionTable {
  hash: string;
  username: string | null;
  handle: string | null;
  reason: EndReason;
  at_ms: number;
  keep_until_ms: number;
  /** 0: announced, and perhaps never done. */
  in_force: 0 | 1;
}

interface EndedBeforeTable {
  id: Generated<number>;
  /** null: everybody. */
  username: string | null;
  not_before_ms: number;
  except_handle: string | null;
  reason: EndReason;
  keep_until_ms: number;
}

interface ProfileTable {
  username: string;
  profile_hash: string;
  at_ms: number;
  keep_until_ms: number;
}

export interface JournalTables {
  ended_sessions: EndedSessionTable;
  ended_before: EndedBeforeTable;
  profiles: ProfileTable;
}

export const migrations: readonly Migration[] = [
  {
    name: 'session-001-endings',
    expands: true,
    up: async (db, { growingId, integer, text, byKey }) => {
      await sql`create table ended_sessions (
        hash ${text} primary key,
        username ${text},
        handle ${text},
        reason ${text} not null,
        at_ms ${integer} not null,
        keep_until_ms ${integer} not null,
        in_force ${integer} not null
      ) ${byKey}`.execute(db);
      await sql`create index ended_sessions_keep_until on ended_sessions (keep_until_ms)`.execute(db);
      await sql`create table ended_before (
        id ${growingId},
        username ${text},
        not_before_ms ${integer} not null,
        except_handle ${text},
        reason ${text} not null,
        keep_until_ms ${integer} not null
      )`.execute(db);
      await sql`create index ended_before_username on ended_before (username, not_before_ms)`.execute(db);
      await sql`create table profiles (
        username ${text} primary key,
        profile_hash ${text} not null,
        at_ms ${integer} not null,
        keep_until_ms ${integer} not null
      ) ${byKey}`.execute(db);
    },
  },
];
