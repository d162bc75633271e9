import { sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

/** The one mailed code a user can have out at a time. */
export interface OneTimeCodeTable {
  username: string;
  /** The sign-in and the address it was asked for from; it opens nothing for any other. */
  handle: string;
  ip: string;
  code_hash: string;
  /** Of the id in the mail's cancel link. */
  delete_hash: string;
  notice_id: string;
  expires_at_ms: number;
  wrong_tries: number;
  used_at_ms: number | null;
  revoked_at_ms: number | null;
}

/** A mailed link to set a new password, and the grant it was exchanged for. */
export interface PasswordResetTable {
  jti: string;
  username: string;
  /** The cookie domain whose portal it was asked for at. */
  domain: string;
  /** Of the password and the address as they were: with either changed, neither link nor grant holds. */
  credentials_hash: string;
  /** Of the cancel link's token. */
  revoke_hash: string;
  notice_id: string;
  expires_at_ms: number;
  used_at_ms: number | null;
  revoked_at_ms: number | null;
  grant_hash: string | null;
  grant_expires_at_ms: number | null;
  grant_used_at_ms: number | null;
}

export interface CodeTables {
  one_time_codes: OneTimeCodeTable;
  password_resets: PasswordResetTable;
}

const codes: Migration = {
  name: 'codes-001-one-time-codes',
  expands: true,
  up: async (db, { integer, text, strict }) => {
    await sql`create table one_time_codes (
      username ${text} primary key, handle ${text} not null, ip ${text} not null, code_hash ${text} not null, delete_hash ${text} not null unique,
      notice_id ${text} not null, expires_at_ms ${integer} not null, wrong_tries ${integer} not null, used_at_ms ${integer}, revoked_at_ms ${integer}
    ) ${strict}`.execute(db);
  },
};

const resets: Migration = {
  name: 'codes-002-password-resets',
  expands: true,
  up: async (db, { integer, text, strict }) => {
    await sql`create table password_resets (
      jti ${text} primary key, username ${text} not null, domain ${text} not null, credentials_hash ${text} not null, revoke_hash ${text} not null unique,
      notice_id ${text} not null, expires_at_ms ${integer} not null, used_at_ms ${integer}, revoked_at_ms ${integer},
      grant_hash ${text} unique, grant_expires_at_ms ${integer}, grant_used_at_ms ${integer}
    ) ${strict}`.execute(db);
    await sql`create index password_resets_user on password_resets (username)`.execute(db);
    await sql`create index password_resets_age on password_resets (expires_at_ms)`.execute(db);
  },
};

export const migrations: readonly Migration[] = [codes, resets];
