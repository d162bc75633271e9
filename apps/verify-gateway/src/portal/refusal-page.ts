import { directionOf, type Language, translator } from '@portcullis/domain-portal-texts';
import { createHash } from 'node:crypto';
import { brandStyle } from './brand-color.js';
import { html, Html } from './html.js';
import type { PortalSettings } from './portal-parts.js';

/** What somebody is told who gets a refusal in place of a page. */
export interface RefusalNotice {
  readonly status: number;
  /** To quote to whoever runs the site: the same number stands in the log. */
  readonly requestId: string;
  readonly language: Language;
  /** Where else to go; null: only again here. */
  readonly back: { readonly href: string; readonly label: 'account' | 'home' | 'again' } | null;
  /** Other places that may have been meant. */
  readonly places?: readonly string[];
}

type Kind = 'forbidden' | 'malformed' | 'misdirected' | 'not_found' | 'refused' | 'unavailable' | 'unexpected' | 'wait';

const PALETTES = {
  light: 'color-scheme:light;--ink:#1c2230;--soft:#596175;--paper:#f4f5f7;--card:#fff;--line:#d9dde5;--accent:var(--brand-light,#2b59c3)',
  dark: 'color-scheme:dark;--ink:#e8ebf2;--soft:#a6aec0;--paper:#12151c;--card:#1a1f2a;--line:#323a4a;--accent:var(--brand-dark,#8fb0ff)',
} as const;

const RULES = `*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;align-content:center;justify-content:center;grid-template-columns:minmax(0,25rem);gap:1.25rem;padding:1.25rem 1rem;background:var(--paper);color:var(--ink);font:1rem/1.5 system-ui,sans-serif;overflow-wrap:anywhere}
header{color:var(--soft);font-weight:600;text-align:center}
main{background:var(--card);border:1px solid var(--line);border-radius:14px;padding:1.75rem}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 .5rem}p{margin:.75rem 0 0;color:var(--soft)}code{font-size:.95em;color:var(--ink)}
a{color:var(--accent)}:focus-visible{outline:3px solid var(--accent);outline-offset:2px}`;

function styleOf({ theme, color }: PortalSettings['look']): string {
  const { light, dark } = PALETTES;
  const palette =
    theme === 'light' ? `:root{${light}}` : theme === 'auto' ? `:root{${light}}@media(prefers-color-scheme:dark){:root{${dark}}}` : `:root{${dark}}`;
  return `${color === null ? '' : brandStyle(color)}${palette}${RULES}`;
}

/**
 * Pages that stand for themselves: they are shown under the hosts of applications too, where nothing else of ours can be had. No script, and
 * nothing in them depends on who asks.
 */
export class RefusalPages {
  /** Their Content-Security-Policy. */
  readonly policy: string;
  readonly #style: Html;

  constructor(private readonly look: PortalSettings['look']) {
    const style = styleOf(look);
    const hash = createHash('sha256').update(style).digest('base64');
    this.policy = `default-src 'none'; style-src 'sha256-${hash}'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'`;
    this.#style = new Html(`<style>${style}</style>`);
  }

  render({ status, requestId, language, back, places = [] }: RefusalNotice): string {
    const t = translator(language);
    const kind = kindOf(status, back?.label);
    const title = t(`refusal.${kind}_title`);
    return html`<!doctype html>
<html lang="${language}" dir="${directionOf(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width,initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · ${this.look.name}</title>
${this.#style}
</head>
<body>
<header>${this.look.name}</header>
<main>
<h1>${title}</h1>
<p>${t(`refusal.${kind}`)}</p>
${places.map((place) => html`<p><a href="${place}">${place}</a></p>`)}
<p>${t('refusal.quote')} <code dir="ltr">${requestId}</code></p>
${back === null ? null : html`<p><a href="${back.href}">${t(`refusal.${back.label}`)}</a></p>`}
</main>
</body>
</html>
`.text;
  }
}

/** An application is forbidden to the person; the portal itself refuses a request that came at the wrong moment. */
function kindOf(status: number, back: 'account' | 'home' | 'again' | undefined): Kind {
  switch (status) {
    case 403:
      return back === 'home' ? 'refused' : 'forbidden';
    case 404:
      return 'not_found';
    case 421:
      return 'misdirected';
    case 429:
      return 'wait';
    case 503:
      return 'unavailable';
    default:
      return status >= 500 ? 'unexpected' : 'malformed';
  }
}

/** Whether who asks reads pages: a browser that opens an address or sends a form. A script says something else. */
export const readsPages = (accept: string | undefined): boolean =>
  accept?.split(',').some((entry) => entry.split(';', 1)[0]?.trim().toLowerCase() === 'text/html') ?? false;
