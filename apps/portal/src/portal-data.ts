import type { portalData } from '@portcullis/contracts-portal-api';
import type { z } from 'zod';

export type PortalData = z.output<typeof portalData>;

/** What the gateway opened this page with. It is ours, from the same build and origin: its shape is not checked again here. */
export const opened = JSON.parse(document.getElementById('portal')?.textContent ?? '{}') as PortalData;

/** An address of the portal, under the path by which the person reached it. */
export const at = (path: string): string => `${opened.base}${path}`;

/** Where somebody was going when they were sent here, as it stands in the page's address. */
export function asked(): { readonly rd: string; readonly rm: string } {
  const query = new URLSearchParams(window.location.search);
  return { rd: query.get('rd') ?? '', rm: query.get('rm') ?? '' };
}

/** The same as the query of an address, with its question mark: what every link of the sign-in roads carries on. */
export function askedQuery(): string {
  const { rd, rm } = asked();
  return rd === '' ? '' : `?${new URLSearchParams({ rd, ...(rm === '' ? {} : { rm }) }).toString()}`;
}

/** At the door itself, and on no page that somebody opened by its own address. */
export const isAtDoor = (): boolean => [at('/'), opened.base, at('/second-factor'), at('/second-factor/recovery')].includes(window.location.pathname);

/** The page that is opened most and by strangers; the first load holds it and nothing else. */
export const isSignInPage = opened.state.authentication_level === 0 && isAtDoor();

/** What the gateway says of this opening alone: /logout was reached from the portal or from a site beside it, so that nobody else's link signs out. */
export const signsOutAtOnce = document.querySelector('form[data-at-once]') !== null;

/** Without its script the page is nothing but a heading: what else the gateway rendered is for browsers that run none. */
export const isEmptyWithoutScript = document.querySelector('main noscript') !== null;
