import { type Generated, sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

/** A browser somebody signed in with. */
export interface KnownDeviceTable {
  id: Generated<number>;
  username: string;
  /** Of the secret the browser keeps. */
  token_hash: string;
  /** Of user, browser, system and network, as it was last seen; empty: it is known by nothing any more. */
  kind_hash: string;
  /** The same for all that became known by one another: what is said of one is said of all. */
  origin: string;
  last_seen_ms: number;
}

export interface SignInTable {
  id: Generated<number>;
  username: string;
  /** Of the session it began. */
  handle: string;
  origin: string;
  at_ms: number;
  /** Of the token in the mail that told of it; null: nobody was told. */
  disown_hash: string | null;
  disowned_at_ms: number | null;
}

export interface SignInTables {
  known_devices: KnownDeviceTable;
  sign_ins: SignInTable;
}

const signIns: Migration = {
  name: 'sign-ins-001-devices',
  expands: true,
  up: async (db, { id, integer, text, strict }) => {
    await sql`create table known_devices (
      id ${id}, username ${text} not null, token_hash ${text} not null, kind_hash ${text} not null, origin ${text} not null,
      last_seen_ms ${integer} not null, unique (token_hash, username)
    ) ${strict}`.execute(db);
    await sql`create index known_devices_user on known_devices (username, last_seen_ms)`.execute(db);
    await sql`create table sign_ins (
      id ${id}, username ${text} not null, handle ${text} not null, origin ${text} not null, at_ms ${integer} not null,
      disown_hash ${text} unique, disowned_at_ms ${integer}
    ) ${strict}`.execute(db);
    await sql`create index sign_ins_origin on sign_ins (username, origin)`.execute(db);
    await sql`create index sign_ins_age on sign_ins (at_ms)`.execute(db);
  },
};

export const migrations: readonly Migration[] = [signIns];
