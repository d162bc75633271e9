import { z } from 'zod';

/**
 * A probe is a request that `portcullis doctor` sends through the proxy, to learn what of it reaches the gate. It carries a signed mark
 * (`portcullis-probe.<id>.<expiry>.<signature>`) in its path and in a header, and asks for a path that is always refused, so that the gate looks
 * for marks only where it refuses. What it saw goes over the wire to whoever signed: the answer is the refusal anybody gets.
 */
export const PROBE_MARK = 'portcullis-probe.';
export const PROBE_HEADER = 'Portcullis-Probe';
/** Stands behind the mark: an encoded control character is refused whatever the rules say (attack 9). */
export const PROBE_ENDING = '%01';
/** What the signature's key is derived for. */
export const PROBE_PURPOSE = 'doctor-probe';
export const PROBE_LIFE_MS = 60_000;

const SHAPE = /portcullis-probe\.([\w-]{22})\.(\d{13})\.([\w-]{43})/u;

export interface Probe {
  /** 128 random bits as base64url. */
  readonly id: string;
  readonly expiresAtMs: number;
}

/** What is signed. */
const textOf = ({ id, expiresAtMs }: Probe): string => `${id}.${expiresAtMs}`;

export const probeMark = (probe: Probe, sign: (text: string) => string): string => `${PROBE_MARK}${textOf(probe)}.${sign(textOf(probe))}`;

/** The probe in a text, or null where there is none, it is too old, or somebody else signed it. `isSigned` compares in constant time. */
export function readProbe(text: string, nowMs: number, isSigned: (text: string, signature: string) => boolean): Probe | null {
  const [, id = '', expiry = '', signature = ''] = SHAPE.exec(text) ?? [];
  const probe = { id, expiresAtMs: Number(expiry) };
  const isAlive = probe.expiresAtMs > nowMs && probe.expiresAtMs <= nowMs + 2 * PROBE_LIFE_MS;
  return isAlive && isSigned(textOf(probe), signature) ? probe : null;
}

/** What reached the gate. */
const probeSeen = z.object({
  id: z.string(),
  /** The authorization endpoint that was asked, and its dialect. */
  endpoint: z.string(),
  implementation: z.enum(['Legacy', 'ForwardAuth', 'AuthRequest', 'ExtAuthz']),
  /** Why it was refused: `malformed_target` where nothing but the probe itself was wrong with it. */
  reason: z.string(),
  /** Of the request that the proxy made. */
  method: z.string(),
  url: z.string(),
  /** The address it came from, and the client's as the gate believes it. */
  peer: z.string().nullable(),
  ip: z.string().nullable(),
  /** Those that say where a request goes, where it comes from and who asks; none that carries a secret. */
  headers: z.array(z.tuple([z.string(), z.string()])),
});
export type ProbeSeen = z.infer<typeof probeSeen>;

/** The gateway's events on the wire. */
export const gatewayContract = { service: 'verify-gateway', version: 1, operations: {}, events: { probeSeen } } as const;
