import type { redirectData } from '@portcullis/contracts-portal-api';
import { createContext, type ReactNode, useContext, useMemo, useState } from 'react';
import type { z } from 'zod';
import { opened, type PortalData } from './portal-data.js';

export interface Portal {
  readonly data: PortalData;
  /** The session ended while a page was open: whoever it was signs in again. */
  readonly expired: boolean;
  readonly expire: () => void;
  /** After a factor: on to where they were going, or to what is asked next. The page is left: it never resolves. */
  readonly goOn: (way: z.output<typeof redirectData> | undefined) => Promise<void>;
}

const Context = createContext<Portal | null>(null);

export function usePortal(): Portal {
  const portal = useContext(Context);
  if (portal === null) throw new Error('usePortal is for what stands inside PortalProvider');
  return portal;
}

export function PortalProvider({ children }: { readonly children: ReactNode }) {
  const [expired, setExpired] = useState(false);
  const portal = useMemo(
    (): Portal => ({
      data: opened,
      expired,
      expire: () => {
        setExpired(true);
      },
      goOn: (way) => leave(way?.redirect ?? window.location.href),
    }),
    [expired],
  );
  return <Context value={portal}>{children}</Context>;
}

/** The way back does not lead to a page that was done with. */
function leave(to: string): Promise<void> {
  window.location.replace(to);
  return new Promise(() => undefined);
}
