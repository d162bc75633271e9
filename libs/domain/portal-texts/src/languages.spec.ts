import { expect, it } from 'vitest';
import { directionOf, isLanguage } from './languages.js';

it('Arabic runs from right to left', () => {
  expect([directionOf('ar'), directionOf('ja')]).toEqual(['rtl', 'ltr']);
});

it.each(['EN', 'en-GB', '', '__proto__', 'constructor', '"><script>'])('%j is no language of ours', (tag) => {
  expect(isLanguage(tag)).toBe(false);
});
