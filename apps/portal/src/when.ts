/** A day and an hour, as they are written where that language is spoken. @param instant RFC 3339 */
export const when = (instant: string, language: string): string =>
  new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' }).format(new Date(instant));
