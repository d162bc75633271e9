import { sql } from 'kysely';
import type { Migration } from '@portcullis/platform-sql';

const attemptsAndBans: Migration = {
  name: 'identity-001-attempts-and-bans',
  expands: true,
  up: async (db, { id, growingId, integer, text, strict }) => {
    await sql`create table authentication_logs (
      id ${id}, at_ms ${integer} not null, successful ${integer} not null, banned ${integer} not null, username ${text} not null,
      auth_type ${text} not null, remote_ip ${text} not null, ban_address ${text}, request_uri ${text} not null, request_method ${text} not null
    ) ${strict}`.execute(db);
    await sql`create index authentication_logs_user on authentication_logs (username, at_ms)`.execute(db);
    await sql`create index authentication_logs_address on authentication_logs (ban_address, at_ms)`.execute(db);
    await sql`create index authentication_logs_age on authentication_logs (at_ms)`.execute(db);
    await sql`create table bans (
      id ${growingId}, kind ${text} not null, subject ${text} not null, factor ${text} not null, at_ms ${integer} not null,
      expires_at_ms ${integer}, revoked_at_ms ${integer}, source ${text} not null, reason ${text}
    ) ${strict}`.execute(db);
    await sql`create index bans_subject on bans (kind, subject)`.execute(db);
  },
};

const totp: Migration = {
  name: 'identity-002-totp',
  expands: true,
  up: async (db, { integer, text, bytes, strict, strictByKey }) => {
    await sql`create table totp_devices (
      username ${text} primary key, issuer ${text} not null, algorithm ${text} not null, digits ${integer} not null, period_s ${integer} not null,
      secret ${bytes} not null, created_at_ms ${integer} not null, last_used_at_ms ${integer}
    ) ${strict}`.execute(db);
    await sql`create table totp_used_steps (
      username ${text} not null, secret_hash ${text} not null, step ${integer} not null, at_ms ${integer} not null, primary key (username, secret_hash, step)
    ) ${strictByKey}`.execute(db);
    await sql`create index totp_used_steps_age on totp_used_steps (at_ms)`.execute(db);
    await sql`create table totp_registrations (
      username ${text} not null, handle ${text} not null, issuer ${text} not null, algorithm ${text} not null, digits ${integer} not null,
      period_s ${integer} not null, secret ${bytes} not null, expires_at_ms ${integer} not null, primary key (username, handle)
    ) ${strict}`.execute(db);
  },
};

const users: Migration = {
  name: 'identity-003-users',
  expands: true,
  up: async (db, { id, integer, text, bytes, strict }) => {
    await sql`create table user_preferences (username ${text} primary key, second_factor_method ${text} not null) ${strict}`.execute(db);
    await sql`create table published_users (
      username ${text} primary key, profile_hash ${text} not null, password_hash ${text} not null, end_due_ms ${integer}
    ) ${strict}`.execute(db);
    await sql`create table encryption_check (id ${id}, sealed ${bytes} not null) ${strict}`.execute(db);
  },
};

export const migrations: readonly Migration[] = [attemptsAndBans, totp, users];
