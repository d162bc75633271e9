/** A key and its value. */
export type Field = readonly [key: string, value: string];

/**
 * Reads a query as Go's net/url does: `+` is a blank; a pair that holds a semicolon or a malformed escape does not exist.
 */
export function readForm(query: string): readonly Field[] {
  return query.split('&').flatMap((pair): readonly Field[] => {
    if (pair === '' || pair.includes(';')) return [];
    const equalSign = pair.indexOf('=');
    const key = decode(equalSign < 0 ? pair : pair.slice(0, equalSign));
    const value = equalSign < 0 ? '' : decode(pair.slice(equalSign + 1));
    return key === null || value === null ? [] : [[key, value]];
  });
}

/** Writes a query as Go's url.Values.Encode does: keys in alphabetical order, blanks as `+`, all but `A-Za-z0-9-._~` escaped. */
export function writeForm(fields: readonly Field[]): string {
  return [...fields]
    .sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0))
    .map(([key, value]) => `${encode(key)}=${encode(value)}`)
    .join('&');
}

/** A character up to U+00FF is one byte, for that is how an HTTP server hands over a header; any other is written as UTF-8. */
export function escapeCharacter(character: string): string {
  if (character > '\xff') return encodeURIComponent(character.isWellFormed() ? character : '\uFFFD');
  return `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`;
}

function encode(text: string): string {
  return text.replaceAll(/[^\w.~-]/gu, (character) => (character === ' ' ? '+' : escapeCharacter(character)));
}

/** The bytes behind the escapes, one character each. */
function decode(text: string): string | null {
  if (/%(?![\da-f]{2})/i.test(text)) return null;
  return text.replaceAll('+', ' ').replaceAll(/%([\da-f]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}
