import { lookup } from 'node:dns/promises';
import { once } from 'node:events';
import { type IncomingHttpHeaders, type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { TLSSocket } from 'node:tls';

export interface Place {
  readonly host: string;
  readonly port: number;
}

/** How addresses are reached: `--resolve`, `--ca`, `--insecure`. */
export interface Reach {
  /** `host:port` to where it is. */
  readonly resolve: ReadonlyMap<string, Place>;
  /** PEM of an authority to trust besides those of the system; null: none. */
  readonly ca: readonly string[] | null;
  /** Certificates are not checked. */
  readonly insecure: boolean;
}

export interface Reached {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
  /** null over http. */
  readonly certificate: Certificate | null;
}

export interface Certificate {
  /** Why it is not to be trusted; null: it is. */
  readonly distrust: string | null;
  readonly beginsMs: number;
  readonly endsMs: number;
}

export type HeaderPairs = readonly (readonly [name: string, value: string])[];

const ANSWER_MS = 8000;
const LONGEST_BODY = 65_536;

/** Where a host is by `--resolve`, else by DNS; rejects with what the resolver said. */
export async function placeOf(url: URL, { resolve }: Reach): Promise<Place> {
  const port = portOf(url);
  return resolve.get(`${url.hostname}:${port}`) ?? { host: (await lookup(bare(url.hostname))).address, port };
}

export const textOf = ({ host, port }: Place): string => (port === 443 || port === 80 ? host : `${host}:${port}`);

const bare = (hostname: string): string => hostname.replace(/^\[|\]$/gu, '');
const portOf = (url: URL): number => Number(url.port) || (url.protocol === 'https:' ? 443 : 80);

/** One GET on a connection of its own; headers go out as they are given, before them a Host where none is among them; the path is not tidied. No redirect is followed. */
export async function askAt(url: URL, place: Place, path: string, headers: HeaderPairs, { ca }: Reach): Promise<Reached> {
  const options = {
    ...{ ...place, path, agent: false, timeout: ANSWER_MS },
    headers: [...(headers.some(([name]) => name === 'Host') ? [] : [['Host', url.host]]), ['User-Agent', 'portcullis-doctor'], ...headers].flat(),
  };
  const tls = { servername: bare(url.hostname), rejectUnauthorized: false, ...(ca === null ? {} : { ca: [...ca] }) };
  const outgoing = url.protocol === 'https:' ? httpsRequest({ ...options, ...tls }) : httpRequest(options);
  outgoing.once('timeout', () => outgoing.destroy(new Error(`no answer within ${ANSWER_MS / 1000} s`)));
  outgoing.end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  const certificate = certificateOf(incoming);
  return { status: incoming.statusCode ?? 0, headers: incoming.headers, body: await bodyOf(incoming), certificate };
}

/** Read while the connection is still there. */
function certificateOf({ socket }: IncomingMessage): Certificate | null {
  if (!('getPeerCertificate' in socket)) return null;
  const secure = socket as TLSSocket;
  const { valid_from: begin, valid_to: end } = secure.getPeerCertificate();
  return { distrust: secure.authorized ? null : String(secure.authorizationError), beginsMs: Date.parse(begin), endsMs: Date.parse(end) };
}

async function bodyOf(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    chunks.push(chunk);
    size += chunk.length;
    if (size > LONGEST_BODY) break;
  }
  return Buffer.concat(chunks).toString();
}
