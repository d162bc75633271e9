import type { identityContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import type { Database } from './database.js';

type Identity = Handlers<typeof identityContract>;

const FACTORS = { '1FA': 'password', TOTP: 'totp', Recovery: 'recovery_code' } as const;
const TYPES = Object.keys(FACTORS) as (keyof typeof FACTORS)[];

/** Sign-ins and failures of one account, newest first, as far back as attempts are kept. */
export async function listAttempts(db: Database, { username, limit }: Parameters<Identity['listAttempts']>[0]): ReturnType<Identity['listAttempts']> {
  const rows = await db
    .selectFrom('authentication_logs')
    .select(['at_ms', 'auth_type', 'successful', 'banned', 'remote_ip'])
    .where('username', '=', username)
    .where('auth_type', 'in', TYPES)
    .orderBy('at_ms', 'desc')
    .orderBy('id', 'desc')
    .limit(limit)
    .$narrowType<{ auth_type: keyof typeof FACTORS }>()
    .execute();
  const attempts = rows.map(({ at_ms, auth_type, successful, banned, remote_ip }) => ({
    atMs: at_ms,
    factor: FACTORS[auth_type],
    successful: successful === 1,
    banned: banned === 1,
    ip: remote_ip,
  }));
  return { attempts };
}
