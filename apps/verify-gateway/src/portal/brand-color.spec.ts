import { describe, expect, it } from 'vitest';
import { brandOf, brandStyle, contrast } from './brand-color.js';

describe('a colour of the operator', () => {
  it.each(['#000000', '#ffffff', '#ffff00', '#7f7f7f', '#2b59c3', '#c0ffee', '#ff0000', '#00ff00'])('%s is readable wherever it is used', (color) => {
    const { light, onLight, dark, onDark } = brandOf(color);
    for (const ground of ['#ffffff', '#f4f5f7']) expect(contrast(light, ground)).toBeGreaterThanOrEqual(4.5);
    for (const ground of ['#000000', '#1a1f2a', '#353535', '#2b2b2b']) expect(contrast(dark, ground)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(light, onLight)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(dark, onDark)).toBeGreaterThanOrEqual(4.5);
  });

  it('stays as it is where it is readable', () => {
    expect(brandOf('#2b59c3').light).toBe('#2b59c3');
  });

  it('becomes a style and nothing else', () => {
    expect(brandStyle('#2b59c3')).toMatch(/^:root\{(--[a-z-]+:#[0-9a-f]{6};?){4}\}$/);
  });
});

it('black on white has the contrast that WCAG says', () => {
  expect(contrast('#000000', '#ffffff')).toBeCloseTo(21);
});
