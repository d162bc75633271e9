import { describe, expect, it } from 'vitest';
import { createTerminal, formatElapsed, oneLine } from './terminal.mjs';

/** A place to print to that is no terminal. */
function paper() {
  const lines = [];
  return { out: { write: (text) => lines.push(text) }, text: () => lines.join('') };
}

describe('what a person reads', () => {
  it.each([
    [40, '0.0 s'],
    [3249, '3.2 s'],
    [12_400, '12 s'],
    [65_000, '1 min 05 s'],
    [119_700, '2 min 00 s'],
  ])('%d ms are %s', (ms, text) => {
    expect(formatElapsed(ms)).toBe(text);
  });

  it('is cut to one line, without colours', () => {
    expect(oneLine('\u001b[31mred\u001b[0m\n  and more', 80)).toBe('red and more');
    expect(oneLine('abcdefgh', 5)).toBe('abcd…');
  });

  it('names a step when it ends, and passes its result on', async () => {
    const { out, text } = paper();
    expect(await createTerminal({ out, env: {} }).step('Work', async () => 7)).toBe(7);
    expect(text()).toMatch(/^✔ Work \(0\.\d s\)\n$/);
  });

  it('marks a step that failed, and lets the failure through', async () => {
    const { out, text } = paper();
    await expect(createTerminal({ out, env: {} }).step('Work', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(text()).toMatch(/^✘ Work/);
  });

  it('takes no for an answer where nobody can be asked', async () => {
    const { out } = paper();
    expect(await createTerminal({ out, input: { isTTY: false }, env: {} }).confirm('Really?')).toBe(false);
  });
});
