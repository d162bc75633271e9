import { http, type HttpRequest, type HttpResponse } from './http.js';

export interface ClientOptions {
  /** Host and X-Forwarded-Host of every request, e.g. `auth.example.com`. */
  readonly host: string;
  /** X-Forwarded-For; default 192.0.2.10. */
  readonly ip?: string;
  /** More headers for every request. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type ClientRequest = Omit<HttpRequest, 'path' | 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

export interface Client {
  get(path: string, request?: ClientRequest): Promise<HttpResponse>;
  /** Sends JSON. */
  post(path: string, json?: object, request?: ClientRequest): Promise<HttpResponse>;
  send(path: string, request: ClientRequest): Promise<HttpResponse>;
  /** The jar; change it to forge. */
  readonly cookies: Map<string, string>;
  /** `name=value; …` as the next request sends it. */
  cookieHeader(): string;
  /** Another person with the same cookies. */
  copy(options?: Partial<ClientOptions>): Client;
}

function store(cookies: Map<string, string>, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals);
  const value = pair.slice(equals + 1);
  const attribute = (key: string): string | undefined => attributes.find((each) => each.toLowerCase().startsWith(`${key}=`))?.slice(key.length + 1);
  const maxAge = attribute('max-age');
  const expires = attribute('expires');
  const dead = (maxAge !== undefined && Number(maxAge) <= 0) || (maxAge === undefined && expires !== undefined && Date.parse(expires) <= Date.now());
  if (dead) cookies.delete(name);
  else cookies.set(name, value);
}

/** A person at one host behind the proxy: keeps cookies, sends what a proxy adds. One jar, whatever Domain and Path say: for another site make another client. */
export function client(base: string, options: ClientOptions, cookies = new Map<string, string>()): Client {
  const { host, ip = '192.0.2.10', headers: always = {} } = options;
  const cookieHeader = (): string => [...cookies].map(([name, value]) => `${name}=${value}`).join('; ');
  const send = async (path: string, request: ClientRequest): Promise<HttpResponse> => {
    const forwarded = { Host: host, 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': ip };
    const cookie = cookies.size > 0 ? { Cookie: cookieHeader() } : {};
    const response = await http(base, { ...request, path, headers: { ...forwarded, ...cookie, ...always, ...request.headers } });
    for (const line of response.headers['set-cookie'] ?? []) store(cookies, line);
    return response;
  };
  return {
    cookies,
    cookieHeader,
    send,
    get: (path, request = {}) => send(path, request),
    post: (path, json = {}, request = {}) => send(path, { method: 'POST', body: json, ...request }),
    copy: (changes = {}) => client(base, { ...options, ...changes }, new Map(cookies)),
  };
}
