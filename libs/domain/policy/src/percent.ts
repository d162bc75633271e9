const escapes = /(?:%[0-9a-f]{2})+/gi;

/**
 * Percent-decodes a text whose characters above ASCII are bytes (Latin-1), as an HTTP server hands a header over. Null for a
 * malformed escape, for bytes that are not UTF-8, and for a character that is no byte.
 */
export function decodeStrictly(text: string): string | null {
  if (/[^\0-\xff]/.test(text)) return null;
  try {
    return decodeURIComponent(escapeBytes(text));
  } catch {
    return null;
  }
}

/** The same for a reader that leaves a malformed escape as it is and takes U+FFFD for a byte that is not UTF-8. */
export function decodeLeniently(text: string): string {
  return text.replaceAll(escapes, (run) => decodeStrictly(run) ?? run.replaceAll(/%../g, decodeAlone));
}

/** Whether every percent sign begins an escape. */
export function isWellEscaped(text: string): boolean {
  return !/%(?![0-9a-f]{2})/i.test(text);
}

/** Bytes above ASCII, written as escapes. */
export function escapeBytes(text: string): string {
  return /[^\0-\x7f]/.test(text) ? text.replaceAll(/[\x80-\xff]/g, (byte) => `%${byte.charCodeAt(0).toString(16)}`) : text;
}

function decodeAlone(found: string): string {
  const byte = Number.parseInt(found.slice(1), 16);
  return byte < 0x80 ? String.fromCharCode(byte) : '\uFFFD';
}
