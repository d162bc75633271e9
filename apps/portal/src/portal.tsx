import type { redirectData } from '@portcullis/contracts-portal-api';
import { createContext, type ReactNode, startTransition, useContext, useMemo, useState } from 'react';
import type { z } from 'zod';
import { ask } from './api.js';
import { asked, isAtDoor, opened, type PortalData } from './portal-data.js';

export interface Portal {
  readonly data: PortalData;
  /** All pages but the first sign-in, once they are loaded. */
  readonly pages: ReactNode;
  /** The session ended while a page was open: whoever it was signs in again, and finds that page as they left it. */
  readonly expired: boolean;
  readonly expire: () => void;
  /** After a factor: on to where they were going, or to what is asked next. Resolves when that is shown, and never where the page is left. */
  readonly goOn: (way: z.output<typeof redirectData> | undefined) => Promise<void>;
  /** Asks anew who is there. */
  readonly refresh: () => Promise<void>;
}

const Context = createContext<Portal | null>(null);

export function usePortal(): Portal {
  const portal = useContext(Context);
  if (portal === null) throw new Error('usePortal is for what stands inside PortalProvider');
  return portal;
}

/** The pages with all that they need besides the first load. */
export const loadPages = async (data: PortalData): Promise<ReactNode> => (await import('./pages.js')).openPages(data);

export function PortalProvider({ pages: first, children }: { readonly pages: ReactNode; readonly children: ReactNode }) {
  const [{ data, pages, expired }, setState] = useState({ data: opened, pages: first, expired: false });
  const portal = useMemo((): Portal => {
    const refresh = async (): Promise<void> => {
      const { rd, rm } = asked();
      const answer = await ask<PortalData>('GET', `/api/portal?${new URLSearchParams({ rd, rm }).toString()}`);
      if (answer.kind !== 'ok' || answer.data === undefined) return leave(window.location.href);
      const loaded = pages ?? (await loadPages(answer.data).catch(() => null));
      // Pages that do not come are the gateway's to show.
      if (loaded === null) return leave(window.location.href);
      const now = { data: answer.data, pages: loaded, expired: false };
      startTransition(() => {
        setState(now);
      });
    };
    const goOn: Portal['goOn'] = (way) => {
      // Who signs in, or in again, to go on with a page stays on it.
      if ((expired || !isAtDoor()) && asked().rd === '') return refresh();
      if (way?.redirect !== undefined) return leave(way.redirect);
      // The gateway explains what is not gone to.
      return way === undefined ? refresh() : leave(window.location.href);
    };
    const expire = (): void => {
      setState((state) => ({ ...state, expired: true }));
    };
    return { data, pages, expired, expire, goOn, refresh };
  }, [data, pages, expired]);
  return <Context value={portal}>{children}</Context>;
}

/** The page is left for good, and the way back does not lead to it. */
export function leave(to: string): Promise<void> {
  window.location.replace(to);
  return new Promise(() => undefined);
}
