import { sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

/** One of a person's ten codes; a used one stays until there are new ones, so that it can be told from a wrong one. */
export interface RecoveryCodeTable {
  username: string;
  position: number;
  /** Sealed; additional data `recovery-code:<username>:<created_at_ms>:<position>`. */
  code: Uint8Array;
  created_at_ms: number;
  used_at_ms: number | null;
}

export interface RecoveryTables {
  recovery_codes: RecoveryCodeTable;
}

const codes: Migration = {
  name: 'recovery-001-codes',
  expands: true,
  up: async (db, { integer, text, bytes, strictByKey }) => {
    await sql`create table recovery_codes (
      username ${text} not null, position ${integer} not null, code ${bytes} not null, created_at_ms ${integer} not null, used_at_ms ${integer},
      primary key (username, position)
    ) ${strictByKey}`.execute(db);
  },
};

export const migrations: readonly Migration[] = [codes];
