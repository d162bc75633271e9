import { describe, expect, it } from 'vitest';
import { keepLayout } from './keep-layout.js';

describe('keepLayout', () => {
  it.each<[what: string, text: string, before: string, after: string, kept: string]>([
    ['spaces', 'a:   1   # x\nb: 2\n', 'a: 1 # x\nb: 2\n', 'a: 1 # x\nc: 2\n', 'a:   1   # x\nc: 2\n'],
    ['quotes and braces', "a: { 'x': 1 }\nb: 2\n", 'a: {x: 1}\nb: 2\n', 'a: {x: 1}\nc: 3\nb: 2\n', "a: { 'x': 1 }\nc: 3\nb: 2\n"],
    ['empty lines', 'a: 1\n\n\n\nb: 2\n', 'a: 1\n\nb: 2\n', 'a: 1\n\nc: 2\n', 'a: 1\n\n\n\nc: 2\n'],
    ['how far lists stand', 'a:\n- x: 1\n  y: 2\n', 'a:\n  - x: 1\n    y: 2\n', 'a:\n  - x: 1\n    z: 2\n', 'a:\n- x: 1\n  z: 2\n'],
    ['the end of the file', 'a: 1\nb: 2', 'a: 1\nb: 2\n', 'a: 1\nc: 2\n', 'a: 1\nc: 2'],
    ['the ends of lines', 'a: 1\r\nb: 2\r\n', 'a: 1\nb: 2\n', 'a: 1\nc: 2\n', 'a: 1\r\nc: 2\r\n'],
    ['all, where nothing differs', 'a:  1\n', 'a: 1\n', 'a: 1\n', 'a:  1\n'],
  ])('keeps %s', (_, text, before, after, kept) => {
    expect(keepLayout(text, before, after)).toBe(kept);
  });
});
