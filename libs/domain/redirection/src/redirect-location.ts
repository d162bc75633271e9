import { escapeCharacter, readForm, writeForm, type Field } from './form-encoding.js';
import { maxAddressLength, parseTarget } from './target.js';

/**
 * Where a visitor is sent to sign in: the portal with `rd` (the address asked for) and `rm` (its method, left out when
 * empty), the portal's own query kept. An address that would make the header too long, or that is itself such a redirect to
 * this portal, is left out: a portal behind its own gate would otherwise nest it without end.
 */
export function redirectLocation(portalUrl: string, targetUrl: string, method: string): string {
  const { base, query } = splitPortal(portalUrl);
  const own = readForm(query).filter(([key]) => key !== 'rd' && key !== 'rm');
  const location = withQuery(base, [...own, ...returning(targetUrl, method)]);
  return location.length > maxAddressLength || isNested(base, targetUrl) ? withQuery(base, own) : location;
}

function withQuery(base: string, fields: readonly Field[]): string {
  return fields.length === 0 ? base : `${base}?${writeForm(fields)}`;
}

function returning(targetUrl: string, method: string): readonly Field[] {
  const rd: Field = ['rd', canonical(targetUrl)];
  return method === '' ? [rd] : [rd, ['rm', method]];
}

/** An empty path becomes `/`. */
function splitPortal(portalUrl: string): { readonly base: string; readonly query: string } {
  const mark = portalUrl.indexOf('?');
  const address = mark < 0 ? portalUrl : portalUrl.slice(0, mark);
  return { base: /^[^/]+\/\/[^/]+$/.test(address) ? `${address}/` : address, query: mark < 0 ? '' : portalUrl.slice(mark + 1) };
}

/** As Go prints an address: the scheme in lower case, what may not stand in a path escaped, the query as it came. */
function canonical(url: string): string {
  const mark = url.indexOf('?');
  const address = mark < 0 ? url : url.slice(0, mark);
  const escaped = address.replace(/^[a-z]+(?=:)/i, (scheme) => scheme.toLowerCase()).replaceAll(/[^\w!$%&'()*+,./:;=@[\]~-]/gu, escapeCharacter);
  return mark < 0 ? escaped : escaped + url.slice(mark);
}

function isNested(base: string, targetUrl: string): boolean {
  if (!targetUrl.includes('rd=')) return false;
  const target = parseTarget(targetUrl);
  return target !== null && target.host === parseTarget(base)?.host && readForm(target.query).some(([key]) => key === 'rd');
}
