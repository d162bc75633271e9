import type { identityAdminContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { copyTo, describeStore, inTransaction, type StoreLocation, takeAlone } from '@portcullis/platform-sql';
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { writeAudit } from './audit.js';
import { type Database, MIGRATIONS } from './database.js';
import { opensStore } from './encryption-check.js';
import { changeKey, countSealed } from './storage-key.js';
import type { UserDirectory } from './user-directory.js';

type Admin = Handlers<typeof identityAdminContract>;

export interface AdminStorageOptions {
  readonly db: Database;
  readonly location: StoreLocation;
  /** `storage.encryption_key`. */
  readonly secret: string;
  /** The file the key is kept in; null: it is configured. */
  readonly keyFile: string | null;
  /** null: the users file cannot be used. */
  readonly users: () => UserDirectory | null;
  /** Whether this process serves: then it holds the key, and others of its kind may too. */
  readonly isServing: boolean;
  readonly now: () => number;
}

const LEAST_KEY_LENGTH = 20;

/** The store itself as the operator looks after it: `storage encryption`, `storage migrate`, `storage schema-info` (reference 6.5). */
export class AdminStorage {
  readonly #options: AdminStorageOptions;

  constructor(options: AdminStorageOptions) {
    this.#options = options;
  }

  get location(): StoreLocation {
    return this.#options.location;
  }

  async check(verbose: boolean): ReturnType<Admin['checkEncryption']> {
    const { db, secret } = this.#options;
    const opened = await opensStore(db, secret);
    const columns = verbose ? [...(await countSealed(db, secret))] : [];
    if (opened === null) return { result: 'unknown', columns };
    return { result: opened && columns.every(({ invalid }) => invalid === 0) ? 'success' : 'failure', columns };
  }

  /** Whole or not at all, with a copy of a file as it was beside it. */
  async changeKey(newKey: string): ReturnType<Admin['changeEncryptionKey']> {
    const { db, secret, keyFile, users, isServing, now } = this.#options;
    if (isServing) return { outcome: 'running' };
    const problem = this.#problemOf(newKey);
    if (problem !== null) return { outcome: 'invalid', problem };
    const directory = users();
    if (directory === null)
      return { outcome: 'invalid', problem: 'the users file cannot be used: mend it first, for without it everybody would be signed out' };
    const broken = (await countSealed(db, secret)).filter(({ invalid }) => invalid > 0);
    if (broken.length > 0) {
      return {
        outcome: 'invalid',
        problem: `not everything opens with the present key (${broken.map(({ table }) => table).join(', ')}): see storage encryption check --verbose`,
      };
    }
    if (!(await takeAlone(db))) return { outcome: 'running' };
    const backup = await this.#copy(new Date(now()));
    // The new key lies beside the old one before anything is sealed with it.
    const next = keyFile === null ? null : `${keyFile}.new`;
    if (next !== null) writeFileSync(next, `${newKey}\n`, { mode: 0o600 });
    const columns = await inTransaction(db, async (trx) => {
      await writeAudit(trx, { kind: 'key_changed', actor: 'operator' }, now());
      return changeKey(trx, secret, newKey, directory.users);
    }).catch((error: unknown) => {
      if (next !== null) rmSync(next, { force: true });
      throw error;
    });
    // From here on the new key is the store's: where it cannot take the old one's place it stays where it is.
    if (next !== null && keyFile !== null) renameSync(next, keyFile);
    return { outcome: 'changed', backup, keyFile, columns: [...columns] };
  }

  /** A server is copied by whoever looks after it. */
  async #copy(at: Date): Promise<string | null> {
    const { db, location } = this.#options;
    if (location.kind === 'postgres') return null;
    const backup = `${location.path}.${at.toISOString().slice(0, 19).replaceAll(':', '')}.backup`;
    await copyTo(db, backup);
    return backup;
  }

  #problemOf(newKey: string): string | null {
    if (newKey.length < LEAST_KEY_LENGTH) return `the new key must have at least ${LEAST_KEY_LENGTH} characters`;
    return newKey === this.#options.secret ? 'the new key is the present one' : null;
  }
}

/** What the store holds, and what this version would add. Nothing is changed by asking. */
export async function describeSchema(location: StoreLocation): ReturnType<Admin['describeSchema']> {
  const { applied, tables } = await describeStore(location);
  const names = MIGRATIONS.map(({ name }, index) => ({ version: index + 1, name }));
  return {
    version: applied.length,
    latest: MIGRATIONS.length,
    tables: [...tables],
    history: applied.map(({ name, atMs }, index) => ({ version: index + 1, name, atMs })),
    available: names.slice(applied.length),
  };
}
