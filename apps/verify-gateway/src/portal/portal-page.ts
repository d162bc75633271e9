import { directionOf, type Language, LANGUAGES, type Translate } from '@portcullis/domain-portal-texts';
import { createHash } from 'node:crypto';
import { brandStyle } from './brand-color.js';
import { formActions, Html, html } from './html.js';
import type { PortalData } from './portal-data.js';
import type { PortalFiles } from './portal-files.js';

/** What stands around a page. */
export interface PageFrame {
  readonly t: Translate;
  readonly language: Language;
  readonly base: string;
  readonly name: string;
  readonly theme: string;
  readonly color: string | null;
  readonly logo: string | null;
  readonly favicon: string | null;
  readonly privacyUrl: string | null;
  readonly termsUrl: string | null;
  /** Fields of the language menu's form. */
  readonly asked: Html;
}

export interface PageContent {
  readonly title: string;
  readonly body: Html;
  readonly bad: string | null;
  /** What the page in the browser is opened with; null: the page is no more than its HTML. */
  readonly data: PortalData | null;
}

const hashOf = (style: string): string => `'sha256-${createHash('sha256').update(style).digest('base64')}'`;

/** Everything from here, nothing inline but the operator's colour, which is allowed by its hash. */
export function portalPagePolicy(domains: readonly { readonly domain: string }[], color: string | null): string {
  const style = color === null ? "'self'" : `'self' ${hashOf(brandStyle(color))}`;
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src ${style}`,
    "img-src 'self' data:",
    "connect-src 'self'",
    "font-src 'self'",
    "manifest-src 'self'",
    `form-action 'self' ${formActions(domains)}`,
    "frame-ancestors 'none'",
    "base-uri 'none'",
  ].join('; ');
}

/** A page of the portal: it works as it stands, and the script in it, where there is one, takes its place (`apps/portal/src/frame.tsx` has the same markup). */
export function portalPage(frame: PageFrame, files: PortalFiles, { title, body, bad, data }: PageContent): string {
  const { language, name, theme, color } = frame;
  const problem = bad === null ? null : html`<p class="problem" role="alert">${bad}</p>`;
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}" data-theme="${theme}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${name}</title>
<link rel="icon" href="${frame.favicon ?? `${frame.base}/assets/${files.icon}`}">
<link rel="stylesheet" href="${frame.base}/assets/${files.style}">
${color === null ? null : new Html(`<style>${brandStyle(color)}</style>`)}${data === null ? null : scripts(frame, files)}
</head>
<body><div id="root">
<header class="brand">${brand(frame)}<span>${name}</span></header>
<main class="card">
<h1>${title}</h1>
${problem}
${body}
</main>
${foot(frame, data === null)}
</div>${data === null ? null : dataBlock(data)}</body>
</html>
`.text;
}

function brand({ logo }: PageFrame): Html {
  return logo === null ? html`<span class="mark" aria-hidden="true"></span>` : html`<img class="logo" src="${logo}" alt="">`;
}

/** @param isPlain no script listens to the menu: it has its button, whatever the browser can do */
function foot({ t, base, language, privacyUrl, termsUrl, asked }: PageFrame, isPlain: boolean): Html {
  const button = html`<button class="link">${t('language.change')}</button>`;
  const options = Object.entries(LANGUAGES).map(
    ([tag, own]) => html`<option value="${tag}" lang="${tag}"${tag === language ? new Html(' selected') : null}>${own}</option>`,
  );
  return html`<footer class="foot">
<form class="language" method="post" action="${base}/language">${asked}<label><span class="unseen">${t('language')}</span><select name="language">${options}</select></label>${isPlain ? button : html`<noscript>${button}</noscript>`}</form>
${privacyUrl === null ? null : html`<a href="${privacyUrl}">${t('privacy_policy')}</a>`}
${termsUrl === null ? null : html`<a href="${termsUrl}">${t('terms')}</a>`}
</footer>`;
}

function scripts({ base, language }: PageFrame, { script, imports, texts }: PortalFiles): Html {
  const own = texts[language];
  const preloads = (own === undefined ? imports : [own, ...imports]).map((file) => html`<link rel="modulepreload" href="${base}/assets/${file}" />`);
  return html`${preloads}<script type="module" src="${base}/assets/${script}"></script>`;
}

/** Data, not a script: nothing in it can end the element or begin another. */
const dataBlock = (data: PortalData): Html =>
  new Html(`<script type="application/json" id="portal">${JSON.stringify(data).replaceAll('<', '\\u003c')}</script>`);
