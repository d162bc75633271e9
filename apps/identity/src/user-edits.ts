import { parseUsersDatabase, type UserRecord } from '@portcullis/contracts-configuration';
import type { UserEdit } from '@portcullis/contracts-identity';
import { describeDigestProblem, parseDigest } from '@portcullis/domain-passwords';
import { isDeepStrictEqual } from 'node:util';
import type { SearchOptions } from './user-directory.js';

/** What edits come to for one person. */
export interface UserChange {
  readonly username: string;
  /** null: they are new. */
  readonly before: UserRecord | null;
  /** null: they go. */
  readonly after: UserRecord | null;
  readonly fields: readonly Field[];
}

export type Field = (typeof FIELDS)[number];

export type Plan =
  | { readonly ok: true; readonly users: readonly UserRecord[]; readonly changes: readonly UserChange[] }
  | { readonly ok: false; readonly problems: readonly string[] };

const FIELDS = ['displayName', 'email', 'groups', 'disabled', 'digest'] as const;

/** What the users are after the edits, by the rules of a users file; all of them or none. */
export function planEdits(users: readonly UserRecord[], edits: readonly UserEdit[], search: SearchOptions): Plan {
  const before = new Map(users.map((user) => [user.username, user]));
  const after = new Map(before);
  const problems = edits.flatMap((edit) => apply(after, edit) ?? []);
  const edited = [...after.values()];
  problems.push(...problemsOf(edited, search));
  if (problems.length > 0) return { ok: false, problems: [...new Set(problems)] };
  const names = [...new Set([...before.keys(), ...after.keys()])];
  return { ok: true, users: edited, changes: names.flatMap((name) => changeOf(name, before.get(name) ?? null, after.get(name) ?? null)) };
}

/** What the rules of a users file find in them, one sentence each: names, addresses, groups, digests. Nobody at all is no problem here. */
export function problemsOf(users: readonly UserRecord[], search: SearchOptions): readonly string[] {
  if (users.length === 0) return [];
  const { problems } = parseUsersDatabase(
    { users: Object.fromEntries(users.map((user) => [user.username, asSection(user)])) },
    { search, digestProblem },
  );
  return problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
}

/** Why a text is no digest that can be checked, or null. */
export const digestProblem = (digest: string): string | null => (parseDigest(digest) === null ? describeDigestProblem(digest) : null);

function apply(users: Map<string, UserRecord>, edit: UserEdit): string | null {
  if (edit.kind === 'add' && users.has(edit.user.username)) return `${edit.user.username} is there already`;
  if (edit.kind === 'add' || edit.kind === 'put') {
    users.set(edit.user.username, edit.user);
    return null;
  }
  const user = users.get(edit.username);
  if (user === undefined) return `there is no user ${edit.username}`;
  if (edit.kind === 'delete') {
    users.delete(edit.username);
    return null;
  }
  users.set(edit.username, {
    ...user,
    displayName: edit.displayName ?? user.displayName,
    email: edit.email === undefined ? user.email : edit.email,
    groups: edit.groups ?? user.groups,
    disabled: edit.disabled ?? user.disabled,
    digest: edit.digest ?? user.digest,
  });
  return null;
}

function changeOf(username: string, before: UserRecord | null, after: UserRecord | null): readonly UserChange[] {
  const fields = FIELDS.filter((field) => !isDeepStrictEqual(before?.[field], after?.[field]));
  return fields.length === 0 ? [] : [{ username, before, after, fields }];
}

const asSection = ({ displayName, digest, email, groups, disabled }: UserRecord) => ({
  displayname: displayName,
  password: digest,
  email,
  groups: [...groups],
  disabled,
});
