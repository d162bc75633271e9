import type { Migration } from '@portcullis/platform-sql';
import { sql } from 'kysely';

/** A person who may sign in, where `authentication_backend.sql` keeps them. */
export interface UserTable {
  username: string;
  display_name: string;
  /** A JSON list; the first is where mail goes. */
  emails: string;
  /** A JSON list. */
  groups: string;
  digest: string;
  disabled: 0 | 1;
  created_at_ms: number;
  updated_at_ms: number;
  password_changed_at_ms: number;
}

/** One row, one more with each change: by it every process sees that the users are others. */
export interface UsersVersionTable {
  id: number;
  version: number;
}

export interface UserTables {
  users: UserTable;
  users_version: UsersVersionTable;
}

const users: Migration = {
  name: 'users-001-users',
  expands: true,
  up: async (db, { integer, text, strict }) => {
    await sql`create table users (
      username ${text} primary key, display_name ${text} not null, emails ${text} not null, "groups" ${text} not null, digest ${text} not null,
      disabled ${integer} not null, created_at_ms ${integer} not null, updated_at_ms ${integer} not null,
      password_changed_at_ms ${integer} not null
    ) ${strict}`.execute(db);
    await sql`create table users_version (id ${integer} primary key, version ${integer} not null) ${strict}`.execute(db);
    await sql`insert into users_version (id, version) values (1, 1)`.execute(db);
  },
};

export const migrations: readonly Migration[] = [users];
