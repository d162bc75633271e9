import { readPath } from '@portcullis/domain-policy';
import { isIP, SocketAddress } from 'node:net';
import type { TrustedProxies } from './trusted-proxies.js';
import { type RequestHead, SLOT } from './request-head.js';

/** What the proxy asks about: the only place where forwarded headers are believed (house.md, Trust). */
export interface Target {
  readonly scheme: string;
  /** Host and port as the client wrote them: for the redirect, never for a decision. */
  readonly authority: string;
  /** Lower case, without port. */
  readonly host: string;
  /** Path and query as the client wrote them, bytes as Node hands them over (latin1). */
  readonly uri: string;
  readonly path: string;
  /** Raw, without the question mark. */
  readonly query: string;
  /** A query that reaches neither `uri` nor `query`, and with which the rules may close what is open without it, never open what is closed. */
  readonly closingQuery?: string;
  /** Other readings of the path, when its shape carries more than one (attack 10): the strictest decision counts. */
  readonly otherPaths: readonly string[];
  readonly method: string;
  /** Canonical address of the client. */
  readonly ip: string;
}

/** Why there is no target. A stable word for logs and metrics. */
export type TargetProblem = 'missing_target' | 'missing_method' | 'malformed_method' | 'malformed_target' | 'ambiguous_target' | 'insecure_scheme';

/** The whole URL as the client wrote it, for `rd` and logs. */
export const targetUrl = (target: Target): string => `${target.scheme}://${target.authority}${target.uri}`;

/**
 * Legacy: X-Original-URL where present, else the X-Forwarded-* family, whose missing members come from the request itself
 * (reference 1.2). Both families saying different things is no target at all (attack 3).
 * @param ownUri the request's own URI without the portal's sub-path
 */
export function legacyTarget(head: RequestHead, ip: string, ownMethod: string, ownUri: string): Target | TargetProblem {
  const method = head.get(SLOT['x-forwarded-method']) || ownMethod;
  const original = head.get(SLOT['x-original-url']);
  if (original === undefined) return legacyForwarded(head, ip, method, ownUri);
  const target = fromUrl(original, ip, method);
  return typeof target === 'string' || agrees(head, target) ? target : 'ambiguous_target';
}

function legacyForwarded(head: RequestHead, ip: string, method: string, ownUri: string): Target | TargetProblem {
  const named = head.get(SLOT['x-forwarded-proto']) ?? head.get(SLOT['x-forwarded-host']) ?? head.get(SLOT['x-forwarded-uri']);
  if (named === undefined) return 'missing_target';
  const authority = head.get(SLOT['x-forwarded-host']) || head.get(SLOT.host);
  return build(head.get(SLOT['x-forwarded-proto']) || head.ownScheme, authority, head.get(SLOT['x-forwarded-uri']) || ownUri, ip, method);
}

function agrees(head: RequestHead, target: Target): boolean {
  const method = head.get(SLOT['x-original-method']);
  const proto = head.get(SLOT['x-forwarded-proto']);
  const host = head.get(SLOT['x-forwarded-host']);
  const uri = head.get(SLOT['x-forwarded-uri']);
  return (
    (!method || !head.get(SLOT['x-forwarded-method']) || method === target.method) &&
    (!proto || proto.toLowerCase() === target.scheme) &&
    (!host || host.toLowerCase() === target.authority.toLowerCase()) &&
    (!uri || uri === target.uri)
  );
}

/** Forward-auth: the X-Forwarded-* family alone; host and method required. X-Original-* is not looked at (attack 2). */
export function forwardedTarget(head: RequestHead, ip: string): Target | TargetProblem {
  return build(
    head.get(SLOT['x-forwarded-proto']) || head.ownScheme,
    head.get(SLOT['x-forwarded-host']),
    head.get(SLOT['x-forwarded-uri']) ?? '',
    ip,
    head.get(SLOT['x-forwarded-method']),
  );
}

/** Auth-request: X-Original-URL and X-Original-Method alone, both required. X-Forwarded-* is not looked at (attack 1). */
export function originalTarget(head: RequestHead, ip: string): Target | TargetProblem {
  const url = head.get(SLOT['x-original-url']);
  return url ? fromUrl(url, ip, head.get(SLOT['x-original-method'])) : 'missing_target';
}

/**
 * Ext-authz: the request line and Host, as Envoy repeats them: its `path_prefix` ends in a slash and the client's path begins with one.
 * Authelia's router drops the query (reference 1.2): it reaches neither the rules nor `rd`.
 */
export function requestLineTarget(head: RequestHead, ip: string, method: string, below: string): Target | TargetProblem {
  return fromRequestLine(head, ip, method, below.split('?', 1)[0] ?? '');
}

/** The same with the query, which Envoy repeats as well: not in `rd`, yet with which the rules may close. */
export function closingTarget(head: RequestHead, ip: string, method: string, below: string): Target | TargetProblem {
  const target = fromRequestLine(head, ip, method, below);
  if (typeof target === 'string' || !target.uri.includes('?')) return target;
  return { ...target, uri: target.uri.slice(0, target.uri.indexOf('?')), query: '', closingQuery: target.query };
}

function fromRequestLine(head: RequestHead, ip: string, method: string, below: string): Target | TargetProblem {
  const uri = below.startsWith('//') ? below.slice(1) : below;
  return build(head.get(SLOT['x-forwarded-proto']) || head.ownScheme, head.get(SLOT.host)?.toLowerCase(), uri, ip, method);
}

const URL_SHAPE = /^([A-Za-z][A-Za-z0-9+.-]*):\/\/([^/?#]*)(.*)$/s;

function fromUrl(url: string, ip: string, method: string | undefined): Target | TargetProblem {
  const parts = URL_SHAPE.exec(url);
  return parts === null ? 'malformed_target' : build(parts[1] as string, parts[2], parts[3] as string, ip, method);
}

function build(proto: string, authority: string | undefined, uri: string, ip: string, method: string | undefined): Target | TargetProblem {
  if (!authority) return 'missing_target';
  if (!method) return 'missing_method';
  if (method !== 'GET' && !METHOD.test(method)) return 'malformed_method';
  const host = hostOf(authority);
  if (host === null) return 'malformed_target';
  const scheme = proto === 'https' ? proto : proto.toLowerCase();
  if (!URI.test(uri)) return 'malformed_target';
  const question = uri.indexOf('?');
  const reading = readPath(question === -1 ? uri : uri.slice(0, question));
  if (reading === null) return 'malformed_target';
  return {
    scheme,
    authority,
    host,
    uri,
    path: reading.path,
    query: question === -1 ? '' : uri.slice(question + 1),
    otherPaths: reading.otherPaths,
    method,
    ip,
  };
}

/** `get` and `GE T` are errors (reference 1.2). */
const METHOD = /^[A-Z]{1,32}$/;

/** Path and query: absolute or empty, without what two readers take in two ways: fragment, backslash, spaces, control characters. */
// eslint-disable-next-line no-control-regex -- they are what must not pass
const URI = /^(?:[/?][^\x00-\x20#\\\x7f]*)?$/;

const MAX_HOSTS = 4096;
const MAX_AUTHORITY_LENGTH = 260;
const hosts = new Map<string, string | null>();

/** Lower-cased host of an authority, without port; null for userinfo, junk ports, lists and anything but names and addresses. */
export function hostOf(authority: string): string | null {
  if (authority.length > MAX_AUTHORITY_LENGTH) return null;
  const known = hosts.get(authority);
  if (known !== undefined) return known;
  const host = parseHost(authority);
  if (hosts.size >= MAX_HOSTS) hosts.clear();
  hosts.set(authority, host);
  return host;
}

const AUTHORITY = /^(?:([A-Za-z0-9._-]+)|\[([0-9A-Fa-f:.]+)\])(?::(\d{1,5}))?$/;
function parseHost(authority: string): string | null {
  const parts = AUTHORITY.exec(authority);
  if (parts === null || Number(parts[3] ?? 0) > 65535) return null;
  const address = parts[2];
  if (address !== undefined) return isIP(address) === 6 ? address.toLowerCase() : null;
  return (parts[1] as string).toLowerCase();
}

const MAX_ADDRESSES = 4096;
const MAX_ADDRESS_LENGTH = 45;
const addresses = new Map<string, string | null>();

/**
 * The client's address: the last X-Forwarded-For entry that is not one of the trusted proxies, else the peer.
 * @returns null when an entry that would count is not an address (attack 22)
 */
export function clientAddress(forwardedFor: string | undefined, peer: string, proxies: TrustedProxies): string | null {
  // A link-local peer comes with its zone, `fe80::1%eth0`.
  if (!forwardedFor) return canonicalAddress(peer.split('%', 1)[0] as string);
  if (!forwardedFor.includes(',')) return canonicalAddress(forwardedFor.trim());
  let rest = forwardedFor;
  for (;;) {
    const comma = rest.lastIndexOf(',');
    const address = canonicalAddress(comma === -1 ? rest.trim() : rest.slice(comma + 1).trim());
    if (address === null || comma === -1 || !proxies.listed(address)) return address;
    rest = rest.slice(0, comma);
  }
}

/** The one spelling of an address: IPv6 compressed in lower case, IPv4 where it was mapped into IPv6; null for anything that is no address. */
export function canonicalAddress(text: string): string | null {
  if (text.length > MAX_ADDRESS_LENGTH) return null;
  const known = addresses.get(text);
  if (known !== undefined) return known;
  const address = parseAddress(text);
  if (addresses.size >= MAX_ADDRESSES) addresses.clear();
  addresses.set(text, address);
  return address;
}

function parseAddress(text: string): string | null {
  const family = isIP(text);
  if (family === 0 || text.includes('%')) return null;
  if (family === 4) return text;
  const { address } = new SocketAddress({ address: text, family: 'ipv6' });
  return /^::ffff:(\d+\.\d+\.\d+\.\d+)$/.exec(address)?.[1] ?? address;
}

/** Where a person meets the portal: as the proxy in front names it. */
export interface PortalOrigin {
  readonly scheme: 'http' | 'https';
  readonly host: string;
  /** With the port, as the browser's Origin has it. */
  readonly authority: string;
  readonly ip: string;
}

/**
 * X-Forwarded-Proto and -Host where the peer may speak for clients, else Host, the listener's own scheme and the peer itself. X-Original-URL chooses nothing here
 * (attack 78).
 */
export function portalOrigin(
  head: RequestHead,
  peer: string | undefined,
  proxies: TrustedProxies,
): PortalOrigin | 'malformed_target' | 'malformed_address' {
  const trusted = proxies.trusts(peer);
  const authority = ((trusted && head.get(SLOT['x-forwarded-host'])) || head.get(SLOT.host)) ?? '';
  const proto = trusted ? head.get(SLOT['x-forwarded-proto'])?.toLowerCase() : undefined;
  const host = hostOf(authority);
  if (host === null) return 'malformed_target';
  const ip = clientAddress(trusted ? head.get(SLOT['x-forwarded-for']) : undefined, peer ?? '127.0.0.1', proxies);
  const scheme = (proto || head.ownScheme) === 'https' ? 'https' : 'http';
  return ip === null ? 'malformed_address' : { scheme, host, authority: authority.toLowerCase(), ip };
}
