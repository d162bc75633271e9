const TAKES_AN_ID = /^(?:sessions (?:show|revoke)|notices (?:show|retry|drop))$/;
const ID = /^-[\w-]{15}(?:[\w-]{6})?$/;

/** Handles of sessions (16 characters) and ids of notices (22) are base64url: one that begins with a dash would be read as an option. */
export function idsBehindDashes(words: readonly string[]): readonly string[] {
  const takesAnId = words.some((word, index) => TAKES_AN_ID.test(`${word} ${words[index + 1] ?? ''}`));
  const ids = takesAnId && !words.includes('--') ? words.filter((word) => ID.test(word)) : [];
  return ids.length === 0 ? words : [...words.filter((word) => !ids.includes(word)), '--', ...ids];
}
