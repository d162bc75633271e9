import { describe, expect, it } from 'vitest';
import { languageOf } from './language.js';

describe('the language of a page', () => {
  it.each([
    [undefined, 'en'],
    ['', 'en'],
    ['de', 'de'],
    ['de-AT, en;q=0.5', 'de'],
    ['en;q=0.5, FR-ca;q=0.8', 'fr'],
    ['pt-BR, es;q=0.9', 'es'],
    ['ja;q=0, ar;q=0.1', 'ar'],
    ['*', 'en'],
    ['de;q=x, fr', 'fr'],
    ['fr, de', 'fr'],
  ])('is, of Accept-Language %s, %s', (header, language) => {
    expect(languageOf(undefined, header)).toBe(language);
  });

  it('is what was chosen by hand, whatever the browser asks for', () => {
    expect(languageOf('a=b; portcullis_language=ja', 'de')).toBe('ja');
  });

  it.each(['portcullis_language=xx', 'portcullis_language="><script>', 'portcullis_language=', 'xportcullis_language=ja'])(
    'is never %s, which is none of ours',
    (cookie) => {
      expect(languageOf(cookie, 'de')).toBe('de');
    },
  );
});
