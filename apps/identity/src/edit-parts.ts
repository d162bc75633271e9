import { userEdit, type UserEdit } from '@portcullis/contracts-identity';
import { z } from 'zod';
import type { Database } from './database.js';

/** Which of the parts of one edit this is. */
export interface Part {
  readonly of: string;
  readonly position: number;
}

const KEPT_MS = 3_600_000;
const edits = z.array(userEdit);

/** Keeps it for whoever is asked for the last one. One that is sent again takes its own place. */
export async function keepPart(db: Database, { of, position }: Part, part: readonly UserEdit[], nowMs: number): Promise<void> {
  const values = { edits: JSON.stringify(part), at_ms: nowMs };
  await db
    .insertInto('edit_parts')
    .values({ edit: of, position, ...values })
    .onConflict((conflict) => conflict.columns(['edit', 'position']).doUpdateSet(values))
    .execute();
}

/** What was kept in front of the last part, in its order, which is then kept no more; null: some of it is missing. */
export async function takeParts(trx: Database, { of, position }: Part): Promise<UserEdit[] | null> {
  const rows = await trx.selectFrom('edit_parts').select(['position', 'edits']).where('edit', '=', of).orderBy('position').execute();
  await trx.deleteFrom('edit_parts').where('edit', '=', of).execute();
  const isWhole = rows.length === position && rows.every((row, index) => row.position === index);
  return isWhole ? rows.flatMap((row) => edits.parse(JSON.parse(row.edits))) : null;
}

/** Those whose last part never came. */
export async function forgetOldParts(db: Database, nowMs: number): Promise<void> {
  await db
    .deleteFrom('edit_parts')
    .where('at_ms', '<', nowMs - KEPT_MS)
    .execute();
}
