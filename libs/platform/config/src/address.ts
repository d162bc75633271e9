import { parsed, unparsed, type Parsed } from './parsed.js';

/** `[scheme://]host[:port][/path]`, or a unix socket. What is not written is null ('' for host and path): defaults are the reader's. */
export interface Address {
  readonly scheme: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly path: string;
  /** The socket file of a `unix` address, else null. */
  readonly socketPath: string | null;
  /** `?umask=0022` of a `unix` address. */
  readonly umask: number | null;
}

const SCHEMES = new Set('tcp tcp4 tcp6 unix fd udp udp4 udp6 smtp submission submissions ldap ldaps ldapi'.split(' '));
const SHAPE =
  /^(?:(?<scheme>[a-z][a-z0-9+.-]*):\/\/)?(?<host>\[[0-9a-f:.%]*\]|[^:/?#\s[\]@]*)(?::(?<port>\d+))?(?<path>\/[^?#\s]*)?(?:\?(?<query>[^#\s]*))?$/iu;

/** Reads the address of a listener or a server; a bare absolute path is a unix socket. */
export function parseAddress(value: unknown): Parsed<Address> {
  if (typeof value !== 'string' || value === '') return unparsed('an address is a text such as `tcp://127.0.0.1:9091/`');
  const groups = SHAPE.exec(value)?.groups;
  if (groups === undefined) return unparsed(`'${value}' is no address: write \`scheme://host:port/path\``);
  const scheme = groups['scheme']?.toLowerCase() ?? (value.startsWith('/') ? 'unix' : null);
  if (scheme !== null && !SCHEMES.has(scheme)) return unparsed(`the scheme '${scheme}' of '${value}' is not one of ${[...SCHEMES].join(', ')}`);
  const query = new URLSearchParams(groups['query'] ?? '');
  if (scheme === 'unix' || scheme === 'ldapi') return unixAddress(scheme, `${groups['host'] ?? ''}${groups['path'] ?? ''}`, query, value);
  const port = groups['port'] === undefined ? null : Number(groups['port']);
  if (port !== null && port > 65_535) return unparsed(`the port of '${value}' is above 65535`);
  const host = (groups['host'] ?? '').replace(/^\[|\]$/gu, '');
  return parsed({ scheme, host, port, path: groups['path'] ?? '', socketPath: null, umask: null });
}

function unixAddress(scheme: string, socketPath: string, query: URLSearchParams, written: string): Parsed<Address> {
  if (!socketPath.startsWith('/')) return unparsed(`the socket of '${written}' must be an absolute path`);
  const umask = query.get('umask');
  if (umask !== null && !/^[0-7]{3,4}$/u.test(umask)) return unparsed(`the umask of '${written}' must be octal, such as 0022`);
  const path = query.get('path');
  return parsed({
    scheme,
    host: '',
    port: null,
    path: path === null ? '' : `/${path.replace(/^\/+/u, '')}`,
    socketPath,
    umask: umask === null ? null : Number.parseInt(umask, 8),
  });
}
