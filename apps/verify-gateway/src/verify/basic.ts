/** Credentials of the Basic scheme (RFC 7617): the user id ends at the first colon, the password may hold more. */
export interface BasicCredentials {
  readonly username: string;
  readonly password: string;
}

export type ReadCredentials =
  { readonly kind: 'absent' } | { readonly kind: 'other_scheme' } | { readonly kind: 'malformed' } | ({ readonly kind: 'basic' } & BasicCredentials);

const ABSENT: ReadCredentials = { kind: 'absent' };
const OTHER: ReadCredentials = { kind: 'other_scheme' };
const MALFORMED: ReadCredentials = { kind: 'malformed' };
const BASE64 = /^[A-Za-z0-9+/]+={0,2}$/;

/** @param header value of Authorization or Proxy-Authorization; a bare or empty scheme is malformed, not absent */
export function readBasic(header: string | undefined): ReadCredentials {
  if (header === undefined) return ABSENT;
  const space = header.indexOf(' ');
  const scheme = (space === -1 ? header : header.slice(0, space)).toLowerCase();
  if (scheme !== 'basic') return scheme === '' ? MALFORMED : OTHER;
  const encoded = space === -1 ? '' : header.slice(space + 1).trim();
  if (!BASE64.test(encoded) || encoded.length > 8192) return MALFORMED;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon <= 0 || colon === text.length - 1) return MALFORMED;
  return { kind: 'basic', username: text.slice(0, colon), password: text.slice(colon + 1) };
}
