import { isLanguage, type Language } from '@portcullis/domain-portal-texts';
import type { FastifyRequest } from 'fastify';

const LANGUAGE_COOKIE = 'portcullis_language';
const A_YEAR_S = 365 * 24 * 3600;

/** Keeps a language chosen by hand; no secret, and the pages' script writes the same. */
export const languageCookie = (language: Language): string => `${LANGUAGE_COOKIE}=${language}; Path=/; Max-Age=${A_YEAR_S}; Secure; SameSite=Lax`;

/** The language chosen by hand before, else the best of Accept-Language (RFC 9110 section 12.5.4), else English. */
export function languageOf(cookies: string | undefined, acceptLanguage: string | undefined): Language {
  return chosenLanguage(cookies) ?? acceptedLanguage(acceptLanguage) ?? 'en';
}

/** The language of who asks. */
export const languageFor = ({ headers }: FastifyRequest): Language => languageOf(headers.cookie, headers['accept-language']);

function chosenLanguage(cookies = ''): Language | undefined {
  for (const pair of cookies.split(';')) {
    const [name, value = ''] = pair.trim().split('=', 2);
    if (name === LANGUAGE_COOKIE && isLanguage(value)) return value;
  }
  return undefined;
}

const MAX_RANGES = 32;

/** A range counts by its language alone: `de-AT` is German. */
function acceptedLanguage(header = ''): Language | undefined {
  const ranges = header.split(',', MAX_RANGES).map((range) => {
    const [tag = '', ...parameters] = range.split(';').map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith('q='));
    return { language: tag.split('-', 1)[0] ?? '', weight: weight === undefined ? 1 : Number(weight.slice(2)) };
  });
  const known = ranges.flatMap(({ language, weight }) => (weight > 0 && isLanguage(language) ? [{ language, weight }] : []));
  return known.sort((a, b) => b.weight - a.weight)[0]?.language;
}
