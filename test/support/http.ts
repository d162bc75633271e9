import { type IncomingHttpHeaders, type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** Sent in this order, duplicates and letter case kept. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

export interface HttpRequest {
  readonly method?: string;
  /** Sent as it is; default: the path of the base. */
  readonly path?: string;
  readonly headers?: HeaderList | Readonly<Record<string, string>>;
  /** An object becomes JSON with its Content-Type, unless the headers name another. */
  readonly body?: string | Buffer | object;
  readonly timeoutMs?: number;
}

export interface HttpResponse {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: IncomingHttpHeaders;
  readonly rawHeaders: readonly string[];
  readonly body: string;
  /** Parses the body; for assertions, hence any. */
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- a test says what shape it expects by asserting it
  json(): any;
}

function withDefaults(base: URL, { headers = {}, body }: HttpRequest, payload: Buffer): string[] {
  const list = Array.isArray(headers) ? [...(headers as HeaderList)] : Object.entries(headers as Readonly<Record<string, string>>);
  const has = (name: string): boolean => list.some(([given]) => given.toLowerCase() === name);
  const sent: [string, string][] = [];
  if (!has('host')) sent.push(['Host', base.host]);
  sent.push(...list.map(([name, value]): [string, string] => [name, value]));
  if (body !== undefined && typeof body === 'object' && !Buffer.isBuffer(body) && !has('content-type'))
    sent.push(['Content-Type', 'application/json']);
  if (body !== undefined && !has('content-length') && !has('transfer-encoding')) sent.push(['Content-Length', String(payload.length)]);
  return sent.flat();
}

function bytesOf(body: HttpRequest['body']): Buffer {
  if (body === undefined) return Buffer.alloc(0);
  if (Buffer.isBuffer(body)) return body;
  return Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
}

/**
 * One request on a connection of its own; no redirect is followed, no certificate checked. Headers leave as given, before them a Host where none is
 * among them. What Node refuses to send (a space in the method, control characters) goes with `sendRaw`.
 */
export async function http(base: string, request: HttpRequest = {}): Promise<HttpResponse> {
  const url = new URL(base);
  const { method = 'GET', path = url.pathname + url.search, timeoutMs = 10_000 } = request;
  const payload = bytesOf(request.body);
  const headers = withDefaults(url, request, payload);
  const host = headers[headers.findIndex((name) => name.toLowerCase() === 'host') + 1] ?? url.host;
  const common = { host: url.hostname, port: url.port, method, path, headers, agent: false, signal: AbortSignal.timeout(timeoutMs) } as const;
  const outgoing =
    url.protocol === 'https:'
      ? requestHttps({ ...common, servername: host.replace(/:\d+$/, ''), rejectUnauthorized: false })
      : requestHttp({ ...common });
  outgoing.end(payload);
  const [response] = (await once(outgoing, 'response')) as [IncomingMessage];
  const body = await text(response);
  return {
    status: response.statusCode ?? 0,
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body,
    json: () => JSON.parse(body) as unknown,
  };
}
