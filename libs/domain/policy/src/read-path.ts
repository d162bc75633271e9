import { decodeLeniently, decodeStrictly } from './percent.js';

/** What a request's path says to the rules. */
export interface PathReading {
  /** Percent-decoded and cleaned, as Authelia matches `resources`. */
  readonly path: string;
  /** Not empty where the address can be read in more than one way: every other reading, for `decideStrictest`. */
  readonly otherPaths: readonly string[];
}

const none: readonly string[] = [];

/** Escapes nested deeper than this have no honest use. */
const maxDecodings = 5;

/**
 * Reads a path as it stands in the request line (bytes above ASCII as Latin-1, no query). Null for what must be refused:
 * a malformed escape, invalid UTF-8, a control character, a blank, a fragment, or a path that does not start with a slash.
 * A missing path reads as `.`, as in Authelia.
 */
export function readPath(rawPath: string): PathReading | null {
  if (plain.test(rawPath)) return { path: rawPath, otherPaths: none };
  if (rawPath === '') return { path: '.', otherPaths: none };
  if (!rawPath.startsWith('/') || /[\s#?]/.test(rawPath)) return null;
  const decoded = decodeStrictly(rawPath);
  if (decoded === null || hasControl(decoded)) return null;
  const path = cleanLikeGo(decoded);
  if (path === decoded && !isEquivocal(rawPath, decoded)) return { path, otherPaths: none };
  const deeper = decodeFurther(decoded);
  if (deeper === null) return null;
  const readings = new Set([rawPath, ...deeper.flatMap(backendReadings)]);
  readings.delete(path);
  return { path, otherPaths: [...readings] };
}

/** The one path that Authelia would match, without the other readings. Null for what `readPath` refuses. */
export function cleanPath(rawPath: string): string | null {
  return readPath(rawPath)?.path ?? null;
}

/** Encoded separators, backslashes, path parameters and escapes that survive one decoding. */
function isEquivocal(rawPath: string, decoded: string): boolean {
  return /%(?:2f|5c)/i.test(rawPath) || /[\\;]|%[0-9a-f]{2}/i.test(decoded);
}

/** Letters, digits and marks that mean the same to everybody; no segment that is empty or starts with a dot. */
const plain = /^(?:\/[\w~!$&'()*+,=:@-][\w.~!$&'()*+,=:@-]*)+\/?$|^\/$/;

/** Dot segments and empty segments resolved; a trailing slash stays, which makes `//` of `/a/../`, as Authelia has it. */
function cleanLikeGo(path: string): string {
  return path.length > 1 && path.endsWith('/') ? `${resolveSegments(path)}/` : resolveSegments(path);
}

function resolveSegments(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') kept.pop();
    else if (segment !== '' && segment !== '.') kept.push(segment);
  }
  return `/${kept.join('/')}`;
}

/** The text after one decoding, two and so on; null where a deeper one hides a control character or they never end. */
function decodeFurther(decoded: string): readonly string[] | null {
  const found = [decoded];
  let current = decoded;
  for (let next = decodeLeniently(current); next !== current; next = decodeLeniently(current)) {
    if (found.length === maxDecodings || hasControl(next)) return null;
    found.push(next);
    current = next;
  }
  return found;
}

/** How a backend may understand a decoded path: backslash as slash, path parameters cut off, dot segments resolved or not. */
function backendReadings(decoded: string): readonly string[] {
  const slashed = decoded.replaceAll('\\', '/');
  const withoutParameters = slashed.replaceAll(/;[^/]*/g, '');
  return [decoded, slashed, withoutParameters].flatMap((text) => {
    const resolved = resolveSegments(text);
    return [text, text.endsWith('/') && resolved !== '/' ? `${resolved}/` : resolved];
  });
}

function hasControl(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < 0x20 || code === 0x7f) return true;
  }
  return false;
}
