import type { SessionRecord } from '@portcullis/contracts-session';
import type { EndedBefore, ProfileInForce } from './endings-journal.js';
import { profileHash } from './profile-hash.js';

/** What the journal says of sessions it does not name one by one. */
export interface EndingRules {
  /** Users any of it is about. */
  readonly usernames: readonly string[];
  /** Whether some of it is about everybody. */
  readonly everybody: boolean;
  /** A record nobody can open is not judged. */
  readonly ends: (record: SessionRecord | null) => boolean;
}

/** A session that was ended together with others, or whose record lacks a change of its user's profile, must not come back. */
export function endingRules(before: readonly EndedBefore[], profiles: readonly ProfileInForce[]): EndingRules {
  const beforeOf = Map.groupBy(before, ({ username }) => username);
  const profileOf = new Map(profiles.map((profile) => [profile.username, profile]));
  const everybody = beforeOf.get(null) ?? [];
  return {
    usernames: [...new Set([...profileOf.keys(), ...before.flatMap(({ username }) => username ?? [])])],
    everybody: everybody.length > 0,
    ends: (record) => {
      if (record === null) return false;
      const { username } = record.profile;
      const rows = [...everybody, ...(beforeOf.get(username) ?? [])];
      return rows.some((row) => isEndedBy(row, record)) || isBehind(profileOf.get(username), record);
    },
  };
}

const isEndedBy = ({ notBeforeMs, exceptHandle }: EndedBefore, { createdAtMs, handle }: SessionRecord): boolean =>
  createdAtMs <= notBeforeMs && handle !== exceptHandle;

const isBehind = (inForce: ProfileInForce | undefined, { createdAtMs, profile }: SessionRecord): boolean =>
  inForce !== undefined && createdAtMs <= inForce.atMs && profileHash(profile) !== inForce.profileHash;
