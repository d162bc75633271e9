import { directionOf, type Language } from '@portcullis/domain-portal-texts';
import { isSchemeAllowed } from '@portcullis/domain-redirection';
import { createHash } from 'node:crypto';

/** Text that is markup already; everything else is escaped on its way into a page. */
export class Html {
  constructor(readonly text: string) {}
}

type Part = string | number | Html | readonly Html[] | null;

/** A template whose values never become markup: the name of a user, a group or an `rd` is text (attack 60). */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  return new Html(strings.map((string, i) => string + (i < values.length ? render(values[i] ?? null) : '')).join(''));
}

function render(part: Part): string {
  if (part === null) return '';
  if (part instanceof Html) return part.text;
  return typeof part === 'string' || typeof part === 'number' ? escapeHtml(String(part)) : part.map(({ text }) => text).join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' };
export const escapeHtml = (text: string): string => text.replaceAll(/[&<>"']/g, (c) => ENTITIES[c] ?? c);

const STYLE = `:root{color-scheme:light dark;--ink:#1d2433;--soft:#5b6478;--paper:#f5f6f8;--card:#fff;--line:#d6dae2;--accent:#2b59c3;--on:#fff;--bad:#a3242f}
@media(prefers-color-scheme:dark){:root{--ink:#e8ebf2;--soft:#a4adc0;--paper:#12151c;--card:#1b202b;--line:#343c4d;--accent:#8fb0ff;--on:#10131a;--bad:#ff9aa2}}
*{box-sizing:border-box}body{margin:0;min-height:100vh;display:grid;place-items:center;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;padding:1rem}
main{width:min(24rem,100%);background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem}
h1{font-size:1.35rem;margin:0 0 .25rem}p{margin:.5rem 0;color:var(--soft);overflow-wrap:anywhere}p.bad{color:var(--bad)}
label{display:block;margin:.9rem 0 .25rem}label.line{display:flex;gap:.5rem;align-items:center}
input:not([type=checkbox]){width:100%;font:inherit;padding:.6rem .7rem;border:1px solid var(--line);border-radius:9px;background:var(--paper);color:inherit}
button{font:inherit;font-weight:600;width:100%;margin-top:1.1rem;padding:.7rem;border:0;border-radius:9px;background:var(--accent);color:var(--on);cursor:pointer}
button.plain{background:none;color:var(--accent);border:1px solid var(--line);font-weight:400}a{color:var(--accent)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}svg.qr{display:block;width:min(13rem,100%);margin:1rem auto;background:#fff;border-radius:9px}code{font-size:.95em}`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** Where a form may lead besides here: by its redirect to what this gate protects. */
export function formActions(domains: readonly { readonly domain: string }[]): string {
  const sites = domains.flatMap(({ domain }) => {
    const scheme = isSchemeAllowed('http', domain) ? 'http:' : 'https:';
    return [`${scheme}//${domain}:*`, `${scheme}//*.${domain}:*`];
  });
  return sites.join(' ');
}

/** The policy of a page that stands for itself. */
export function pageSecurityPolicy(domains: readonly { readonly domain: string }[]): string {
  return `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; img-src 'self'; form-action 'self' ${formActions(domains)}; frame-ancestors 'none'; base-uri 'none'`;
}

/** A whole page that needs no other file: for where the built pages are not there, or the page is shown under another host. `bad`: what went wrong with what was just tried. */
export function page(language: Language, title: string, body: Html, bad: string | null = null): string {
  const problem = bad === null ? null : html`<p class="bad" role="alert">${bad}</p>`;
  // The hash in the policy is over exactly what stands between the style tags.
  const style = new Html(`<style>${STYLE}</style>`);
  return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Portcullis</title>
${style}
</head>
<body><main>
<h1>${title}</h1>
${problem}
${body}
</main></body>
</html>
`.text;
}
