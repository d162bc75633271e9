import type { identityContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { keyedHash } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import type { Logger } from '@portcullis/platform-telemetry';
import type { Selectable } from 'kysely';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { PasswordResetTable } from './migrations-codes.js';
import type { NoticeOutbox } from './notices.js';
import type { People } from './people.js';
import { type ResetClaims, ResetLinks, type ResetLinkSettings } from './reset-link.js';

type Identity = Handlers<typeof identityContract>;
type StartRequest = Parameters<Identity['startReset']>[0];
type FinishReply = Awaited<ReturnType<Identity['finishReset']>>;
type Row = Selectable<PasswordResetTable>;

export interface ResetOptions {
  readonly db: Database;
  readonly outbox: Pick<NoticeOutbox, 'write' | 'withdraw' | 'forget'>;
  /** `storage.encryption_key`. */
  readonly secret: string;
  readonly users: Pick<People, 'byName' | 'lookup' | 'recipient'>;
  /** The user's password digest and mail address in one text: a link and its grant end when either changes (attack 44). null: no such user. */
  readonly credentials: (username: string) => string | null;
  readonly now: () => number;
  readonly random: (bytes: number) => Buffer;
  readonly settings: ResetLinkSettings & { readonly jwtLifespanMs: number; readonly disabled: boolean };
  /** Of a cookie domain; null: none is configured, and nothing is learned from a request. */
  readonly portalUrl: (domain: string) => string | null;
  readonly log: Logger;
}

/** From the link to the new password: as long as a person needs to think of one. */
const GRANT_MS = 600_000;
const KEEP_MS = 86_400_000;
/** Does for a name nobody has what is done for a user, so that neither the answer nor its time tells them apart (attack 32). */
const NOBODY = { username: '', to: { name: 'nobody', address: 'nobody@localhost' } };

interface Link {
  readonly jti: string;
  readonly token: string;
  readonly revokeToken: string;
  readonly expiresAtMs: number;
}

/** The forgotten password: a mailed link, the grant it is exchanged for once, and the cancel link beside it (reference 4.8). */
export class Resets {
  readonly #options: ResetOptions;
  readonly #links: ResetLinks;
  readonly #hashGrant: (data: string) => string;
  readonly #hashRevoke: (data: string) => string;
  readonly #hashCredentials: (data: string) => string;

  constructor(options: ResetOptions) {
    this.#options = options;
    this.#links = new ResetLinks(options.settings);
    this.#hashGrant = keyedHash(options.secret, 'reset-grant');
    this.#hashRevoke = keyedHash(options.secret, 'reset-revoke');
    this.#hashCredentials = keyedHash(options.secret, 'reset-credentials');
  }

  /** Mails a link, if the name is somebody's who has an address. An older link that was not used yet ends. */
  async start({ username: typed, ip, domain }: StartRequest): ReturnType<Identity['startReset']> {
    const { db, users, settings, now, log } = this.#options;
    if (settings.disabled) return { outcome: 'accepted' };
    const username = users.lookup(typed)?.username ?? NOBODY.username;
    const to = users.recipient(username);
    const link = await this.#makeLink(username, domain);
    await inTransaction(db, async (trx) => {
      await this.#supersede(trx, username);
      const noticeId = await this.#mail(trx, username, to ?? NOBODY.to, link, { ip, domain });
      await this.#keep(trx, username, domain, link, noticeId);
      await writeAudit(trx, { kind: 'reset_asked', username: to === null ? '' : username, actor: 'user', ip }, now());
      if (to === null) await this.#forget(trx, link.jti, noticeId);
    });
    if (to !== null) log.info('A link to set a new password is mailed', { username, remote_ip: ip });
    else log.debug('A link to set a new password was asked for somebody who has no address or is not there', { remote_ip: ip });
    return { outcome: 'accepted' };
  }

  /** Exchanges a link for a grant: the same link once, whoever asks at the same time (attack 42). */
  async finish({ token, domain }: Parameters<Identity['finishReset']>[0]): Promise<FinishReply> {
    const { db, now, random, settings } = this.#options;
    const claims = settings.disabled ? null : await this.#links.read(token);
    if (claims === null) return { outcome: 'refused', reason: 'invalid' };
    const nowMs = now();
    return inTransaction(db, async (trx) => {
      const row = await trx.selectFrom('password_resets').selectAll().where('jti', '=', claims.jti).executeTakeFirst();
      const reason = this.#refusal(claims, row, domain, nowMs);
      if (reason !== null) return { outcome: 'refused', reason };
      const grant = random(32).toString('base64url');
      const granted = { used_at_ms: nowMs, grant_hash: this.#hashGrant(grant), grant_expires_at_ms: nowMs + GRANT_MS };
      const { numUpdatedRows } = await trx
        .updateTable('password_resets')
        .set(granted)
        .where('jti', '=', claims.jti)
        .where('used_at_ms', 'is', null)
        .executeTakeFirst();
      return numUpdatedRows === 1n ? { outcome: 'granted', grant, expiresAtMs: granted.grant_expires_at_ms } : { outcome: 'refused', reason: 'used' };
    });
  }

  /** By the cancel link's own token, which opens nothing (attack 73), or by the link itself. A grant that was got by it ends too. */
  async revoke({ token }: Parameters<Identity['revokeReset']>[0]): ReturnType<Identity['revokeReset']> {
    const { db, outbox, now, log } = this.#options;
    const jti = (await this.#links.read(token))?.jti ?? '';
    const nowMs = now();
    return inTransaction(db, async (trx) => {
      const row = await trx
        .selectFrom('password_resets')
        .selectAll()
        .where((eb) => eb.or([eb('revoke_hash', '=', this.#hashRevoke(token)), eb('jti', '=', jti)]))
        .executeTakeFirst();
      if (row === undefined) return { outcome: 'unknown' };
      if (row.revoked_at_ms !== null) return { outcome: 'already_revoked' };
      if (!isAlive(row, nowMs)) return { outcome: 'unknown' };
      await trx.updateTable('password_resets').set({ revoked_at_ms: nowMs }).where('jti', '=', row.jti).execute();
      await outbox.withdraw(trx, [row.notice_id], 'the link was cancelled');
      await writeAudit(trx, { kind: 'reset_cancelled', username: row.username, actor: 'user' }, nowMs);
      log.info('A link to set a new password was cancelled', { username: row.username });
      return { outcome: 'revoked' };
    });
  }

  /** Whose password this grant sets; it is not used up. null: nobody's (any more). */
  async holder(grant: string): Promise<string | null> {
    return (await this.#findGrant(this.#options.db, grant))?.username ?? null;
  }

  /** Uses the grant up, as a part of the transaction that sets the password; every other link and grant of the user ends. null: not valid any more. */
  async redeem(trx: Database, grant: string): Promise<string | null> {
    const { outbox, now } = this.#options;
    const row = await this.#findGrant(trx, grant);
    if (row === undefined) return null;
    const nowMs = now();
    const { numUpdatedRows } = await trx
      .updateTable('password_resets')
      .set({ grant_used_at_ms: nowMs })
      .where('jti', '=', row.jti)
      .where('grant_used_at_ms', 'is', null)
      .executeTakeFirst();
    if (numUpdatedRows !== 1n) return null;
    const others = await trx
      .updateTable('password_resets')
      .set({ revoked_at_ms: nowMs })
      .where('username', '=', row.username)
      .where('jti', '!=', row.jti)
      .where('revoked_at_ms', 'is', null)
      .returning('notice_id')
      .execute();
    await outbox.withdraw(
      trx,
      others.map((other) => other.notice_id),
      'the password was set by another link',
    );
    return row.username;
  }

  /** Removes links that ended a day ago. */
  async forgetOld(nowMs: number): Promise<void> {
    await this.#options.db
      .deleteFrom('password_resets')
      .where('expires_at_ms', '<', nowMs - KEEP_MS)
      .execute();
  }

  async #makeLink(username: string, domain: string): Promise<Link> {
    const { now, random, settings, portalUrl } = this.#options;
    const nowMs = now();
    // A token counts in seconds: link and row end at the same moment, and never later than configured.
    const exp = Math.floor((nowMs + settings.jwtLifespanMs) / 1000);
    const jti = random(16).toString('base64url');
    const iss = portalUrl(domain) ?? 'Portcullis';
    const token = await this.#links.sign({ jti, iss, iat: Math.floor(nowMs / 1000), exp, action: 'ResetPassword', username });
    return { jti, token, revokeToken: random(32).toString('base64url'), expiresAtMs: exp * 1000 };
  }

  async #supersede(trx: Database, username: string): Promise<void> {
    const { outbox, now } = this.#options;
    const older = await trx
      .updateTable('password_resets')
      .set({ revoked_at_ms: now() })
      .where('username', '=', username)
      .where('used_at_ms', 'is', null)
      .where('revoked_at_ms', 'is', null)
      .returning('notice_id')
      .execute();
    await outbox.withdraw(
      trx,
      older.map((row) => row.notice_id),
      'a newer link was asked for',
    );
  }

  #mail(
    trx: Database,
    username: string,
    to: { readonly name: string; readonly address: string },
    link: Link,
    from: { readonly ip: string; readonly domain: string },
  ): Promise<string> {
    const { outbox, portalUrl } = this.#options;
    const { token, revokeToken, expiresAtMs } = link;
    const portal = portalUrl(from.domain)?.replace(/\/+$/u, '') ?? null;
    const url = portal === null ? null : `${portal}/reset-password/step2?token=${token}`;
    const revokeUrl = portal === null ? null : `${portal}/revoke/reset-password?token=${revokeToken}`;
    const { ip: remoteIp, domain } = from;
    return outbox.write(trx, { kind: 'password_reset', to, token, url, revokeUrl, expiresAtMs, remoteIp, domain }, username);
  }

  async #keep(trx: Database, username: string, domain: string, { jti, revokeToken, expiresAtMs }: Link, noticeId: string): Promise<void> {
    const credentials_hash = this.#hashCredentials(this.#options.credentials(username) ?? '');
    await trx
      .insertInto('password_resets')
      .values({
        jti,
        username,
        domain,
        credentials_hash,
        revoke_hash: this.#hashRevoke(revokeToken),
        notice_id: noticeId,
        expires_at_ms: expiresAtMs,
      })
      .execute();
  }

  async #forget(trx: Database, jti: string, noticeId: string): Promise<void> {
    await trx.deleteFrom('password_resets').where('jti', '=', jti).execute();
    await this.#options.outbox.forget(trx, noticeId);
  }

  #refusal(claims: ResetClaims, row: Row | undefined, domain: string, nowMs: number): 'used' | 'expired' | 'revoked' | 'invalid' | null {
    const expired = claims.exp * 1000 <= nowMs;
    if (row === undefined) return expired ? 'expired' : 'invalid';
    if (row.domain !== domain) return 'invalid';
    if (row.used_at_ms !== null) return 'used';
    if (row.revoked_at_ms !== null) return 'revoked';
    if (expired || row.expires_at_ms <= nowMs) return 'expired';
    return this.#isCurrent(row) ? null : 'revoked';
  }

  async #findGrant(db: Database, grant: string): Promise<Row | undefined> {
    const row = await db
      .selectFrom('password_resets')
      .selectAll()
      .where('grant_hash', '=', this.#hashGrant(grant))
      .where('grant_used_at_ms', 'is', null)
      .where('revoked_at_ms', 'is', null)
      .where('grant_expires_at_ms', '>', this.#options.now())
      .executeTakeFirst();
    return row !== undefined && !this.#options.settings.disabled && this.#isCurrent(row) ? row : undefined;
  }

  #isCurrent({ username, credentials_hash }: Row): boolean {
    const { users, credentials } = this.#options;
    const now = credentials(username);
    return users.byName(username) !== null && now !== null && this.#hashCredentials(now) === credentials_hash;
  }
}

/** Whether it still opens something: the link itself, or the grant that was got by it. */
function isAlive({ used_at_ms, expires_at_ms, grant_expires_at_ms, grant_used_at_ms }: Row, nowMs: number): boolean {
  if (used_at_ms === null) return expires_at_ms > nowMs;
  return grant_used_at_ms === null && grant_expires_at_ms !== null && grant_expires_at_ms > nowMs;
}
