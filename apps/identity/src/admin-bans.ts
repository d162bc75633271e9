import type { AuditRow, Ban, identityAdminContract } from '@portcullis/contracts-identity';
import { canonicalBanAddress } from '@portcullis/domain-regulation';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import type { Selectable } from 'kysely';
import { writeAudit } from './audit.js';
import type { BanTable, Database } from './database.js';
import type { People } from './people.js';
import { activeBans } from './regulation.js';

type Admin = Handlers<typeof identityAdminContract>;
type Kind = 'user' | 'ip';

export interface AdminBansOptions {
  readonly db: Database;
  readonly people: People;
  readonly now: () => number;
}

/** Bans as the operator sees, makes and lifts them: `storage bans` (reference 6.5). An operator's ban holds for both factors and survives a reset. */
export class AdminBans {
  readonly #options: AdminBansOptions;

  constructor(options: AdminBansOptions) {
    this.#options = options;
  }

  /** Those in force, newest first. */
  async list(kind: Kind): Promise<readonly Ban[]> {
    const { db, now } = this.#options;
    const rows = await activeBans(db, kind, now()).selectAll().orderBy('id', 'desc').execute();
    return rows.map(asBan);
  }

  /** `forMs` null: permanent. */
  async add({ kind, subject, forMs, reason }: Parameters<Admin['addBan']>[0]): ReturnType<Admin['addBan']> {
    const { db, now } = this.#options;
    const canonical = this.#canonical(kind, subject);
    if (canonical === null) return { outcome: 'invalid', problem: kind === 'ip' ? `'${subject}' is not an IP address` : 'the name is empty' };
    if (forMs !== null && !(forMs > 0)) return { outcome: 'invalid', problem: 'a ban must last longer than nothing' };
    const atMs = now();
    const expires_at_ms = forMs === null ? null : Math.round(atMs + forMs);
    const row = await inTransaction(db, async (trx) => {
      await tell(trx, 'ban', kind, canonical, { untilMs: expires_at_ms, reason }, atMs);
      return trx
        .insertInto('bans')
        .values({ kind, subject: canonical, factor: 'any', at_ms: atMs, expires_at_ms, revoked_at_ms: null, source: 'cli', reason })
        .returningAll()
        .executeTakeFirstOrThrow();
    });
    return { outcome: 'banned', ban: asBan(row) };
  }

  /** All bans in force of a subject, or the one of that number; how many there were. */
  async revoke({ kind, subject, id }: Parameters<Admin['revokeBan']>[0]): Promise<number> {
    const { db, now } = this.#options;
    if (subject === null && id === null) return 0;
    const nowMs = now();
    return inTransaction(db, (trx) => this.#revoke(trx, { kind, subject, id }, nowMs));
  }

  async #revoke(trx: Database, { kind, subject, id }: Parameters<Admin['revokeBan']>[0], nowMs: number): Promise<number> {
    const ids = activeBans(trx, kind, nowMs)
      .select('id')
      .$if(id !== null, (query) => query.where('id', '=', id))
      .$if(subject !== null, (query) => query.where('subject', '=', this.#canonical(kind, subject ?? '') ?? ''));
    const revoked = await trx.updateTable('bans').set({ revoked_at_ms: nowMs }).where('id', 'in', ids).returning('subject').execute();
    for (const ban of revoked) await tell(trx, 'ban_lifted', kind, ban.subject, {}, nowMs);
    return revoked.length;
  }

  #canonical(kind: Kind, subject: string): string | null {
    if (kind === 'ip') return canonicalBanAddress(subject.trim());
    return this.#options.people.lookup(subject)?.username ?? (subject === '' ? null : subject);
  }
}

function tell(trx: Database, what: 'ban' | 'ban_lifted', of: Kind, subject: string, detail: AuditRow['detail'], atMs: number): Promise<void> {
  const username = of === 'user' ? subject : '';
  return writeAudit(trx, { kind: what, username, actor: 'operator', detail: { of, subject, ...detail } }, atMs);
}

const asBan = (row: Selectable<BanTable>): Ban => ({
  id: row.id,
  kind: row.kind,
  subject: row.subject,
  atMs: row.at_ms,
  expiresAtMs: row.expires_at_ms,
  source: row.source,
  reason: row.reason,
});
