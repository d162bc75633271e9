import { z } from 'zod';

/** Schemas of single values as a loader leaves them; none is required, sections ask for what they need. */
export const text = z.string().optional();
export const texts = z.array(z.string()).optional();
export const flag = z.boolean().optional();
export const count = z.number().optional();
export const durationMs = z.number().optional();

export const address = z
  .object({
    scheme: z.string().nullable(),
    host: z.string(),
    port: z.number().nullable(),
    path: z.string(),
    socketPath: z.string().nullable(),
    umask: z.number().nullable(),
  })
  .optional();
export type RawAddress = NonNullable<z.output<typeof address>>;

export const tls = z
  .object({ server_name: text, skip_verify: flag, minimum_version: text, maximum_version: text, private_key: text, certificate_chain: text })
  .optional();
export type RawTls = NonNullable<z.output<typeof tls>>;

/** One of a few words; an empty text is as none. */
export function oneOf<const V extends readonly string[]>(...words: V) {
  return z.preprocess((value) => (value === '' ? undefined : value), word(...words).optional());
}

export function word<const V extends readonly string[]>(...words: V) {
  return z.enum(words, { error: (issue) => `'${String(issue.input)}' is not one of ${words.join(', ')}` });
}

/** A whole number within bounds; `unit` is for the message (`characters`). */
export function between(least: number, most = Number.MAX_SAFE_INTEGER) {
  const range = most === Number.MAX_SAFE_INTEGER ? `at least ${least}` : `between ${least} and ${most}`;
  const error = (issue: { readonly input?: unknown }): string => `must be ${range}, not ${String(issue.input)}`;
  return z.number({ error }).int({ error }).min(least, { error }).max(most, { error }).optional();
}

/** A section or value the way it counts: none, zero and less mean the default. */
export function positive(value: number | undefined, fallback: number): number {
  return value === undefined || value <= 0 ? fallback : value;
}

export const SECOND_MS = 1000;
export const MINUTE_MS = 60 * SECOND_MS;
export const HOUR_MS = 60 * MINUTE_MS;
export const DAY_MS = 24 * HOUR_MS;
