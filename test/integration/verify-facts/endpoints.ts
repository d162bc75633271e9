import type { HttpRequest } from '../../support/index.js';
import type { Fact } from './table.js';

/** The portal of the cookie domain an address lies in. */
export const portalOf = (url: string): string => (/yard\.test/i.test(url) ? 'https://gate.yard.test/' : 'https://door.house.test/');

const split = (url: string): { proto: string; host: string; uri: string } => {
  const [, proto = '', host = '', uri = ''] = /^([a-z]+):\/\/([^/?#]*)(.*)$/i.exec(url) ?? [];
  return { proto, host, uri };
};

const forwarded = ({ url, method }: Fact): Record<string, string> => {
  const { proto, host, uri } = split(url);
  return { 'X-Forwarded-Proto': proto, 'X-Forwarded-Host': host, 'X-Forwarded-URI': uri, 'X-Forwarded-Method': method };
};

const withPortal = (fact: Fact): string => `/api/verify?rd=${encodeURIComponent(portalOf(fact.url))}`;

export interface Asked {
  readonly method?: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** How a proxy asks each endpoint about a request, and which statuses tell a browser, a form and a script to sign in. */
export const ENDPOINTS = {
  'legacy with rd': { request: (fact: Fact): Asked => ({ path: withPortal(fact), headers: forwarded(fact) }), signIn: [302, 303, 401], refusal: 401 },
  legacy: { request: (fact: Fact): Asked => ({ path: '/api/verify', headers: forwarded(fact) }), signIn: [401, 401, 401], refusal: 401 },
  'legacy with X-Original-URL': {
    request: (fact: Fact): Asked => ({ path: withPortal(fact), headers: { 'X-Original-URL': fact.url, 'X-Forwarded-Method': fact.method } }),
    signIn: [302, 303, 401],
    refusal: 401,
  },
  'forward-auth': {
    request: (fact: Fact): Asked => ({ path: '/api/authz/forward-auth', headers: forwarded(fact) }),
    signIn: [302, 303, 401],
    refusal: 400,
  },
  'auth-request': {
    request: ({ url, method }: Fact): Asked => ({ path: '/api/authz/auth-request', headers: { 'X-Original-URL': url, 'X-Original-Method': method } }),
    signIn: [401, 401, 401],
    refusal: 400,
  },
  'ext-authz': {
    request: ({ url, method }: Fact): Asked => {
      const { proto, host, uri } = split(url);
      return { method, path: `/api/authz/ext-authz/${uri}`, headers: { Host: host, 'X-Forwarded-Proto': proto } };
    },
    signIn: [302, 303, 401],
    refusal: 400,
  },
} as const;

export type EndpointName = keyof typeof ENDPOINTS;
export const EVERY_ENDPOINT = Object.keys(ENDPOINTS) as readonly EndpointName[];
/** `/api/verify` in its three ways; it reads credentials its own way. */
export const LEGACY = EVERY_ENDPOINT.filter((name) => name.startsWith('legacy'));
export const MODERN = EVERY_ENDPOINT.filter((name) => !name.startsWith('legacy'));

/** The request of a fact, as the proxy in front of this endpoint sends it. */
export function ask(endpoint: EndpointName, fact: Fact, more: Readonly<Record<string, string>> = {}): HttpRequest {
  const { request } = ENDPOINTS[endpoint];
  const { method = 'GET', path, headers } = request(fact);
  const { ip = '203.0.113.7', accept = 'text/html; charset=utf-8', script = false } = fact;
  const browser = {
    'X-Forwarded-For': ip,
    ...(accept === 'none' ? {} : { Accept: accept }),
    ...(script ? { 'X-Requested-With': 'XMLHttpRequest' } : {}),
  };
  return { method, path, headers: { ...headers, ...browser, ...more } };
}

/** Where somebody who is asked to sign in is sent. Ext-authz sees no query and its Host in lower case. */
export function locationOf(endpoint: EndpointName, { url, method }: Fact): string {
  const { proto, host, uri } = split(url);
  const seen = endpoint === 'ext-authz' ? `${proto}://${host.toLowerCase()}${uri.replace(/\?.*$/, '')}` : url;
  return `${portalOf(url)}?${new URLSearchParams({ rd: seen, ...(method === '' ? {} : { rm: method }) }).toString()}`;
}
