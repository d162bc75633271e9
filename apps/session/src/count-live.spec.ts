import { expect, it } from 'vitest';
import { countLive } from './count-live.js';

function world() {
  let scans = 0;
  const pages: string[][] = [
    ['a', 'b'],
    ['b', 'c'],
  ];
  let nowMs = 0;
  let isAway = false;
  const store = {
    async *scan() {
      scans++;
      await Promise.resolve();
      if (isAway) throw new Error('away');
      yield* pages;
    },
  };
  const ask = countLive(store, { everyMs: 1000, waitMs: 1000, now: () => nowMs });
  return {
    ask,
    scans: () => scans,
    later: (ms: number) => (nowMs += ms),
    away: () => (isAway = true),
  };
}

it('a session that a scan shows twice is counted once', async () => {
  expect(await world().ask()).toBe(3);
});

it('whoever asks again soon, or at the same time, hears the same count', async () => {
  const { ask, scans, later } = world();
  await Promise.all([ask(), ask()]);
  later(999);
  await ask();
  expect(scans()).toBe(1);
  later(1);
  await ask();
  expect(scans()).toBe(2);
});

it('a Redis that is away makes it unknown, not zero', async () => {
  const { ask, later, away } = world();
  await ask();
  later(1000);
  away();
  expect(await ask()).toBeNull();
});
