import { describe, expect, it } from 'vitest';
import { isLanguage, type Language, LANGUAGES } from './languages.js';
import { TEXTS, translator } from './texts.js';

const PLURAL = /_(zero|one|two|few|many|other)$/;
const languages = Object.keys(LANGUAGES).filter(isLanguage);
const placeholdersOf = (text: string): readonly string[] => [...text.matchAll(/\{\{(\w+)\}\}/g)].map(([, name = '']) => name).sort();
const englishOf = (key: string): string => TEXTS.en[key] ?? TEXTS.en[key.replace(PLURAL, '_other')] ?? '';

describe.each(languages)('the texts in %s', (language: Language) => {
  const texts = Object.entries(TEXTS[language]);

  it('say something each', () => {
    expect(texts.filter(([, text]) => text.trim() === '')).toEqual([]);
  });

  it('take the same values as the English ones', () => {
    const odd = texts.filter(([key, text]) => placeholdersOf(text).join() !== placeholdersOf(englishOf(key)).join());
    expect(odd).toEqual([]);
  });

  it('have every plural form of the language and no other', () => {
    const forms = new Map<string, string[]>();
    for (const [key] of texts) {
      const form = PLURAL.exec(key)?.[1];
      if (form !== undefined) forms.set(key.replace(PLURAL, ''), [...(forms.get(key.replace(PLURAL, '')) ?? []), form]);
    }
    const { pluralCategories } = new Intl.PluralRules(language).resolvedOptions();
    for (const [key, found] of forms) expect([key, ...found.sort()]).toEqual([key, ...pluralCategories.sort()]);
  });

  it('hold no markup', () => {
    expect(texts.filter(([, text]) => /[<>]/.test(text))).toEqual([]);
  });
});

describe('a text', () => {
  it('has its values put in, as text', () => {
    expect(translator('de')('sign_in.continue_to', { host: '<b>{{host}}' })).toBe('um zu <b>{{host}} zu gelangen');
  });

  it.each([
    [1, 'at least 1 character'],
    [8, 'at least 8 characters'],
  ])('in the plural of %d', (count, text) => {
    expect(translator('en')('policy.min', { count })).toBe(text);
  });

  it('in Arabic has six plurals', () => {
    const say = translator('ar');
    expect(new Set([0, 1, 2, 3, 11, 100].map((count) => say('policy.min', { count }).replace(/\d+/, ''))).size).toBeGreaterThanOrEqual(4);
  });
});
