import { http, type HttpRequest, type HttpResponse } from '../support/index.js';

export type PersonRequest = Omit<HttpRequest, 'path' | 'headers'> & { readonly headers?: Readonly<Record<string, string>> };

interface Cookie {
  readonly value: string;
  readonly domain: string;
}

/** Somebody on the other side of the proxy: knows addresses, keeps cookies by their domain, sends nothing that a proxy adds. */
export interface Person {
  /** As a browser opens an address. */
  open(url: string, headers?: Readonly<Record<string, string>>): Promise<HttpResponse>;
  /** As a script sends JSON. */
  post(url: string, json?: object): Promise<HttpResponse>;
  send(url: string, request?: PersonRequest): Promise<HttpResponse>;
  /** What the next request to that host carries; empty for nothing. */
  cookieFor(host: string): string;
  /** The same cookies in another place. */
  copy(): Person;
}

export const accept = 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8';

/** An address as it is typed: its path is not tidied. */
function split(url: string): { readonly host: string; readonly path: string } {
  const [, host = '', path = ''] = /^https:\/\/([^/?]+)(.*)$/.exec(url) ?? [];
  return { host, path: path.startsWith('/') ? path : `/${path}` };
}

/** @see RFC 6265 section 5.3: a cookie of a domain that is not the host's is not kept; an expiry in the past deletes. */
function keep(jar: Map<string, Cookie>, host: string, line: string): void {
  const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
  const attribute = (name: string): string | undefined =>
    attributes.find((each) => each.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
  const domain = attribute('domain') ?? host;
  if (host !== domain && !host.endsWith(`.${domain}`)) return;
  const name = pair.slice(0, pair.indexOf('='));
  const expires = attribute('expires');
  if (expires !== undefined && Date.parse(expires) <= Date.now()) jar.delete(name);
  else jar.set(name, { value: pair.slice(name.length + 1), domain });
}

/** @param front where the proxy listens: every host of every address is there */
export function person(front: string, jar = new Map<string, Cookie>()): Person {
  const cookieFor = (host: string): string =>
    [...jar]
      .filter(([, { domain }]) => host === domain || host.endsWith(`.${domain}`))
      .map(([name, { value }]) => `${name}=${value}`)
      .join('; ');
  const send = async (url: string, { headers = {}, ...request }: PersonRequest = {}): Promise<HttpResponse> => {
    const { host, path } = split(url);
    const cookie = cookieFor(host);
    const response = await http(front, { ...request, path, headers: { Host: host, ...(cookie === '' ? {} : { Cookie: cookie }), ...headers } });
    for (const line of response.headers['set-cookie'] ?? []) keep(jar, host, line);
    return response;
  };
  return {
    cookieFor,
    send,
    open: (url, headers = {}) => send(url, { headers: { Accept: accept, ...headers } }),
    post: (url, json = {}) => send(url, { method: 'POST', body: json }),
    copy: () => person(front, new Map(jar)),
  };
}
