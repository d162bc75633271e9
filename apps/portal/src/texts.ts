import { directionOf, type Language, LANGUAGES, isLanguage, type Translate } from '@portcullis/domain-portal-texts';
import i18next from 'i18next';
import { initReactI18next, useTranslation } from 'react-i18next';

/** Each language is a file of its own, and only the one that is spoken is loaded. */
const CATALOGUES: Readonly<Record<Language, () => Promise<{ readonly default: Readonly<Record<string, string>> }>>> = {
  en: () => import('@portcullis/domain-portal-texts/en.json'),
  de: () => import('@portcullis/domain-portal-texts/de.json'),
  fr: () => import('@portcullis/domain-portal-texts/fr.json'),
  es: () => import('@portcullis/domain-portal-texts/es.json'),
  ja: () => import('@portcullis/domain-portal-texts/ja.json'),
  ar: () => import('@portcullis/domain-portal-texts/ar.json'),
};

const NAMESPACE = 'portal';

/** Loads the texts of the page. @param ownTexts address of the operator's own, which go before ours; null: there are none */
export async function startTexts(wanted: string, ownTexts: string | null): Promise<void> {
  const language = isLanguage(wanted) ? wanted : 'en';
  await i18next.use(initReactI18next).init({
    lng: language,
    fallbackLng: false,
    ns: [NAMESPACE],
    defaultNS: NAMESPACE,
    resources: { [language]: { [NAMESPACE]: await load(language, ownTexts) } },
    keySeparator: false,
    nsSeparator: false,
    // React escapes what it renders.
    interpolation: { escapeValue: false },
  });
}

async function load(language: Language, ownTexts: string | null): Promise<Readonly<Record<string, string>>> {
  const [ours, theirs] = await Promise.all([CATALOGUES[language](), ownTexts === null ? {} : operatorsTexts(ownTexts)]);
  return { ...ours.default, ...theirs };
}

/** Texts of the operator that cannot be had leave ours in place: nobody is kept from signing in by them. */
async function operatorsTexts(address: string): Promise<Readonly<Record<string, string>>> {
  try {
    const response = await fetch(address);
    const texts = response.ok ? ((await response.json()) as Readonly<Record<string, unknown>>) : {};
    return Object.fromEntries(Object.entries(texts).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
  } catch {
    return {};
  }
}

const A_YEAR_S = 365 * 24 * 3600;

/** Speaks another language from now on, here and on the gateway's own pages. */
export async function changeLanguage(language: Language, ownTexts: string | null): Promise<void> {
  document.cookie = `portcullis_language=${language}; Path=/; Max-Age=${A_YEAR_S}; SameSite=Lax; Secure`;
  const theirs = ownTexts === null ? null : ownTexts.replace(/\/[a-z]{2}(?=\/[^/]*$)/, `/${language}`);
  i18next.addResourceBundle(language, NAMESPACE, await load(language, theirs));
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

/** The texts for a component, and the language they are in. */
export function useTexts(): { readonly t: Translate; readonly language: Language } {
  const { t, i18n } = useTranslation();
  const say: Translate = (key, values) => t(key, values ?? {});
  return { t: say, language: isLanguage(i18n.language) ? i18n.language : 'en' };
}

export const languages = Object.entries(LANGUAGES).map(([tag, name]) => ({ tag, name }));
