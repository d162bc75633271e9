import type { FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html, page, pageSecurityPolicy } from './html.js';
import { malformed, PortalRefusal } from './portal-refusal.js';
import type { PortalParts } from './portal-parts.js';
import { ko } from '@portcullis/contracts-portal-api';

/** Fields of a form (application/x-www-form-urlencoded) of our own pages; capped like every body. */
export function readForm(request: FastifyRequest): URLSearchParams {
  const type = request.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/x-www-form-urlencoded') throw new PortalRefusal(415, ko('This address takes the form of the sign-in page.'));
  if (!Buffer.isBuffer(request.body)) throw malformed('The form is empty.');
  return new URLSearchParams(request.body.toString('utf8'));
}

/** The query of a page's address; a question mark in a value need not be encoded. */
export const queryOf = ({ url }: FastifyRequest): URLSearchParams => new URLSearchParams(url.includes('?') ? url.slice(url.indexOf('?') + 1) : '');

/** A field as text, at most `max` characters: longer ones are no answer to what was asked. */
export function field(form: URLSearchParams, name: string, max = 4096): string {
  const value = form.get(name) ?? '';
  if (value.length > max) throw malformed(`The field ${name} is too long.`);
  return value;
}

/** The path under which the person reached the portal, to build its other addresses: `''` or `/authelia`. */
export const baseOf = (request: FastifyRequest, { settings: { subPath } }: PortalParts): string =>
  subPath !== '' &&
  (request.originalUrl === subPath || request.originalUrl.startsWith(`${subPath}/`) || request.originalUrl.startsWith(`${subPath}?`))
    ? subPath
    : '';

export interface Shown {
  readonly title: string;
  readonly body: Html;
  readonly bad?: string | null;
  readonly status?: number;
}

/** Sends a page; nothing of it is ever kept by a cache. */
export function show(reply: FastifyReply, parts: PortalParts, { title, body, bad = null, status = 200 }: Shown): FastifyReply {
  return reply
    .status(status)
    .type('text/html; charset=utf-8')
    .header('Content-Security-Policy', pageSecurityPolicy(parts.settings.domains))
    .header('Referrer-Policy', 'same-origin')
    .send(page(title, body, bad));
}

/** Where somebody was going when they were sent to sign in, carried from page to page; empty for nowhere. */
export interface Asked {
  readonly rd: string;
  readonly rm: string;
}

/** From the form, or from the address of the page where there is none. */
export function askedOf(request: FastifyRequest): Asked {
  const from = Buffer.isBuffer(request.body) ? readForm(request) : queryOf(request);
  return { rd: (from.get('rd') ?? '').slice(0, 8192), rm: (from.get('rm') ?? '').slice(0, 32) };
}

/** As the fields of a form. */
export const askedFields = ({ rd, rm }: Asked): Html =>
  rd === '' ? html`` : html`<input type="hidden" name="rd" value="${rd}" /><input type="hidden" name="rm" value="${rm}" />`;

/** As the query of an address, with its question mark. */
export const askedQuery = ({ rd, rm }: Asked): string =>
  rd === '' ? '' : `?${new URLSearchParams({ rd, ...(rm === '' ? {} : { rm }) }).toString()}`;
