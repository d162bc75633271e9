/** What the Cookie header says of the session cookie. */
export type SessionCookie = { readonly kind: 'none' } | { readonly kind: 'one'; readonly id: string } | { readonly kind: 'several' };

const NONE: SessionCookie = { kind: 'none' };
const SEVERAL: SessionCookie = { kind: 'several' };

/**
 * Finds the cookie of that exact name (RFC 6265 section 4.2.1). Two of the name are a contradiction, not a choice.
 * A value that cannot be one of our ids (43 base64url characters) counts as none, and costs no lookup.
 */
export function readSessionCookie(header: string | undefined, name: string): SessionCookie {
  if (header === undefined) return NONE;
  let found: string | undefined;
  for (let at = header.indexOf(name); at !== -1; at = header.indexOf(name, at + name.length)) {
    if (header.charCodeAt(at + name.length) !== 61 /* = */ || !startsPair(header, at)) continue;
    if (found !== undefined) return SEVERAL;
    const start = at + name.length + 1;
    const end = header.indexOf(';', start);
    found = (end === -1 ? header.slice(start) : header.slice(start, end)).trim();
  }
  return found === undefined || !isSessionId(found) ? NONE : { kind: 'one', id: found };
}

function startsPair(header: string, at: number): boolean {
  let i = at - 1;
  while (i >= 0 && (header.charCodeAt(i) === 32 || header.charCodeAt(i) === 9)) i--;
  return i < 0 || header.charCodeAt(i) === 59; /* ; */
}

/** 256 bits in base64url. */
export function isSessionId(value: string): boolean {
  if (value.length !== 43) return false;
  for (let i = 0; i < 43; i++) {
    const c = value.charCodeAt(i);
    const ok = (c >= 97 && c <= 122) || (c >= 65 && c <= 90) || (c >= 48 && c <= 57) || c === 45 || c === 95;
    if (!ok) return false;
  }
  return true;
}
