import { QueryClient, queryOptions, useQuery } from '@tanstack/react-query';
import { useEffect } from 'react';
import { ask, type Outcome } from './api.js';
import type { PortalData } from './portal-data.js';
import { usePortal } from './portal.js';

class Unavailable extends Error {
  override readonly name = 'Unavailable';
}

/** A page that begins with what was loaded for it does not ask for it once more. */
const FRESH_MS = 3000;

/** One memory of what was read, for all pages. What is away is asked for again until it is there. */
export const queries = new QueryClient({
  defaultOptions: { queries: { staleTime: FRESH_MS, retry: true, retryDelay: (tries) => Math.min(1000 * 2 ** tries, 8000), networkMode: 'always' } },
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
    if (!isSignedOut) return;
    // Asked anew by the page that is found again after signing in.
    queries
      .getQueryCache()
      .find({ queryKey: [path] })
      ?.reset();
    expire();
  }, [isSignedOut, expire, path]);
  return outcome?.kind === 'signed_out' ? undefined : outcome;
}

/** Forgets what was read: it was changed. */
export const reread = (path: string): Promise<void> => queries.invalidateQueries({ queryKey: [path] });

export const TOTP_DEVICE = '/api/secondfactor/totp';
export const TOTP_REGISTRATION = '/api/secondfactor/totp/register';
export const RECOVERY_CODES = '/api/secondfactor/recovery-codes';
export const CONFIGURATION = '/api/configuration';
export const OVERVIEW = '/api/user/overview';
export const SESSIONS = '/api/user/sessions';
export const HISTORY = '/api/user/history';
export const USER_INFO = '/api/user/info';

/** What a page begins with, of who is signed in; one that cannot be had now is waited for on the page. */
export async function preload(paths: readonly string[]): Promise<null> {
  await Promise.allSettled(paths.map((path) => queries.query({ ...reading(path), retry: false })));
  return null;
}

/** What the page at `/` begins with. */
export async function preloadHome({ state, wants_second_factor: wantsCode }: PortalData): Promise<void> {
  if (state.authentication_level === 0) return;
  await preload(wantsCode ? [OVERVIEW, TOTP_DEVICE] : [OVERVIEW]);
}
