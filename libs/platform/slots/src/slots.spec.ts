import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Slots } from './slots.js';

const refuse = (reason: string): Error => Object.assign(new Error(reason), { code: 'BUSY' });

/** Work that ends when it is told to. */
function workload() {
  const started: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    started,
    work: (name: string) => () => {
      started.push(name);
      return new Promise<string>((resolve) => {
        ends.set(name, () => {
          resolve(name);
        });
      });
    },
    end: (name: string) => {
      ends.get(name)!();
    },
  };
}

const settled = () => vi.advanceTimersByTimeAsync(0);

describe('slots', () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('take work while they are free and let the rest wait its turn, in order', async () => {
    const slots = new Slots({ slots: 2, maxWaiting: 2, maxWaitMs: 1000 });
    const { started, work, end } = workload();
    const results = ['a', 'b', 'c', 'd'].map((name) => slots.run(work(name), refuse));
    await settled();
    expect([started.join(), slots.busy, slots.waiting]).toEqual(['a,b', 2, 2]);
    end('b');
    await settled();
    expect([started.join(), slots.busy, slots.waiting]).toEqual(['a,b,c', 2, 1]);
    for (const name of ['a', 'c']) end(name);
    await settled();
    end('d');
    expect(await Promise.all(results)).toEqual(['a', 'b', 'c', 'd']);
    expect([slots.busy, slots.waiting]).toEqual([0, 0]);
  });

  it('refuse at once what the line has no room for', async () => {
    const slots = new Slots({ slots: 1, maxWaiting: 1, maxWaitMs: 1000 });
    const { work, end } = workload();
    const first = slots.run(work('a'), refuse);
    const second = slots.run(work('b'), refuse);
    await expect(slots.run(work('c'), refuse)).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('1 wait already') });
    end('a');
    await first;
    end('b');
    expect(await second).toBe('b');
  });

  it('refuse what waited too long, without working on it', async () => {
    const slots = new Slots({ slots: 1, maxWaiting: 5, maxWaitMs: 3000 });
    const { started, work, end } = workload();
    const first = slots.run(work('a'), refuse);
    const refused = expect(slots.run(work('b'), refuse)).rejects.toMatchObject({ code: 'BUSY', message: expect.stringContaining('3000 ms') });
    await vi.advanceTimersByTimeAsync(3000);
    await refused;
    end('a');
    await first;
    expect([started.join(), slots.busy, slots.waiting]).toEqual(['a', 0, 0]);
  });

  it('are free again after work that failed', async () => {
    const slots = new Slots({ slots: 1, maxWaiting: 5, maxWaitMs: 3000 });
    await expect(slots.run(() => Promise.reject(new Error('broken')), refuse)).rejects.toThrow('broken');
    expect(slots.busy).toBe(0);
    expect(await slots.run(() => Promise.resolve('fine'), refuse)).toBe('fine');
  });
});
