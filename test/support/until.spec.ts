import { describe, expect, it } from 'vitest';
import { until } from './until.js';

describe('until', () => {
  it('asks again until the answer is truthy, and returns it', async () => {
    let asked = 0;
    expect(await until(() => (++asked === 3 ? `asked ${asked}` : undefined), { everyMs: 1 })).toBe('asked 3');
  });

  it('takes what throws for not yet', async () => {
    let asked = 0;
    const answer = await until(
      () => {
        if (++asked < 3) throw new Error('not there');
        return true;
      },
      { everyMs: 1 },
    );
    expect(answer).toBe(true);
  });

  it('says what it waited for, and what the last answer or failure was', async () => {
    await expect(until(() => null, { timeoutMs: 5, what: 'the moon' })).rejects.toThrow('waited 5 ms for the moon; the last answer was null');
    const failing = until(() => Promise.reject(new Error('clouds')), { timeoutMs: 5, what: 'the moon' });
    await expect(failing).rejects.toThrow('waited 5 ms for the moon; the last try failed: Error: clouds');
  });

  it('does not wait for a try that hangs', async () => {
    const hanging = until(() => new Promise<boolean>(() => undefined), { timeoutMs: 5, what: 'an answer' });
    await expect(hanging).rejects.toThrow('waited 5 ms for an answer; the first try never answered');
  });
});
