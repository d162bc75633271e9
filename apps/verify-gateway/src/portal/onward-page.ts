import type { FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html } from './html.js';
import { type Asked, askedQuery, baseOf, show, textsFor } from './page-exchange.js';
import type { PortalParts } from './portal-parts.js';
import { destinationOf, type Onward } from './return-address.js';

/** The host one will return to, named only where it is one of ours. */
export function destination(request: FastifyRequest, parts: PortalParts, { rd }: Asked): Html | null {
  const host = destinationOf(parts, rd);
  return host === null ? null : html`<p>${textsFor(request)('sign_in.continue_to', { host })}</p>`;
}

/** The page at `/` of somebody who still wants to go on to where they were going. */
export const doorOf = (request: FastifyRequest, parts: PortalParts, asked: Asked): string => `${baseOf(request, parts)}/${askedQuery(asked)}`;

/** After a factor: on to where they were going, the page that says why not, or the door, which asks for what is missing. */
export function goOn(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, way: Onward, asked: Asked) {
  return way.kind === 'stay' ? reply.redirect(doorOf(request, parts, asked), 303) : leave(request, reply, parts, way);
}

export function leave(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, way: Exclude<Onward, { kind: 'stay' }>) {
  switch (way.kind) {
    case 'redirect':
      return reply.redirect(asciiUrl(way.to), 303);
    case 'portal':
      return elsewhere(request, reply, parts, way.at);
    case 'forbidden':
      return forbidden(request, reply, parts);
  }
}

function elsewhere(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, at: string) {
  const t = textsFor(request);
  const body = html`<p>${t('other_portal.explain')}</p>
    <p><a href="${at}">${at}</a></p>`;
  return show(request, reply, parts, { title: t('other_portal.title'), body });
}

function forbidden(request: FastifyRequest, reply: FastifyReply, parts: PortalParts) {
  const t = textsFor(request);
  const body = html`<p>${t('forbidden.explain')}</p>
    <p class="aside"><a href="${baseOf(request, parts)}/">${t('forbidden.account')}</a></p>`;
  return show(request, reply, parts, { title: t('forbidden.title'), body, status: 403 });
}

/** A header holds bytes: what is not ASCII goes percent-encoded (RFC 3986 section 2.1). */
export const asciiUrl = (url: string): string => new URL(url).href;
