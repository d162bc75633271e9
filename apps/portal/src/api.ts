import type { Answer } from '@portcullis/contracts-portal-api';
import { at } from './portal-data.js';

/** What became of a request; a page handles `ok` and `refused`, `useSubmit` the rest. */
export type Outcome<Data> =
  | { readonly kind: 'ok'; readonly data: Data | undefined }
  /** Nothing changed; `message` is for scripts, a page says it in its own words. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string; readonly data: unknown }
  /** There is no session (any more). */
  | { readonly kind: 'signed_out' }
  | { readonly kind: 'limited'; readonly until: Date | null }
  /** The gateway, or something behind it, is away for now: try again. */
  | { readonly kind: 'unavailable' }
  | { readonly kind: 'unexpected' };

type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** One request of the portal's API. Never rejects. */
export async function ask<Data = never>(method: Method, path: string, body?: object): Promise<Outcome<Data>> {
  const headers = { Accept: 'application/json', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }) };
  try {
    const response = await fetch(at(path), {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return await outcomeOf<Data>(response);
  } catch {
    return { kind: 'unavailable' };
  }
}

async function outcomeOf<Data>(response: Response): Promise<Outcome<Data>> {
  const { status } = response;
  if (status === 429) return { kind: 'limited', until: retryAfter(response) };
  if (status === 502 || status === 503 || status === 504) return { kind: 'unavailable' };
  if (response.headers.get('Content-Type')?.startsWith('application/json') !== true) return { kind: status === 403 ? 'signed_out' : 'unexpected' };
  const answer = (await response.json()) as Answer<Data>;
  if (answer.status === 'OK') return { kind: 'ok', data: answer.data };
  if (isFirstFactorMissing(answer.data)) return { kind: 'signed_out' };
  return status >= 500 ? { kind: 'unexpected' } : { kind: 'refused', status, message: answer.message ?? '', data: answer.data };
}

/** How a change that needs more than a session says that there is not even one. */
const isFirstFactorMissing = (data: unknown): boolean =>
  typeof data === 'object' && data !== null && 'first_factor' in data && data.first_factor === true;

/** @see RFC 9110 section 10.2.3; ours is a date */
function retryAfter(response: Response): Date | null {
  const at = Date.parse(response.headers.get('Retry-After') ?? '');
  return Number.isNaN(at) ? null : new Date(at);
}
