import type { RecoveryCodeTable } from './migrations-recovery.js';
import type { NoticeTable } from './migrations-notices.js';
import type { TotpDeviceTable, TotpRegistrationTable } from './database.js';

/** A column that is sealed under `storage.encryption_key`: which ring opens it, and what its bytes are bound to. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The columns that name a row; `aad` may read these and `bound` ones. */
  readonly key: readonly string[];
  readonly bound: readonly string[];
  readonly purpose: string;
}

/** The secret of a device. */
export const TOTP_DEVICE_SECRET = {
  ...{ table: 'totp_devices', column: 'secret', key: ['username'], bound: [], purpose: 'totp' },
  aad: ({ username }: Pick<TotpDeviceTable, 'username'>): string => `totp:${username}`,
} as const;

/** The secret of a device that is not there yet. */
export const TOTP_REGISTRATION_SECRET = {
  ...{ table: 'totp_registrations', column: 'secret', key: ['username', 'handle'], bound: [], purpose: 'totp-registration' },
  aad: ({ username, handle }: Pick<TotpRegistrationTable, 'username' | 'handle'>): string => `totp-registration:${username}:${handle}`,
} as const;

/** What a notice says. */
export const NOTICE_PAYLOAD = {
  ...{ table: 'notices', column: 'payload', key: ['id'], bound: [], purpose: 'notice-row' },
  aad: ({ id }: Pick<NoticeTable, 'id'>): string => id,
} as const;

export const RECOVERY_CODE = {
  ...{ table: 'recovery_codes', column: 'code', key: ['username', 'position'], bound: ['created_at_ms'], purpose: 'recovery-code' },
  aad: ({ username, created_at_ms, position }: Pick<RecoveryCodeTable, 'username' | 'created_at_ms' | 'position'>): string =>
    `recovery-code:${username}:${created_at_ms}:${position}`,
} as const;

/** What tells whether the key is the store's own. */
export const ENCRYPTION_CHECK = {
  ...{ table: 'encryption_check', column: 'sealed', key: ['id'], bound: [], purpose: 'encryption-check' },
  aad: (): string => 'encryption_check',
} as const;

/** All there are: what checks or changes the key goes by this list, and a column of bytes that is not on it fails its spec. */
export const SEALED_COLUMNS: readonly (SealedColumn & { readonly aad: (row: never) => string })[] = [
  ENCRYPTION_CHECK,
  TOTP_DEVICE_SECRET,
  TOTP_REGISTRATION_SECRET,
  NOTICE_PAYLOAD,
  RECOVERY_CODE,
];
