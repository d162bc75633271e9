import { sql } from 'kysely';
import { banAfter, canonicalBanAddress, isSpared, totpRule, type Attempt, type BanRule } from '@portcullis/domain-regulation';
import { writeAudit } from './audit.js';
import type { BanTable, Database } from './database.js';

/** `regulation`, in milliseconds. */
export interface RegulationSettings {
  readonly modes: readonly ('user' | 'ip')[];
  readonly maxRetries: number;
  readonly findTimeMs: number;
  readonly banTimeMs: number;
}

/** One try, to be judged and written down. `username` is canonical; empty for a name nobody has. */
export interface Try {
  readonly factor: '1FA' | 'TOTP' | 'Recovery';
  readonly username: string;
  readonly remoteIp: string;
  readonly method: string;
  readonly path: string;
  /** What the person wanted to reach; the row's request where there is one, as in Authelia's log. */
  readonly targetUrl?: string | null;
  readonly targetMethod?: string | null;
}

export interface Refusal {
  readonly kind: 'user' | 'ip';
  /** null: never ends. */
  readonly untilMs: number | null;
}

/** A ban that a try brought about. */
export interface Earned {
  readonly kind: 'user' | 'ip';
  readonly subject: string;
  readonly untilMs: number;
}

/** How long an address where a user signed in stays known as theirs; attempts are kept at least as long. */
const KNOWN_ADDRESS_MS = 30 * 86_400_000;
const ATTEMPTS_LOOKED_AT = 200;
const REASONS = {
  '1FA': 'Exceeding Maximum Retries',
  TOTP: 'Exceeding Maximum Retries of one-time passwords',
  Recovery: 'Exceeding Maximum Retries of recovery codes',
} as const;
const FACTORS = { '1FA': 'password', TOTP: 'totp', Recovery: 'recovery_code' } as const;
/** A recovery code stands for the device: both have one ban, and are counted as one. */
const BANNED_AS = { '1FA': '1FA', TOTP: 'TOTP', Recovery: 'TOTP' } as const;
const COUNTED_WITH = { '1FA': ['1FA', 'Reset'], TOTP: ['TOTP', 'Recovery'], Recovery: ['TOTP', 'Recovery'] } as const;

/** Attempts and bans in SQL (reference 5.1). Run `refusal` and `record` of one try in one transaction: then no two tries share a last chance. */
export class Regulation {
  readonly #settings: RegulationSettings;
  readonly #passwordRule: BanRule;
  readonly #codeRule: BanRule;

  constructor(settings: RegulationSettings) {
    this.#settings = settings;
    this.#passwordRule = { maxRetries: settings.maxRetries, findTimeMs: settings.findTimeMs, banTimeMs: settings.banTimeMs };
    this.#codeRule = totpRule(settings.banTimeMs);
  }

  /** The ban that refuses this try, whatever its password or code: of the address, then of the user. */
  async refusal(db: Database, { factor, username, remoteIp }: Pick<Try, 'factor' | 'username' | 'remoteIp'>, nowMs: number): Promise<Refusal | null> {
    const address = canonicalBanAddress(remoteIp);
    const byAddress = address === null || factor !== '1FA' ? null : await this.#ban(db, 'ip', address, factor, nowMs);
    if (byAddress) return byAddress;
    const byUser = username === '' ? null : await this.#ban(db, 'user', username, factor, nowMs);
    if (byUser?.source !== 'regulation' || factor !== '1FA' || address === null) return byUser;
    return (await this.#isAtHome(db, username, address, nowMs)) ? null : byUser;
  }

  /** Writes the try down and bans what it earns; `refused` is what `refusal` said of it. */
  async record(db: Database, tried: Try, successful: boolean, refused: Refusal | null, nowMs: number): Promise<readonly Earned[]> {
    await db
      .insertInto('authentication_logs')
      .values({
        at_ms: nowMs,
        successful: successful ? 1 : 0,
        banned: refused === null ? 0 : 1,
        username: tried.username,
        auth_type: tried.factor,
        remote_ip: tried.remoteIp,
        ban_address: canonicalBanAddress(tried.remoteIp),
        request_uri: tried.targetUrl ?? tried.path,
        request_method: tried.targetMethod ?? tried.method,
      })
      .execute();
    const { username, remoteIp: ip } = tried;
    const factor = FACTORS[tried.factor];
    const kind = successful ? 'sign_in' : 'sign_in_failed';
    await writeAudit(db, { kind, username, actor: 'user', ip, detail: { factor, banned: refused !== null } }, nowMs);
    if (successful || refused !== null) return [];
    const earned = await this.#earned(db, tried, nowMs);
    for (const { kind, subject, untilMs } of earned) {
      await db
        .insertInto('bans')
        .values({
          kind,
          subject,
          factor: BANNED_AS[tried.factor],
          at_ms: nowMs,
          expires_at_ms: untilMs,
          source: 'regulation',
          reason: REASONS[tried.factor],
        })
        .execute();
      const banned = { of: kind, subject, untilMs, factor };
      await writeAudit(db, { kind: 'ban', username: kind === 'user' ? subject : '', actor: 'regulation', ip, detail: banned }, nowMs);
    }
    return earned;
  }

  /** After a reset: the automatic bans of the user's password end, and what was tried before counts no more. */
  async lift(db: Database, username: string, remoteIp: string, nowMs: number): Promise<void> {
    await db
      .updateTable('bans')
      .set({ revoked_at_ms: nowMs })
      .where('kind', '=', 'user')
      .where('subject', '=', username)
      .where('factor', '=', '1FA')
      .where('source', '=', 'regulation')
      .where('revoked_at_ms', 'is', null)
      .execute();
    await db
      .insertInto('authentication_logs')
      .values({
        at_ms: nowMs,
        successful: 1,
        banned: 0,
        username,
        auth_type: 'Reset',
        remote_ip: remoteIp,
        ban_address: canonicalBanAddress(remoteIp),
        request_uri: '/api/reset-password',
        request_method: 'POST',
      })
      .execute();
  }

  /** Removes attempts that no rule can count any more, and bans that ended before all of those that it can. */
  async forgetOld(db: Database, nowMs: number): Promise<void> {
    const keepMs = Math.max(KNOWN_ADDRESS_MS, this.#settings.findTimeMs);
    await db
      .deleteFrom('authentication_logs')
      .where('at_ms', '<', nowMs - keepMs)
      .execute();
    await db
      .deleteFrom('bans')
      .where((where) => where.or([where('revoked_at_ms', '<', nowMs - keepMs), where('expires_at_ms', '<', nowMs - keepMs)]))
      .execute();
  }

  async #earned(db: Database, tried: Try, nowMs: number): Promise<readonly Earned[]> {
    const address = canonicalBanAddress(tried.remoteIp);
    const earned: Earned[] = [];
    if (tried.factor !== '1FA') {
      const ban = await this.#after(db, tried.factor, 'user', tried.username, this.#codeRule, nowMs);
      return ban === null ? [] : [{ kind: 'user', subject: tried.username, untilMs: ban.untilMs }];
    }
    const counted = { ip: address, user: tried.username === '' ? null : tried.username };
    for (const kind of ['ip', 'user'] as const) {
      const subject = counted[kind];
      if (subject === null || !this.#settings.modes.includes(kind)) continue;
      const ban = await this.#after(db, tried.factor, kind, subject, this.#passwordRule, nowMs);
      if (ban !== null) earned.push({ kind, subject, untilMs: ban.untilMs });
    }
    return earned;
  }

  async #after(
    db: Database,
    factor: Try['factor'],
    kind: 'user' | 'ip',
    subject: string,
    rule: BanRule,
    nowMs: number,
  ): Promise<{ untilMs: number } | null> {
    const lifted = await db
      .selectFrom('bans')
      .select((query) => query.fn.max('revoked_at_ms').as('atMs'))
      .where('kind', '=', kind)
      .where('subject', '=', subject)
      .where('factor', 'in', [BANNED_AS[factor], 'any'])
      .executeTakeFirst();
    const attempts = await this.#attempts(db)
      .where('auth_type', 'in', COUNTED_WITH[factor])
      .where(kind === 'user' ? 'username' : 'ban_address', '=', subject)
      .where('at_ms', '>', lifted?.atMs ?? 0)
      .limit(rule.maxRetries)
      .execute();
    return banAfter(attempts.map(asAttempt), rule, nowMs);
  }

  async #isAtHome(db: Database, username: string, address: string, nowMs: number): Promise<boolean> {
    const attempts = await this.#attempts(db)
      .where('auth_type', 'in', COUNTED_WITH['1FA'])
      .where('username', '=', username)
      .where('ban_address', '=', address)
      .where('at_ms', '>', nowMs - KNOWN_ADDRESS_MS)
      .limit(ATTEMPTS_LOOKED_AT)
      .execute();
    return isSpared(attempts.map(asAttempt), this.#passwordRule, nowMs);
  }

  #attempts(db: Database) {
    return db
      .selectFrom('authentication_logs')
      .select(['at_ms', 'successful', 'banned'])
      .where('banned', '=', 0)
      .orderBy('at_ms', 'desc')
      .orderBy('id', 'desc');
  }

  async #ban(
    db: Database,
    kind: 'user' | 'ip',
    subject: string,
    factor: Try['factor'],
    nowMs: number,
  ): Promise<(Refusal & Pick<BanTable, 'source'>) | null> {
    const ban = await activeBans(db, kind, nowMs)
      .select(['expires_at_ms', 'source'])
      .where('subject', '=', subject)
      .where('factor', 'in', [BANNED_AS[factor], 'any'])
      // An operator's ban before an automatic one, the longest first.
      .orderBy('source', 'asc')
      .orderBy(sql`expires_at_ms is null`, 'desc')
      .orderBy('expires_at_ms', 'desc')
      .limit(1)
      .executeTakeFirst();
    return ban === undefined ? null : { kind, untilMs: ban.expires_at_ms, source: ban.source };
  }
}

/** Bans in force (reference 5.1). */
export function activeBans(db: Database, kind: 'user' | 'ip', nowMs: number) {
  return db
    .selectFrom('bans')
    .where('kind', '=', kind)
    .where('revoked_at_ms', 'is', null)
    .where((where) => where.or([where('expires_at_ms', 'is', null), where('expires_at_ms', '>', nowMs)]));
}

const asAttempt = (row: { at_ms: number; successful: number; banned: number }): Attempt => ({
  atMs: row.at_ms,
  successful: row.successful === 1,
  banned: row.banned === 1,
});
