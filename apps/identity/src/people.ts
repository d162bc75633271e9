import type { UserRecord } from '@portcullis/contracts-configuration';
import type { Person } from '@portcullis/contracts-identity';
import type { UserDirectory } from './user-directory.js';

/** Who can sign in: the enabled users of the file as it is now. */
export interface People {
  byName(username: string): Person | null;
  /** By what was typed: a name, or an address where `search.email` is set. */
  lookup(typed: string): Person | null;
  /** Where notices to this user go; null: the file has no address. Never an address of a request (attack 41). */
  recipient(username: string): { readonly name: string; readonly address: string } | null;
}

/** @param users the directory as it is at each call */
export function createPeople(users: () => UserDirectory): People {
  const enabled = (user: UserRecord | null): Person | null => (user === null || user.disabled ? null : personOf(user));
  return {
    byName: (username) => enabled(users().byName(username)),
    lookup: (typed) => enabled(users().lookup(typed)),
    recipient: (username) => {
      const person = enabled(users().byName(username));
      const address = person?.emails[0];
      return person === null || address === undefined ? null : { name: person.displayName, address };
    },
  };
}

export const personOf = ({ username, displayName, email, groups }: UserRecord): Person => ({
  username,
  displayName,
  emails: email === null ? [] : [email],
  groups: [...groups],
});
