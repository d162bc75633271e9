const HIDDEN = /[^\P{Cc}\n\t]|[\p{Zl}\p{Zp}\u202A-\u202E\u2066-\u2069]/gu;

/**
 * What a terminal would obey or turn around is shown as its number: a browser calls itself what it likes, and so does a mail server. Inside of JSON
 * it is the same text as before.
 */
export const printable = (text: string): string =>
  text.replaceAll(HIDDEN, (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`);
