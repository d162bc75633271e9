import type { SessionRecord } from '@portcullis/contracts-session';
import { expect, it } from 'vitest';
import { endingRules } from './ending-rules.js';
import type { EndedBefore, ProfileInForce } from './endings-journal.js';
import { profileHash } from './profile-hash.js';

const profile = (groups: string[] = []) => ({ username: 'alice', displayName: 'Alice', emails: [], groups });
const record = (changes: Partial<SessionRecord> = {}): SessionRecord => ({
  v: 1,
  handle: 'h',
  profile: profile(),
  domain: 'example.com',
  remembered: false,
  createdAtMs: 100,
  issuedAtMs: 900,
  expiresAtMs: 1000,
  passwordAtMs: 100,
  totpAtMs: null,
  elevation: null,
  device: { ip: '192.0.2.1', userAgent: '' },
  ...changes,
});
const before = (changes: Partial<EndedBefore>): EndedBefore => ({
  username: 'alice',
  notBeforeMs: 100,
  exceptHandle: null,
  reason: 'revoked',
  keepUntilMs: 1e6,
  ...changes,
});
const inForce = (changes: Partial<ProfileInForce> = {}): ProfileInForce => ({
  username: 'alice',
  profileHash: profileHash(profile()),
  atMs: 100,
  keepUntilMs: 1e6,
  ...changes,
});

it.each<[string, readonly EndedBefore[], boolean]>([
  ['begun when all of the user were ended', [before({})], true],
  ['begun earlier, whatever the age of its id', [before({ notBeforeMs: 500 })], true],
  ['begun later', [before({ notBeforeMs: 99 })], false],
  ['that went on', [before({ exceptHandle: 'h' })], false],
  ['that went on then and was ended since', [before({ exceptHandle: 'h' }), before({ notBeforeMs: 200 })], true],
  ['of another user', [before({ username: 'bob' })], false],
  ['begun when those of everybody were ended', [before({ username: null })], true],
])('judges a session %s', (_, rows, ended) => {
  expect(endingRules(rows, []).ends(record())).toBe(ended);
});

it.each<[string, ProfileInForce, boolean]>([
  ['carries the profile in force', inForce(), false],
  ['lacks it', inForce({ profileHash: profileHash(profile(['admins'])) }), true],
  ['lacks it and was begun with a later one', inForce({ profileHash: profileHash(profile(['admins'])), atMs: 99 }), false],
  ['belongs to another user', inForce({ username: 'bob', profileHash: 'another' }), false],
])('judges a session that %s', (_, row, ended) => {
  expect(endingRules([], [row]).ends(record())).toBe(ended);
});

it('does not judge what it cannot read', () => {
  expect(endingRules([before({ username: null })], []).ends(null)).toBe(false);
});

it('says whose sessions to look at', () => {
  expect(endingRules([before({})], [inForce({ username: 'bob' })])).toMatchObject({ everybody: false });
  expect(new Set(endingRules([before({}), before({ username: null })], [inForce({ username: 'bob' })]).usernames)).toEqual(new Set(['alice', 'bob']));
  expect(endingRules([before({ username: null })], []).everybody).toBe(true);
});
