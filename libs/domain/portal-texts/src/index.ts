/** The texts of the portal's pages, one catalogue a language; English names the keys. */
export { LANGUAGES, directionOf, isLanguage, type Language } from './languages.js';
export { TEXTS, translator, type TextKey, type TextValues, type Translate } from './texts.js';
