import { describe, expect, it } from 'vitest';
import { createRelay, lineCutter } from './relay.mjs';

const MEGABYTE = 'x'.repeat(1024 * 1024);

/** A reader that takes as many bytes as it was last allowed to, then makes one wait. */
function slowReader() {
  let text = '';
  let allowed = 0;
  const write = (buffer) => {
    if (allowed === 0) throw Object.assign(new Error('full'), { code: 'EAGAIN' });
    const part = buffer.subarray(0, allowed);
    allowed -= part.length;
    text += part.toString();
    return part.length;
  };
  return { write, text: () => text, allow: (bytes) => (allowed = bytes) };
}

describe('passing lines on', () => {
  it('keeps their order, and a line whole, where the reader takes a few bytes at a time', async () => {
    const reader = slowReader();
    const { push, flush } = createRelay(reader.write);
    for (const line of ['one', 'two', 'three']) push(line);
    reader.allow(5);
    await flush(60);
    reader.allow(100);
    await flush(2000);
    expect(reader.text()).toBe('one\ntwo\nthree\n');
  });

  it('loses lines to a stuck reader rather than wait, and says how many', async () => {
    const reader = slowReader();
    const { push, flush } = createRelay(reader.write);
    for (let index = 0; index < 10; index += 1) push(MEGABYTE);
    reader.allow(Infinity);
    await flush(2000);
    push('again');
    expect(reader.text().slice(-100)).toMatch(/\n! 7 lines were lost: [^\n]*\nagain\n$/);
  });

  it('gives up where nobody reads anymore', async () => {
    let tries = 0;
    const { push, flush } = createRelay(() => {
      tries += 1;
      throw Object.assign(new Error('closed'), { code: 'EPIPE' });
    });
    push('one');
    push('two');
    await flush(2000);
    expect(tries).toBe(1);
  });
});

it('chunks are cut into whole lines, the last one at the end', () => {
  const lines = [];
  const cut = lineCutter((line) => lines.push(line));
  for (const chunk of ['a', 'b\nc', '\n', 'd']) cut(chunk);
  expect(lines).toEqual(['ab', 'c']);
  cut();
  expect(lines).toEqual(['ab', 'c', 'd']);
});
