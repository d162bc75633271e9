import type { overviewData, totpDeviceData } from '@portcullis/contracts-portal-api';
import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import type { z } from 'zod';
import { ask, type Outcome } from './api.js';
import type { PortalData } from './portal-data.js';
import { usePortal } from './portal.js';

class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** One memory of what was read, for all pages. What is away is asked for again until it is there. */
export const queries = new QueryClient({
  defaultOptions: { queries: { retry: true, retryDelay: (tries) => Math.min(1000 * 2 ** tries, 8000), networkMode: 'always' } },
});

/** A GET of the portal's API, by its path. */
const reading = <Data>(path: string) =>
  queryOptions({
    queryKey: [path],
    queryFn: async (): Promise<Outcome<Data>> => {
      const outcome = await ask<Data>('GET', path);
      if (outcome.kind === 'unavailable' || outcome.kind === 'limited') throw new Unavailable(path);
      return outcome;
    },
  });

/** What a GET answers; undefined until it does. A session that ended leads to signing in again. */
export function useRead<Data>(path: string): Exclude<Outcome<Data>, { kind: 'signed_out' }> | undefined {
  const { expire } = usePortal();
  const { data: outcome } = useQuery(reading<Data>(path));
  const isSignedOut = outcome?.kind === 'signed_out';
  useEffect(() => {
    if (isSignedOut) expire();
  }, [isSignedOut, expire]);
  return outcome?.kind === 'signed_out' ? undefined : outcome;
}

/** Forgets what was read: it was changed. */
export const reread = (path: string): Promise<void> => queries.invalidateQueries({ queryKey: [path] });

export const TOTP_DEVICE = '/api/secondfactor/totp';
export const OVERVIEW = '/api/user/overview';

/** What the page at `/` begins with. One that cannot be had now is waited for on the page. */
export async function preloadHome({ state, wants_second_factor: wantsCode }: PortalData): Promise<void> {
  if (state.authentication_level === 0) return;
  const overview = queries.query({ ...reading<z.output<typeof overviewData>>(OVERVIEW), retry: false });
  const device = wantsCode ? queries.query({ ...reading<z.output<typeof totpDeviceData>>(TOTP_DEVICE), retry: false }) : null;
  await Promise.allSettled([overview, device]);
}
