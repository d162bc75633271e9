import type { Kysely } from 'kysely';

/**
 * Runs `work` in one write transaction, kept when it resolves and undone when it throws; inside one already, as a part of that one.
 * `work` uses the `trx` it is given: `db` itself waits until the transaction is over, which then never happens.
 */
export function inTransaction<Schema, Result>(db: Kysely<Schema>, work: (trx: Kysely<Schema>) => Promise<Result>): Promise<Result> {
  return db.isTransaction ? work(db) : db.transaction().execute(work);
}
