import type { Generated, Kysely } from 'kysely';
import { openStore, type OpenPostgresOptions, type StoreLocation } from '@portcullis/platform-sql';
import { migrations as auditMigrations, type AuditTables } from './migrations-audit.js';
import { migrations as codeMigrations, type CodeTables } from './migrations-codes.js';
import { type EditPartTables, migrations as editPartMigrations } from './migrations-edit-parts.js';
import { migrations as identifierMigrations, type IdentifierTables } from './migrations-identifiers.js';
import { migrations as identityMigrations } from './migrations-identity.js';
import { migrations as noticeMigrations, type NoticeTables } from './migrations-notices.js';
import { migrations as recoveryMigrations, type RecoveryTables } from './migrations-recovery.js';
import { migrations as signInMigrations, type SignInTables } from './migrations-sign-ins.js';
import { migrations as userMigrations, type UserTables } from './migrations-users.js';

/** SQLite has no booleans. */
type Flag = 0 | 1;

/** One try of one factor (reference 9, authentication_logs). */
interface AttemptTable {
  id: Generated<number>;
  at_ms: number;
  successful: Flag;
  /** Made while banned: neither counts nor extends. */
  banned: Flag;
  /** The canonical name; empty for a name nobody has. */
  username: string;
  auth_type: '1FA' | 'TOTP' | 'Recovery' | 'Reset';
  remote_ip: string;
  /** What an address is banned under; null where remote_ip is not one. */
  ban_address: string | null;
  request_uri: string;
  request_method: string;
}

export interface BanTable {
  id: Generated<number>;
  kind: 'user' | 'ip';
  subject: string;
  /** `TOTP`: every code of a second factor, recovery codes too. `any`: also the first (an operator's ban). */
  factor: '1FA' | 'TOTP' | 'any';
  at_ms: number;
  /** null: permanent. */
  expires_at_ms: number | null;
  revoked_at_ms: number | null;
  source: 'regulation' | 'cli';
  reason: string | null;
}

export interface TotpDeviceTable {
  username: string;
  issuer: string;
  algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  digits: number;
  period_s: number;
  /** Sealed; additional data `totp:<username>`. */
  secret: Uint8Array;
  created_at_ms: number;
  last_used_at_ms: number | null;
}

/** A row is a code that was accepted: its primary key is what makes a code work once, whichever process asks. */
interface TotpUsedStepTable {
  username: string;
  /** Tells the codes of a former device from those of this one. */
  secret_hash: string;
  step: number;
  at_ms: number;
}

export interface TotpRegistrationTable {
  username: string;
  handle: string;
  issuer: string;
  algorithm: 'SHA1' | 'SHA256' | 'SHA512';
  digits: number;
  period_s: number;
  /** Sealed; additional data `totp-registration:<username>:<handle>`. */
  secret: Uint8Array;
  expires_at_ms: number;
}

interface PreferenceTable {
  username: string;
  second_factor_method: string;
}

/** What the session service was last told of a user of the file; a difference is told again. */
export interface PublishedUserTable {
  username: string;
  profile_hash: string;
  password_hash: string;
  /** Sessions that a new password must end and that nobody has confirmed dead: when to see to it. */
  end_due_ms: number | null;
}

interface EncryptionCheckTable {
  id: number;
  sealed: Uint8Array;
}

export interface Tables extends CodeTables, NoticeTables, RecoveryTables, SignInTables, IdentifierTables, UserTables, AuditTables, EditPartTables {
  authentication_logs: AttemptTable;
  bans: BanTable;
  totp_devices: TotpDeviceTable;
  totp_used_steps: TotpUsedStepTable;
  totp_registrations: TotpRegistrationTable;
  user_preferences: PreferenceTable;
  published_users: PublishedUserTable;
  encryption_check: EncryptionCheckTable;
}

/** The store, or a transaction of it. */
export type Database = Kysely<Tables>;

/** In the order they were released: what comes later goes to the end, whichever file it is in. */
export const MIGRATIONS = [
  ...identityMigrations,
  ...codeMigrations,
  ...noticeMigrations,
  ...recoveryMigrations,
  ...signInMigrations,
  ...identifierMigrations,
  ...userMigrations,
  ...auditMigrations,
  ...editPartMigrations,
];

/** More than a process has in hand at a time needs no more: write transactions run one by one anyhow. */
const CONNECTIONS = 8;

/** As `pg_stat_activity` shows it. */
export const APPLICATION = 'portcullis-identity';

/** Opens and migrates the store; refuses with a SqlError. */
export function openDatabase(
  location: StoreLocation,
  options: Partial<Pick<OpenPostgresOptions, 'size' | 'onAvailability'>> = {},
): Promise<Database> {
  return openStore<Tables>(location, { migrations: MIGRATIONS, application: APPLICATION, size: CONNECTIONS, ...options });
}
