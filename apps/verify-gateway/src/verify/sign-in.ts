import { redirectLocation } from '@portcullis/domain-redirection';
import type { Question } from './question.js';
import type { SignIn } from './reply.js';
import { targetUrl } from './target.js';

/** Some entry is text/html, or the first is anything at all; no Accept accepts no page (reference 1.7). */
export function acceptsHtml(accept: string | undefined): boolean {
  if (accept === undefined) return false;
  const entries = accept.split(',').map((entry) => entry.split(';', 1)[0]?.trim().toLowerCase());
  return entries[0] === '*/*' || entries.includes('text/html');
}

/** How somebody who must sign in is told so: a browser is sent, a script gets 401 and the address. */
export function signInReply({ endpoint, target, portal, accept, requestedWith }: Question): SignIn {
  const { method } = target;
  const script = requestedWith?.toLowerCase() === 'xmlhttprequest' || !acceptsHtml(accept);
  const status = script || !endpoint.dialect.redirects ? 401 : method === 'GET' || method === 'HEAD' || method === 'OPTIONS' ? 302 : 303;
  return { status, location: portal === null ? null : redirectLocation(portal, targetUrl(target), method), silent: method === 'HEAD' };
}
