import type { UserRecord } from '@portcullis/contracts-configuration';
import { createKeyRing, SealError } from '@portcullis/platform-seal';
import { inTransaction } from '@portcullis/platform-sql';
import { sql } from 'kysely';
import type { Database } from './database.js';
import { SEALED_COLUMNS } from './sealed-columns.js';
import { stepFingerprint, TotpDevices } from './totp-devices.js';
import { profileText, publishedHash } from './user-publisher.js';

type Row = Readonly<Record<string, unknown>>;
type Sealed = (typeof SEALED_COLUMNS)[number];

export interface ColumnCount {
  readonly table: string;
  readonly column: string;
  readonly total: number;
  /** What does not open. */
  readonly invalid: number;
}

/** Opens every value of every sealed column. */
export async function countSealed(db: Database, secret: string): Promise<readonly ColumnCount[]> {
  const counts: ColumnCount[] = [];
  for (const sealed of SEALED_COLUMNS) {
    const ring = createKeyRing([secret], sealed.purpose);
    const rows = await rowsOf(db, sealed);
    const invalid = rows.filter((row) => !opens(() => ring.open(row[sealed.column] as Uint8Array, aadOf(sealed, row)))).length;
    counts.push({ table: sealed.table, column: sealed.column, total: rows.length, invalid });
  }
  return counts;
}

function opens(open: () => unknown): boolean {
  try {
    open();
    return true;
  } catch (error) {
    if (error instanceof SealError) return false;
    throw error;
  }
}

/**
 * Seals everything with the new key that was sealed with the old one, in one transaction: all of it or nothing. What is only kept as a hash
 * under the key is made anew where its text is known, so that no code works twice and nobody is signed out; the rest is forgotten.
 */
export async function changeKey(db: Database, from: string, to: string, users: readonly UserRecord[]): Promise<readonly ColumnCount[]> {
  return inTransaction(db, async (trx) => {
    const counts: ColumnCount[] = [];
    for (const sealed of SEALED_COLUMNS) counts.push({ ...sealedNames(sealed), total: await resealColumn(trx, sealed, from, to), invalid: 0 });
    await renameSteps(trx, from, to);
    await renamePublished(trx, from, to, users);
    // Of these only hashes are kept: links and codes that are under way end, and every browser is met anew, without a mail about it.
    await trx.deleteFrom('one_time_codes').execute();
    await trx.deleteFrom('password_resets').execute();
    await trx.deleteFrom('known_devices').execute();
    await trx.updateTable('sign_ins').set({ disown_hash: null }).execute();
    return counts;
  });
}

const sealedNames = ({ table, column }: Sealed) => ({ table, column });

async function resealColumn(trx: Database, sealed: Sealed, from: string, to: string): Promise<number> {
  const { table, column, key } = sealed;
  const [before, after] = [createKeyRing([from], sealed.purpose), createKeyRing([to], sealed.purpose)];
  const rows = await rowsOf(trx, sealed);
  for (const row of rows) {
    const aad = aadOf(sealed, row);
    const value = after.seal(before.open(row[column] as Uint8Array, aad), aad);
    const where = sql.join(
      key.map((name) => sql`${sql.ref(name)} = ${row[name]}`),
      sql` and `,
    );
    await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${value} where ${where}`.execute(trx);
  }
  return rows.length;
}

async function rowsOf(db: Database, { table, column, key, bound }: Sealed): Promise<readonly Row[]> {
  const columns = sql.join([...key, ...bound, column].map((name) => sql.ref(name)));
  const { rows } = await sql<Row>`select ${columns} from ${sql.table(table)} where ${sql.ref(column)} is not null`.execute(db);
  return rows;
}

const aadOf = ({ aad }: Sealed, row: Row): string => (aad as (row: Row) => string)(row);

/** A code that was used up stays used up. */
async function renameSteps(trx: Database, from: string, to: string): Promise<void> {
  const [before, after] = [stepFingerprint(from), stepFingerprint(to)];
  for (const { username, secret } of await new TotpDevices(to).all(trx)) {
    await trx
      .updateTable('totp_used_steps')
      .set({ secret_hash: after(secret) })
      .where('username', '=', username)
      .where('secret_hash', '=', before(secret))
      .execute();
  }
}

/** What was told of a user is still what was told; a change that nobody was told of yet stays one. */
async function renamePublished(trx: Database, from: string, to: string, users: readonly UserRecord[]): Promise<void> {
  const [before, after] = [publishedHash(from), publishedHash(to)];
  const same = (hash: string, text: string): string => (hash === before(text) ? after(text) : '');
  for (const user of users) {
    const row = await trx.selectFrom('published_users').selectAll().where('username', '=', user.username).executeTakeFirst();
    if (row === undefined) continue;
    const told = { profile_hash: same(row.profile_hash, profileText(user)), password_hash: same(row.password_hash, user.digest) };
    await trx.updateTable('published_users').set(told).where('username', '=', user.username).execute();
  }
}
