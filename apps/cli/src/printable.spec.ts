import { expect, it } from 'vitest';
import { printable } from './printable.js';

it.each([
  ['\u001b[31mred', String.raw`\u001b[31mred`],
  ['\u009b2K', String.raw`\u009b2K`],
  ['\u0007\r\u007f', String.raw`\u0007\u000d\u007f`],
  ['exe\u202egpj.', String.raw`exe\u202egpj.`],
  ['one\u2028two', String.raw`one\u2028two`],
])('what a terminal would obey in %j is shown', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

it.each(['one\n\ttwo', 'Märy Poppins', 'می\u200cخواهم', '👩\u200d💻'])('%j stays as it is', (text) => {
  expect(printable(text)).toBe(text);
});

it('JSON says the same as before', () => {
  const value = { browser: 'Mozilla \u009b31m\u202e' };
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value);
});
