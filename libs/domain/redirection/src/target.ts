/** An absolute address taken apart; only what every reader takes apart in the same way. */
export interface Target {
  /** Lower-cased, without the colon. */
  readonly scheme: 'https' | 'wss' | 'http' | 'ws';
  /** Lower-cased; brackets stay around an IPv6 address. */
  readonly host: string;
  /** Null where the address names none. */
  readonly port: number | null;
  /** As it came, perhaps empty. */
  readonly path: string;
  /** Without the question mark, or ''. */
  readonly query: string;
  /** Without the number sign, or ''. */
  readonly fragment: string;
}

/** What a `Location` may hold before proxies and browsers cut it off. */
export const maxAddressLength = 8192;

const shape = /^(https|wss|http|ws):\/\/((?:[\w-]+\.)*[\w-]+|\[[\da-f:.]+\])(?::(\d{1,5}))?(\/[^?#]*)?(?:\?([^#]*))?(?:#(.*))?$/i;

/**
 * Takes a web address apart, or answers null for one that browsers, proxies and backends may read differently: userinfo,
 * backslashes, control characters, blanks, a host that is missing, percent-encoded, not ASCII or ends with a dot, a strange
 * port, or any other scheme. Never throws.
 */
export function parseTarget(url: string): Target | null {
  if (url.length > maxAddressLength || hasForbiddenCharacter(url)) return null;
  const parts = shape.exec(url);
  if (parts === null) return null;
  const [, scheme = '', host = '', port, path = '', query = '', fragment = ''] = parts;
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return null;
  if (!isReadAlike(url, host.toLowerCase())) return null;
  return {
    scheme: scheme.toLowerCase() as Target['scheme'],
    host: host.toLowerCase(),
    port: port === undefined ? null : Number(port),
    path,
    query,
    fragment,
  };
}

function hasForbiddenCharacter(url: string): boolean {
  for (let i = 0; i < url.length; i++) {
    const code = url.charCodeAt(i);
    if (code <= 0x20 || (code >= 0x7f && code <= 0x9f)) return true;
  }
  return /[\\\s]/.test(url);
}

/** A browser finds the same host, which is not so for a number that it takes for an address. */
function isReadAlike(url: string, host: string): boolean {
  if (!URL.canParse(url)) return false;
  return host.startsWith('[') || new URL(url).hostname === host;
}
