import { describe, expect, it } from 'vitest';
import { banAfter, isSpared, totpRule, type Attempt } from './ban.js';

// Three failures within two minutes ban for five.
const RULE = { maxRetries: 3, findTimeMs: 120_000, banTimeMs: 300_000 };
const NOW = 10_000_000;

const failed = (secondsAgo: number): Attempt => ({ atMs: NOW - secondsAgo * 1000, successful: false, banned: false });
const succeeded = (secondsAgo: number): Attempt => ({ ...failed(secondsAgo), successful: true });
const refused = (secondsAgo: number): Attempt => ({ ...failed(secondsAgo), banned: true });

describe('regulation', () => {
  it.each<[says: string, attempts: readonly Attempt[], untilMs: number | null]>([
    ['nobody has tried', [], null],
    ['two failures are one short', [failed(0), failed(1)], null],
    ['three failures ban from the newest on', [failed(0), failed(1), failed(2)], NOW + 300_000],
    ['the newest failure is a minute old', [failed(60), failed(61), failed(62)], NOW + 240_000],
    ['more failures ban no longer', [failed(0), failed(1), failed(2), failed(3), failed(4)], NOW + 300_000],
    ['a success comes after the failures', [succeeded(0), failed(1), failed(2), failed(3)], null],
    ['a success lies between the failures', [failed(0), failed(1), succeeded(2), failed(3), failed(4)], null],
    ['a success lies behind three failures', [failed(0), failed(1), failed(2), succeeded(3)], NOW + 300_000],
    ['the third failure is as old as the time looked at', [failed(0), failed(1), failed(120)], null],
    ['the third failure is a second younger', [failed(0), failed(1), failed(119)], NOW + 300_000],
    ['attempts while banned do not count', [refused(0), refused(1), failed(2), failed(3)], null],
    ['attempts while banned do not extend', [refused(0), failed(60), failed(61), failed(62)], NOW + 240_000],
  ])('when %s, bans accordingly', (_, attempts, untilMs) => {
    expect(banAfter(attempts, RULE, NOW)).toEqual(untilMs === null ? null : { untilMs });
  });

  it('never bans with max_retries 0', () => {
    expect(banAfter([failed(0), failed(1), failed(2)], { ...RULE, maxRetries: 0 }, NOW)).toBeNull();
  });

  it('bans at the first failure with max_retries 1', () => {
    expect(banAfter([failed(0), succeeded(1)], { ...RULE, maxRetries: 1 }, NOW)).toEqual({ untilMs: NOW + 300_000 });
  });
});

describe('wrong one-time codes', () => {
  const codes = (count: number) => Array.from({ length: count }, (_, index) => failed(index * 60));

  it('of a user ban at the tenth within ten minutes', () => {
    expect(banAfter(codes(9), totpRule(1_800_000), NOW)).toBeNull();
    expect(banAfter(codes(10), totpRule(1_800_000), NOW)).toEqual({ untilMs: NOW + 1_800_000 });
  });

  it('spread over more than ten minutes do not ban', () => {
    expect(banAfter([...codes(9), failed(600)], totpRule(1_800_000), NOW)).toBeNull();
  });

  it('are cleared by a right one', () => {
    expect(banAfter([...codes(5), succeeded(300), ...codes(10)], totpRule(1_800_000), NOW)).toBeNull();
  });

  it('ban for ten minutes where ban_time is shorter', () => {
    expect(banAfter(codes(10), totpRule(60_000), NOW)).toEqual({ untilMs: NOW + 600_000 });
  });
});

describe('a ban of the user', () => {
  const DAY_S = 86_400;

  it.each<[says: string, attemptsFromHere: readonly Attempt[], spared: boolean]>([
    ['holds at an address the user never used', [], false],
    ['holds at an address that only ever failed', [failed(0), failed(DAY_S)], false],
    ['leaves alone an address where the user signed in', [succeeded(3 * DAY_S)], true],
    ['leaves it alone while it has tries left', [failed(0), failed(1), succeeded(DAY_S)], true],
    ['holds there once it used its own tries', [failed(0), failed(1), failed(2), succeeded(DAY_S)], false],
    ['holds there until its own ban time is over', [failed(299), failed(300), failed(301), succeeded(DAY_S)], false],
    ['leaves it alone again after that', [failed(300), failed(301), failed(302), succeeded(DAY_S)], true],
    ['is not extended there by tries while banned', [refused(0), refused(1), refused(2), succeeded(DAY_S)], true],
  ])('%s', (_, attemptsFromHere, spared) => {
    expect(isSpared(attemptsFromHere, RULE, NOW)).toBe(spared);
  });
});
