import type { identityAdminContract } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import { writeAudit } from './audit.js';
import type { Database } from './database.js';
import type { UserChange } from './user-edits.js';
import type { Editing, Users } from './users.js';

type Admin = Handlers<typeof identityAdminContract>;

export interface AdminUsersOptions {
  readonly db: Database;
  /** null: they cannot be used as they are. */
  readonly users: Users | null;
  readonly now: () => number;
}

const UNUSABLE = { outcome: 'invalid' as const, problems: ['the users cannot be used as they are: `portcullis validate-config` says what to mend'] };

/** The people as the operator lists and changes them: `users list|add|set-password|…`, in the file or in the store. */
export class AdminUsers {
  readonly #options: AdminUsersOptions;

  constructor(options: AdminUsersOptions) {
    this.#options = options;
  }

  async list({ withDigests }: Parameters<Admin['listUsers']>[0]): ReturnType<Admin['listUsers']> {
    const { db, users, now } = this.#options;
    if (users === null) return UNUSABLE;
    await users.refresh();
    if (withDigests) await writeAudit(db, { kind: 'secrets_exported', actor: 'operator', detail: { what: 'password digests' } }, now());
    const found = users.directory.users.map(({ digest, groups, ...user }) => ({ ...user, groups: [...groups], ...(withDigests && { digest }) }));
    return { outcome: 'found', backend: users.backend, place: users.place, users: found };
  }

  async edit({ edits, dryRun }: Parameters<Admin['editUsers']>[0]): ReturnType<Admin['editUsers']> {
    const { db, users } = this.#options;
    if (users === null) return UNUSABLE;
    const editing = await inTransaction(db, async (trx) => {
      const planned = await users.edit(trx, edits, true);
      if (dryRun || planned.outcome !== 'done') return planned;
      // Written down first: where the users are a file, nothing may fail behind the change.
      for (const change of planned.changes) await this.#tell(trx, change);
      return undoing(await users.edit(trx, edits, false));
    }).catch(undone);
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

  #tell(trx: Database, change: UserChange): Promise<void> {
    const { username, kind, fields } = summary(change);
    return writeAudit(trx, { kind: `user_${kind}`, username, actor: 'operator', detail: { fields: fields.join(' ') } }, this.#options.now());
  }
}

/** Undoes the transaction of a change that could not be made. */
class NotMade extends Error {
  constructor(readonly editing: Editing) {
    super(editing.outcome);
  }
}

function undoing(editing: Editing): Editing {
  if (editing.outcome === 'done') return editing;
  throw new NotMade(editing);
}

function undone(error: unknown): Editing {
  if (error instanceof NotMade) return error.editing;
  throw error;
}

const summary = ({ username, before, after, fields }: UserChange) => {
  const kind = before === null ? ('added' as const) : after === null ? ('deleted' as const) : ('changed' as const);
  return { username, kind, fields: [...fields] };
};
