import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { StoreLocation } from '@portcullis/platform-sql';
import { locationIn } from './store-kind.fixture.js';
import { EndingsJournal, type EndedSession } from './endings-journal.js';

let directory: string;
let nowMs: number;
let journal: EndingsJournal;
let location: StoreLocation;
const open = (): Promise<EndingsJournal> => EndingsJournal.open(location, () => nowMs);
beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'journal-'));
  nowMs = 1000;
  location = await locationIn(directory);
  journal = await open();
});
afterEach(async () => {
  await journal.close();
  rmSync(directory, { recursive: true, force: true });
});

const ended = (hash: string, changes: Partial<EndedSession> = {}): EndedSession => ({
  hash,
  username: 'alice',
  handle: 'h',
  reason: 'logout',
  keepUntilMs: 2000,
  ...changes,
});
const before = (username: string | null, notBeforeMs: number, exceptHandle: string | null = null) =>
  ({ username, notBeforeMs, exceptHandle, reason: 'revoked', keepUntilMs: 2000 }) as const;
const inForce = async (pageSize?: number): Promise<readonly (readonly string[])[]> => {
  const pages: (readonly string[])[] = [];
  for await (const page of journal.sessionsInForce(pageSize)) pages.push(page);
  return pages;
};

it('still knows every ending when it is opened again', async () => {
  await journal.add(ended('one'));
  await journal.addBefore(before('alice', 900));
  await journal.putProfile({ username: 'bob', profileHash: 'p', atMs: 900, keepUntilMs: 2000 });
  await journal.close();
  journal = await open();
  expect(await inForce()).toEqual([['one']]);
  expect(await journal.beforeInForce()).toEqual([before('alice', 900)]);
  expect(await journal.profilesInForce()).toEqual([{ username: 'bob', profileHash: 'p', atMs: 900, keepUntilMs: 2000 }]);
  expect(await journal.find('one')).toEqual({ ...ended('one'), atMs: 1000 });
});

it('gives the sessions in force in pages', async () => {
  for (const hash of ['c', 'a', 'e', 'b', 'd']) await journal.add(ended(hash));
  expect(await inForce(2)).toEqual([['a', 'b'], ['c', 'd'], ['e']]);
});

it('knows what is announced, and has nobody ended by it until it is added', async () => {
  await journal.announce(ended('one', { reason: 'rotated' }));
  expect(await inForce()).toEqual([]);
  expect((await journal.find('one'))?.reason).toBe('rotated');
  await journal.add(ended('one'));
  await journal.announce(ended('one'));
  expect(await inForce()).toEqual([['one']]);
});

it('forgets what can matter to no session any more', async () => {
  await journal.add(ended('short'));
  await journal.add(ended('long', { keepUntilMs: 5000 }));
  await journal.addBefore(before('alice', 900));
  nowMs = 2000;
  expect(await inForce()).toEqual([['long']]);
  expect(await journal.beforeInForce()).toEqual([]);
  await journal.purge();
  expect(await journal.find('short')).toBeNull();
  expect(await journal.size()).toBe(1);
});

it('keeps one row where a later ending says it all', async () => {
  await journal.addBefore(before('alice', 800, 'h'));
  await journal.addBefore(before('bob', 800));
  await journal.addBefore(before('alice', 900));
  await journal.addBefore(before('alice', 950, 'h'));
  await journal.addBefore(before(null, 700));
  expect(await journal.beforeInForce()).toEqual([before('bob', 800), before('alice', 900), before('alice', 950, 'h'), before(null, 700)]);
});

it('knows what was ended since a mark, by order and not by the clock', async () => {
  const alice = { profile: { username: 'alice', displayName: '', emails: [], groups: [] }, handle: 'h' };
  await journal.addBefore(before('alice', 9e9));
  const mark = await journal.mark();
  await journal.addBefore(before('bob', 1));
  await journal.addBefore(before('alice', 1, 'h'));
  expect(await journal.endedSince(mark, alice)).toBe(false);
  expect(await journal.endedSince(mark, { ...alice, handle: 'another' })).toBe(true);
  // It takes the place of the row that was the last at the mark.
  await journal.addBefore(before('alice', 9e9));
  expect(await journal.endedSince(mark, alice)).toBe(true);
  expect(await journal.endedSince(await journal.mark(), alice)).toBe(false);
  await journal.addBefore(before(null, 1));
  expect(await journal.endedSince(mark, { ...alice, profile: { ...alice.profile, username: 'carol' } })).toBe(true);
});
