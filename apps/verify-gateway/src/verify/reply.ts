import type { ServerResponse } from 'node:http';
import { ANONYMOUS_HEADERS } from '../sessions/live-session.js';

/**
 * The answers of the authorization endpoints. Empty bodies with Content-Length 0 keep nginx' connection open; only what a browser is
 * shown as it is (a redirect, a refusal relayed by Caddy or Traefik) says something. None is ever to be kept by a cache.
 */
const EMPTY = ['Cache-Control', 'no-store', 'Content-Length', '0'] as const;
/** After which time asking again makes sense while sessions cannot be told, in seconds. */
const RETRY_AFTER_S = '2';
const CHALLENGE = 'Basic realm="Authorization Required"';

/** 200 with the four Remote-* headers, empty for nobody. */
export function allow(res: ServerResponse, headers: readonly string[] = ANONYMOUS_HEADERS): void {
  res.writeHead(200, headers as string[]);
  res.end();
}

/** 400 or 401: no acceptable target or portal. */
export function refuse(res: ServerResponse, status: 400 | 401): void {
  res.writeHead(status, [...EMPTY]);
  res.end();
}

export function forbid(res: ServerResponse, relayed: boolean): void {
  if (relayed) text(res, 403, '403 Forbidden', 'text/plain; charset=utf-8', []);
  else {
    res.writeHead(403, [...EMPTY]);
    res.end();
  }
}

/** 503 with Retry-After: nobody is told to sign in because a store is away. */
export function unavailable(res: ServerResponse): void {
  res.writeHead(503, ['Retry-After', RETRY_AFTER_S, ...EMPTY]);
  res.end();
}

/** 405 for a method the endpoint has no meaning for: never an answer that reads as "allow". */
export function methodNotAllowed(res: ServerResponse): void {
  text(res, 405, '405 Method Not Allowed', 'text/plain; charset=utf-8', ['Allow', 'GET, HEAD']);
}

export function challenge(res: ServerResponse, proxy: boolean): void {
  res.writeHead(proxy ? 407 : 401, [proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate', CHALLENGE, ...EMPTY]);
  res.end();
}

export interface SignIn {
  readonly status: 302 | 303 | 401;
  /** null: no portal is known, the refusal stands alone. */
  readonly location: string | null;
  /** The target's method is HEAD: nothing is shown. */
  readonly silent: boolean;
}

const STATUS_TEXT = { 302: 'Found', 303: 'See Other', 401: 'Unauthorized' } as const;

export function signIn(res: ServerResponse, { status, location, silent }: SignIn): void {
  if (location === null) {
    refuse(res, 401);
    return;
  }
  if (status === 401 || silent) {
    res.writeHead(status, ['Location', location, ...EMPTY]);
    res.end();
    return;
  }
  text(res, status, `<a href="${escapeHtml(location)}">${status} ${STATUS_TEXT[status]}</a>`, 'text/html; charset=utf-8', ['Location', location]);
}

function text(res: ServerResponse, status: number, body: string, type: string, headers: readonly string[]): void {
  res.writeHead(status, [
    ...headers,
    ...['Content-Type', type, 'Content-Length', String(Buffer.byteLength(body))],
    ...['Cache-Control', 'no-store', 'X-Content-Type-Options', 'nosniff', 'Content-Security-Policy', "default-src 'none'"],
  ]);
  res.end(body);
}

function escapeHtml(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&#34;').replaceAll("'", '&#39;');
}
