import { ko } from '@portcullis/contracts-portal-api';
import { type Language, LANGUAGES, type Translate, translator } from '@portcullis/domain-portal-texts';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { html, type Html, page, pageSecurityPolicy } from './html.js';
import { languageFor } from './language.js';
import { portalDataFor } from './portal-data.js';
import { type PageFrame, portalPage, portalPagePolicy } from './portal-page.js';
import type { PortalParts } from './portal-parts.js';
import { malformed, PortalRefusal } from './portal-refusal.js';
import type { Visit } from './visit.js';

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

/** The texts of a page, in the language of who asks for it. */
export const textsFor = (request: FastifyRequest): Translate => TRANSLATORS[languageFor(request)];

const TRANSLATORS = Object.fromEntries(Object.keys(LANGUAGES).map((language) => [language, translator(language as Language)])) as Readonly<
  Record<Language, Translate>
>;

export interface Shown {
  readonly title: string;
  readonly body: Html;
  readonly bad?: string | null;
  readonly status?: number;
  /** Who opened a page that the portal's script takes the place of; without it the page is no more than its HTML. */
  readonly opens?: Visit;
  /** The script shows something else: what is in the body is for who has none, and nobody else sees it for a moment. */
  readonly withoutScript?: boolean;
}

/** Sends a page; nothing of it is ever kept by a cache. */
export async function show(request: FastifyRequest, reply: FastifyReply, parts: PortalParts, shown: Shown): Promise<FastifyReply> {
  const { title, body, bad = null, status = 200, opens, withoutScript = false } = shown;
  const { domains, look } = parts.settings;
  reply.status(status).type('text/html; charset=utf-8').header('Referrer-Policy', 'same-origin');
  if (parts.files === null)
    return reply.header('Content-Security-Policy', pageSecurityPolicy(domains)).send(page(languageFor(request), title, body, bad));
  const data = opens === undefined ? null : await portalDataFor(parts, request, opens, askedOf(request));
  const sent = portalPage(await frameOf(request, parts), parts.files, {
    title,
    body: withoutScript && data !== null ? html`<noscript>${body}</noscript>` : body,
    bad,
    data,
  });
  return reply.header('Content-Security-Policy', portalPagePolicy(domains, look.color)).send(sent);
}

async function frameOf(request: FastifyRequest, parts: PortalParts): Promise<PageFrame> {
  const { name, theme, color, privacyUrl, termsUrl } = parts.settings.look;
  const base = baseOf(request, parts);
  const [hasLogo, hasIcon] = await Promise.all([parts.assets.has('logo.png'), parts.assets.has('favicon.ico')]);
  return {
    ...{ t: textsFor(request), language: languageFor(request) },
    ...{ base, name, theme, color, privacyUrl, termsUrl, asked: askedFields(askedOf(request)) },
    logo: hasLogo ? `${base}/static/logo.png` : null,
    favicon: hasIcon ? `${base}/favicon.ico` : null,
  };
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
