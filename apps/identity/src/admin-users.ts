import type { identityAdminContract, UserEdit } from '@portcullis/contracts-identity';
import type { Handlers } from '@portcullis/platform-rpc';
import { inTransaction } from '@portcullis/platform-sql';
import { type AuditEntry, writeAudit, writeAudits } from './audit.js';
import type { Database } from './database.js';
import { keepPart, takeParts } from './edit-parts.js';
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

  async edit({ edits, dryRun, part }: Parameters<Admin['editUsers']>[0]): ReturnType<Admin['editUsers']> {
    const { db, users, now } = this.#options;
    if (users === null) return UNUSABLE;
    if (part?.isLast === false) {
      await keepPart(db, part, edits, now());
      return { outcome: 'done', changes: [], kept: true };
    }
    const editing = await inTransaction(db, async (trx) => {
      const before = part === undefined ? [] : await takeParts(trx, part);
      return before === null ? INCOMPLETE : this.#edit(trx, users, [...before, ...edits], dryRun);
    }).catch(undone);
    await users.refresh();
    switch (editing.outcome) {
      case 'done':
        return { outcome: 'done', changes: editing.changes.map(summary) };
      case 'invalid':
        return { outcome: 'invalid', problems: [...editing.problems] };
      case 'read_only':
        return { outcome: 'read_only', place: users.place, reason: users.readOnly ?? undefined };
      case 'by_hand':
        return { outcome: 'by_hand', place: users.place };
    }
  }

  async #edit(trx: Database, users: Users, edits: readonly UserEdit[], dryRun: boolean): Promise<Editing> {
    const planned = await users.edit(trx, edits, true);
    if (dryRun || planned.outcome !== 'done') return planned;
    // Written down first: where the users are a file, nothing may fail behind the change.
    await writeAudits(trx, planned.changes.map(entryOf), this.#options.now());
    return undoing(await users.edit(trx, edits, false));
  }
}

const INCOMPLETE: Editing = { outcome: 'invalid', problems: ['a part of the edits did not arrive: send all of them again'] };

function entryOf(change: UserChange): AuditEntry {
  const { username, kind, fields } = summary(change);
  return { kind: `user_${kind}`, username, actor: 'operator', detail: { fields: fields.join(' ') } };
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
