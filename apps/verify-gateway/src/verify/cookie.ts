/**
 * Finds the cookie of that exact name (RFC 6265 section 4.2.1). Two of the name are a contradiction, not a choice.
 * A value that cannot be one of our ids (43 base64url characters) counts as none, and costs no lookup.
 * @returns the id; null: there is none; false: there are several
 */
export function readSessionCookie(header: string | undefined, name: string): string | null | false {
  if (header === undefined) return null;
  let valueAt = -1;
  for (let at = 0; at < header.length;) {
    at = skipBlanks(header, at);
    if (header.startsWith(name, at) && header.charCodeAt(at + name.length) === EQUALS) {
      if (valueAt !== -1) return false;
      valueAt = at + name.length + 1;
    }
    const end = header.indexOf(';', at);
    if (end === -1) break;
    at = end + 1;
  }
  return valueAt === -1 ? null : idAt(header, valueAt);
}

const EQUALS = 61;
const BLANK = 32;
const TAB = 9;

function skipBlanks(header: string, at: number): number {
  let i = at;
  while (header.charCodeAt(i) === BLANK || header.charCodeAt(i) === TAB) i++;
  return i;
}

const ID_LENGTH = 43;
/** 256 bits in base64url. */
const ID = /[\w-]{43}[ \t]*(?:;|$)/y;
function idAt(header: string, at: number): string | null {
  const start = skipBlanks(header, at);
  ID.lastIndex = start;
  return ID.test(header) ? header.slice(start, start + ID_LENGTH) : null;
}
