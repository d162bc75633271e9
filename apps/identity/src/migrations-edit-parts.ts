import type { Migration } from '@portcullis/platform-sql';
import { sql } from 'kysely';

/** A part of an operator's edits that are more than one question holds, until the last of them is there. */
export interface EditPartTable {
  /** What the parts share. */
  edit: string;
  position: number;
  /** A JSON list of edits, with digests. */
  edits: string;
  at_ms: number;
}

export interface EditPartTables {
  edit_parts: EditPartTable;
}

const parts: Migration = {
  name: 'edits-001-parts',
  expands: true,
  up: async (db, { integer, text, strict }) => {
    await sql`create table edit_parts (
      edit ${text} not null, position ${integer} not null, edits ${text} not null, at_ms ${integer} not null, primary key (edit, position)
    ) ${strict}`.execute(db);
  },
};

export const migrations: readonly Migration[] = [parts];
