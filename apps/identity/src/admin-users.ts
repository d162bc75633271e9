import type { identityAdminContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import type { Database } from './database.js';
import type { UserChange } from './user-edits.js';
import type { Users } from './users.js';

type Admin = Handlers<typeof identityAdminContract>;

export interface AdminUsersOptions {
  readonly db: Database;
  /** null: they cannot be used as they are. */
  readonly users: Users | null;
}

const UNUSABLE = { outcome: 'invalid' as const, problems: ['the users cannot be used as they are: `portcullis validate-config` says what to mend'] };

/** The people as the operator lists and changes them: `users list|add|set-password|…`, in the file or in the store. */
export class AdminUsers {
  readonly #options: AdminUsersOptions;

  constructor(options: AdminUsersOptions) {
    this.#options = options;
  }

  async list({ withDigests }: Parameters<Admin['listUsers']>[0]): ReturnType<Admin['listUsers']> {
    const { users } = this.#options;
    if (users === null) return UNUSABLE;
    await users.refresh();
    const found = users.directory.users.map(({ digest, groups, ...user }) => ({ ...user, groups: [...groups], ...(withDigests && { digest }) }));
    return { outcome: 'found', backend: users.backend, place: users.place, users: found };
  }

  async edit({ edits, dryRun }: Parameters<Admin['editUsers']>[0]): ReturnType<Admin['editUsers']> {
    const { db, users } = this.#options;
    if (users === null) return UNUSABLE;
    const editing = await inTransaction(db, (trx) => users.edit(trx, edits, dryRun));
    await users.refresh();
    switch (editing.outcome) {
      case 'done':
        return { outcome: 'done', changes: editing.changes.map(summary) };
      case 'invalid':
        return { outcome: 'invalid', problems: [...editing.problems] };
      case 'read_only':
      case 'by_hand':
        return { outcome: editing.outcome, place: users.place };
    }
  }
}

const summary = ({ username, before, after, fields }: UserChange) => {
  const kind = before === null ? ('added' as const) : after === null ? ('deleted' as const) : ('changed' as const);
  return { username, kind, fields: [...fields] };
};
