import type { Translate } from '@portcullis/domain-portal-texts';
import { html, type Html } from './html.js';
import type { sitesOf } from './overview.js';
import type { SignedInVisit } from './visit.js';

type Sites = Awaited<ReturnType<typeof sitesOf>>;

const FACTORS = { bypass: 'home.bypass', one_factor: 'home.one_factor', two_factor: 'home.two_factor' } as const;

/** What some sites ask for besides the password: to be given now, or to be set up first. */
export type Offer = 'confirm' | 'enrol';

export interface HomeContent {
  readonly sites: Sites;
  /** null: nothing is missing. */
  readonly offers: Offer | null;
}

/** Who one is, what one may open, and the way out (`apps/portal/src/pages/overview.tsx` has the same). */
export function homePage({ session, domain, origin }: SignedInVisit, { sites, offers }: HomeContent, base: string, t: Translate): Html {
  const { displayName: name, groups } = session.record.profile;
  const home = domain.defaultRedirectionUrl;
  return html`<p>${t(session.level === 2 ? 'home.by_both' : 'home.by_password', { name })}</p>
    ${home === null ? null : html`<p><a href="${home}">${t('home.go_to', { host: new URL(home).host })}</a></p>`} ${offers === null ? null : secondFactor(offers, base, t)}
    ${groupList(groups, t)} ${siteList(sites, origin, t)}
    <nav class="actions">
      <a class="button plain" href="${base}/settings">${t('home.settings')}</a>
      <a class="button plain" href="${base}/logout">${t('home.sign_out')}</a>
    </nav>`;
}

function secondFactor(offers: Offer, base: string, t: Translate): Html {
  return offers === 'confirm'
    ? html`<p>${t('home.confirm_explain')}</p>
        <a class="button" href="${base}/second-factor">${t('home.confirm')}</a>`
    : html`<p>${t('home.enrol_explain')}</p>
        <a class="button" href="${base}/enrol">${t('must_enrol.submit')}</a>`;
}

function groupList(groups: readonly string[], t: Translate): Html | null {
  if (groups.length === 0) return null;
  return html`<section>
    <h2>${t('home.groups')}</h2>
    <ul class="tags">
      ${groups.map((group) => html`<li>${group}</li>`)}
    </ul>
  </section>`;
}

/** Behind the same proxy, so at its scheme and port. */
function siteList(sites: Sites, { scheme, authority }: SignedInVisit['origin'], t: Translate): Html {
  const at = (host: string): string => Object.assign(new URL(`${scheme}://${authority}/`), { hostname: host }).href;
  const items = sites.map(({ host, policy }) => html`<li><a href="${at(host)}">${host}</a><span>${t(FACTORS[policy])}</span></li>`);
  const list = items.length === 0 ? html`<p>${t('home.no_sites')}</p>` : html`<ul class="sites">${items}</ul>`;
  return html`<section><h2>${t('home.sites')}</h2>${list}</section>`;
}
