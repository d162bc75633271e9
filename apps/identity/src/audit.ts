import type { AuditKind, AuditRow, identityAdminContract, identityContract } from '@portcullis/contracts-identity';
import { currentRequest, type Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import type { Selectable } from 'kysely';
import { z } from 'zod';
import type { Database } from './database.js';
import type { AuditTable } from './migrations-audit.js';

type Admin = Handlers<typeof identityAdminContract>;
type Identity = Handlers<typeof identityContract>;

/** What is to be written down; `detail` holds no secret: no password, digest, code, token, and nothing of a session but its handle. */
export interface AuditEntry {
  readonly kind: AuditKind;
  /** The canonical name; absent: it concerns nobody, or a name nobody has. */
  readonly username?: string;
  readonly actor: AuditRow['actor'];
  readonly ip?: string;
  readonly detail?: AuditRow['detail'];
}

const detailSchema = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]));

/** Writes it down as a part of the transaction in which it happens, with the id of the request that is being answered. */
export const writeAudit = (trx: Database, entry: AuditEntry, atMs: number): Promise<void> => writeAudits(trx, [entry], atMs);

/** A store takes so many values in a statement. */
const AT_ONCE = 1000;

/** The same of many things that happened at once, in their order. */
export async function writeAudits(trx: Database, entries: readonly AuditEntry[], atMs: number): Promise<void> {
  const request_id = currentRequest()?.requestId ?? '';
  const rows = entries.map(({ kind, username = '', actor, ip = '', detail = {} }) => ({
    ...{ at_ms: atMs, kind, username, actor, remote_ip: ip, request_id },
    detail: JSON.stringify(detail),
  }));
  for (let at = 0; at < rows.length; at += AT_ONCE) {
    await trx
      .insertInto('audit')
      .values(rows.slice(at, at + AT_ONCE))
      .execute();
  }
}

export interface AuditTrailOptions {
  readonly db: Database;
  /** `audit.retention` */
  readonly retentionMs: number;
  readonly now: () => number;
}

/** What was written down, as the operator reads it, and how it goes. */
export class AuditTrail {
  readonly #options: AuditTrailOptions;

  constructor(options: AuditTrailOptions) {
    this.#options = options;
  }

  /** The oldest first; without `afterId` the newest `limit` of them. */
  async list({ username, kind, sinceMs, untilMs, afterId, limit }: Parameters<Admin['listAudit']>[0]): ReturnType<Admin['listAudit']> {
    const rows = await this.#options.db
      .selectFrom('audit')
      .selectAll()
      .$if(username !== null, (query) => query.where('username', '=', username ?? ''))
      .$if(kind !== null, (query) => query.where('kind', '=', kind ?? ''))
      .$if(sinceMs !== null, (query) => query.where('at_ms', '>=', sinceMs ?? 0))
      .$if(untilMs !== null, (query) => query.where('at_ms', '<', untilMs ?? 0))
      .$if(afterId !== null, (query) => query.where('id', '>', afterId ?? 0))
      .orderBy('id', afterId === null ? 'desc' : 'asc')
      .limit(limit)
      .execute();
    const found = rows.map(asRow);
    return { rows: afterId === null ? found.reverse() : found };
  }

  /** Everything that was written down of one person, the log of tries too; that it was done is written down, without the name. */
  async erase({ username }: Parameters<Admin['eraseAudit']>[0]): ReturnType<Admin['eraseAudit']> {
    const { db, now } = this.#options;
    return inTransaction(db, async (trx) => {
      const rows = await trx.deleteFrom('audit').where('username', '=', username).executeTakeFirst();
      const tries = await trx.deleteFrom('authentication_logs').where('username', '=', username).executeTakeFirst();
      const erased = { rows: Number(rows.numDeletedRows), attempts: Number(tries.numDeletedRows) };
      await writeAudit(trx, { kind: 'audit_erased', actor: 'operator', detail: erased }, now());
      return erased;
    });
  }

  /** What another service tells of; one that is lost is counted there. */
  async record({ kind, username, actor, ip, detail }: Parameters<Identity['recordEvent']>[0]): ReturnType<Identity['recordEvent']> {
    const { db, now } = this.#options;
    // In its turn, so that rows become visible in the order of their ids: a reader who follows them misses none.
    await inTransaction(db, (trx) => writeAudit(trx, { kind, username: username ?? '', actor, ip: ip ?? '', detail }, now()));
    return { outcome: 'recorded' };
  }

  async forgetOld(nowMs: number): Promise<void> {
    const { db, retentionMs } = this.#options;
    await db
      .deleteFrom('audit')
      .where('at_ms', '<', nowMs - retentionMs)
      .execute();
  }
}

const asRow = ({ id, at_ms, kind, username, actor, remote_ip, request_id, detail }: Selectable<AuditTable>): AuditRow => ({
  ...{ id, atMs: at_ms, kind, username, ip: remote_ip, requestId: request_id },
  actor: actor as AuditRow['actor'],
  detail: detailSchema.parse(JSON.parse(detail)),
});
