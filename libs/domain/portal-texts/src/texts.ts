import ar from './ar.json' with { type: 'json' };
import de from './de.json' with { type: 'json' };
import en from './en.json' with { type: 'json' };
import es from './es.json' with { type: 'json' };
import fr from './fr.json' with { type: 'json' };
import ja from './ja.json' with { type: 'json' };
import type { Language } from './languages.js';

/** Languages differ in their plural forms: `policy.min_one`, `policy.min_few` and so on are one text. */
type WithoutPlural<Key> = Key extends `${infer Text}_${'zero' | 'one' | 'two' | 'few' | 'many' | 'other'}` ? Text : Key;
type Texts = typeof en;

/** What a page can say; `{{name}}` in a text stands for a value (i18next's syntax). */
export type TextKey = WithoutPlural<keyof Texts>;

/** Does not compile where a language lacks a text that English has, or has one more. */
type Complete<Catalogue> = [TextKey, WithoutPlural<keyof Catalogue>] extends [WithoutPlural<keyof Catalogue>, TextKey]
  ? Catalogue
  : { readonly missing: Exclude<TextKey, WithoutPlural<keyof Catalogue>>; readonly unknown: Exclude<WithoutPlural<keyof Catalogue>, TextKey> };
const complete = <Catalogue>(catalogue: Complete<Catalogue>): Complete<Catalogue> => catalogue;

export const TEXTS: Readonly<Record<Language, Readonly<Record<string, string>>>> = {
  en,
  de: complete<typeof de>(de),
  fr: complete<typeof fr>(fr),
  es: complete<typeof es>(es),
  ja: complete<typeof ja>(ja),
  ar: complete<typeof ar>(ar),
};

export type TextValues = Readonly<Record<string, string | number>>;
export type Translate = (key: TextKey, values?: TextValues) => string;

/** Says a text in that language, as i18next would in the browser; `count` chooses the plural form. */
export function translator(language: Language): Translate {
  const plural = new Intl.PluralRules(language);
  return (key, values = {}) => {
    const { count } = values;
    const text = TEXTS[language][typeof count === 'number' ? `${key}_${plural.select(count)}` : key] ?? key;
    return text.replaceAll(/\{\{(\w+)\}\}/g, (whole, name: string) => String(values[name] ?? whole));
  };
}
