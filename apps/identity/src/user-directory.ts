import type { UserRecord } from '@portcullis/contracts-configuration';

/** `authentication_backend.file.search`. */
export interface SearchOptions {
  readonly email: boolean;
  readonly caseInsensitive: boolean;
}

/** Who may sign in, under which spellings. */
export interface UserDirectory {
  /** The user behind what was typed, disabled ones too: their refusal must cost the same. */
  lookup(typed: string): UserRecord | null;
  /** By the canonical name alone. */
  byName(username: string): UserRecord | null;
  readonly users: readonly UserRecord[];
}

/** Addresses are tried first and in lower case; names in lower case only with `case_insensitive` (reference 6.1). */
export function createDirectory(users: readonly UserRecord[], search: SearchOptions): UserDirectory {
  const byName = new Map(users.map((user) => [user.username, user]));
  const byEmail = new Map(search.email ? users.flatMap((user) => (user.email === null ? [] : [[user.email.toLowerCase(), user] as const])) : []);
  return {
    users,
    byName: (username) => byName.get(username) ?? null,
    lookup: (typed) => byEmail.get(typed.toLowerCase()) ?? byName.get(search.caseInsensitive ? typed.toLowerCase() : typed) ?? null,
  };
}
