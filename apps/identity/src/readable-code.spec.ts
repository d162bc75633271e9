import { describe, expect, it } from 'vitest';
import { makeCode, readCode } from './readable-code.js';

describe('a made code', () => {
  it('has the wanted length, from symbols that are not taken for one another', () => {
    let byte = 0;
    const code = makeCode(240, () => Uint8Array.of(byte++ % 256));
    expect(code).toHaveLength(240);
    expect(code).toMatch(/^[ABCDEFGHJKLMNPQRTUVWYXZ2346789]+$/u);
  });

  it('takes every symbol equally often: bytes that would favour some are thrown away', () => {
    const counts = new Map<string, number>();
    let byte = 0;
    for (const symbol of Array.from(makeCode(240, () => Uint8Array.of(byte++)))) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
    expect(counts.size).toBe(30);
    expect(new Set(counts.values())).toEqual(new Set([8]));
    const bytes = [255, 254, 240, 0];
    expect(makeCode(1, () => Uint8Array.of(bytes.shift() ?? 0))).toBe('A');
    expect(bytes).toEqual([]);
  });
});

describe('a typed code', () => {
  it.each([
    ['ABCDEFGH', 'ABCDEFGH'],
    ['abcdefgh', 'ABCDEFGH'],
    ['  ABCD efgh\t', 'ABCDEFGH'],
    ['ABCD-EFGH', 'ABCDEFGH'],
    ['a-b c–d—e f-g h', 'ABCDEFGH'],
    ['ＡＢＣＤ２３４６', 'ABCD2346'],
    ['AB\u00a0CD\u2003EFGH', 'ABCDEFGH'],
  ])('%j is read as %s', (typed, code) => {
    expect(readCode(typed, 8)).toBe(code);
  });

  it.each(['', 'ABCDEFG', 'ABCDEFGHJ', 'ABCDEFG0', 'ABCDEFGI', 'ABCDEFG\0', 'ABCDEF_G', 'ßBCDEFG', '😀ABCDEF', 'AAAAAAA\u0301'])(
    '%j cannot be one',
    (typed) => {
      expect(readCode(typed, 8)).toBeNull();
    },
  );

  it('is measured against the configured length', () => {
    expect(readCode('ABCD', 4)).toBe('ABCD');
    expect(readCode('ABCD', 5)).toBeNull();
  });
});
