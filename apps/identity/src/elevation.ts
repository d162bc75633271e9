import type { identityContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { keyedHash } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Database } from './database.js';
import { makeCode, readCode } from './readable-code.js';
import type { NoticeOutbox } from './notices.js';
import type { People } from './people.js';

type Identity = Handlers<typeof identityContract>;

export interface ElevationOptions {
  readonly db: Database;
  readonly outbox: Pick<NoticeOutbox, 'write' | 'withdraw'>;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly users: Pick<People, 'recipient'>;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly settings: { readonly codeLifespanMs: number; readonly elevationLifespanMs: number; readonly characters: number };
  /** Of a cookie domain; null: none is configured, and nothing is learned from a request. */
  readonly portalUrl: (domain: string) => string | null;
  readonly log: Logger;
}

const MOST_WRONG_TRIES = 5;
const KEEP_MS = 86_400_000;

/** The mailed one-time code that stands before a change of one's own factors (reference 4.9). */
export class Elevations {
  readonly #options: ElevationOptions;
  readonly #hashCode: (data: string) => string;
  readonly #hashDeleteId: (data: string) => string;

  constructor(options: ElevationOptions) {
    this.#options = options;
    this.#hashCode = keyedHash(options.secret, 'one-time-code');
    this.#hashDeleteId = keyedHash(options.secret, 'one-time-code-delete');
  }

  /** Mails a code to the address of the users file (attack 41); the older one ends, and is not mailed any more if it was not yet. */
  async start({ username, handle, ip, domain }: Parameters<Identity['startElevation']>[0]): ReturnType<Identity['startElevation']> {
    const { db, outbox, users, now, random, settings, portalUrl } = this.#options;
    const to = users.recipient(username);
    if (to === null) return { outcome: 'no_address' };
    const code = makeCode(settings.characters, random);
    const deleteId = random(16).toString('base64url');
    const expiresAtMs = now() + settings.codeLifespanMs;
    const portal = portalUrl(domain);
    const revokeUrl = portal === null ? null : `${portal.replace(/\/+$/u, '')}/revoke/one-time-code?id=${deleteId}`;
    await inTransaction(db, async (trx) => {
      const older = await trx.selectFrom('one_time_codes').select('notice_id').where('username', '=', username).executeTakeFirst();
      if (older !== undefined) await outbox.withdraw(trx, [older.notice_id], 'a newer code was asked for');
      const notice = { kind: 'one_time_code', to, code, expiresAtMs, revokeUrl, remoteIp: ip, domain } as const;
      const row = {
        handle,
        ip,
        code_hash: this.#hashCode(`${username}\0${code}`),
        delete_hash: this.#hashDeleteId(deleteId),
        notice_id: await outbox.write(trx, notice, username),
        expires_at_ms: expiresAtMs,
        wrong_tries: 0,
        used_at_ms: null,
        revoked_at_ms: null,
      };
      await trx
        .insertInto('one_time_codes')
        .values({ username, ...row })
        .onConflict((conflict) => conflict.column('username').doUpdateSet(row))
        .execute();
    });
    return { outcome: 'sent', deleteId, expiresAtMs };
  }

  /** Uses the code up. Of several at once one is let through, for the row changes with the look at it (attack 42). */
  async finish({ username, handle, ip, code: typed }: Parameters<Identity['finishElevation']>[0]): ReturnType<Identity['finishElevation']> {
    const { db, now, settings, log } = this.#options;
    const code = readCode(typed, settings.characters);
    // Malformed tries cost nothing (attack 79).
    if (code === null) return { outcome: 'refused' };
    const nowMs = now();
    return inTransaction(db, async (trx) => {
      const { numUpdatedRows } = await open(trx, username, nowMs)
        .set({ used_at_ms: nowMs })
        .where('handle', '=', handle)
        .where('ip', '=', ip)
        .where('code_hash', '=', this.#hashCode(`${username}\0${code}`))
        .executeTakeFirst();
      if (numUpdatedRows === 1n) return { outcome: 'elevated', elevatedForMs: settings.elevationLifespanMs };
      const counted = await open(trx, username, nowMs)
        .set(({ eb }) => ({ wrong_tries: eb('wrong_tries', '+', 1) }))
        .returning('wrong_tries')
        .executeTakeFirst();
      if (counted?.wrong_tries === MOST_WRONG_TRIES) log.warn('A one-time code was ended by wrong tries', { username, remote_ip: ip });
      return { outcome: 'refused' };
    });
  }

  revoke({ deleteId }: Parameters<Identity['revokeElevation']>[0]): ReturnType<Identity['revokeElevation']> {
    const { db, outbox, now, log } = this.#options;
    const nowMs = now();
    return inTransaction(db, async (trx) => {
      const revoked = await trx
        .updateTable('one_time_codes')
        .set({ revoked_at_ms: nowMs })
        .where('delete_hash', '=', this.#hashDeleteId(deleteId))
        .where('used_at_ms', 'is', null)
        .where('revoked_at_ms', 'is', null)
        .where('expires_at_ms', '>', nowMs)
        .returning(['username', 'notice_id'])
        .executeTakeFirst();
      if (revoked === undefined) return { outcome: 'unknown' };
      await outbox.withdraw(trx, [revoked.notice_id], 'the code was cancelled');
      log.info('A one-time code was cancelled by the link in its mail', { username: revoked.username });
      return { outcome: 'revoked' };
    });
  }

  /** Removes codes that ended a day ago. */
  async forgetOld(nowMs: number): Promise<void> {
    await this.#options.db
      .deleteFrom('one_time_codes')
      .where('expires_at_ms', '<', nowMs - KEEP_MS)
      .execute();
  }
}

/** The user's code, if it can still be used. */
const open = (trx: Database, username: string, nowMs: number) =>
  trx
    .updateTable('one_time_codes')
    .where('username', '=', username)
    .where('used_at_ms', 'is', null)
    .where('revoked_at_ms', 'is', null)
    .where('expires_at_ms', '>', nowMs)
    .where('wrong_tries', '<', MOST_WRONG_TRIES);
