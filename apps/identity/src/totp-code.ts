import { createGuardrails, ScureBase32Plugin, verifySync } from 'otplib';

export type TotpAlgorithm = 'SHA1' | 'SHA256' | 'SHA512';

export interface TotpSettings {
  readonly algorithm: TotpAlgorithm;
  readonly digits: number;
  readonly periodS: number;
}

/** A device and its secret (base32 without padding). */
export interface TotpKey extends TotpSettings {
  readonly secret: string;
}

const OTPLIB_ALGORITHM = { SHA1: 'sha1', SHA256: 'sha256', SHA512: 'sha512' } as const;
// What makes a setting acceptable is the configuration's to say; a device stored under older rules must keep working.
const NO_OPINION = createGuardrails({ MIN_SECRET_BYTES: 1, MAX_SECRET_BYTES: 1024, MIN_PERIOD: 1, MAX_PERIOD: 86_400, MAX_WINDOW: 1000 });
const base32 = new ScureBase32Plugin();

/** What was typed as its digits: spaces and hyphens between them and full-width forms are accepted. null: no code of this device. */
export function normalizeCode(typed: string, digits: number): string | null {
  if (typed.length > 64) return null;
  const code = typed.normalize('NFKC').replace(/[\s\p{Pd}]/gu, '');
  return code.length === digits && /^[0-9]+$/.test(code) ? code : null;
}

/** The time step a code belongs to, at most `skew` steps from now; null: none. @see RFC 6238 section 5.2 */
export function matchStep(key: TotpKey, code: string, skew: number, nowMs: number): number | null {
  const result = verifySync({
    strategy: 'totp',
    secret: key.secret,
    token: code,
    algorithm: OTPLIB_ALGORITHM[key.algorithm],
    digits: key.digits === 8 ? 8 : 6,
    period: key.periodS,
    epoch: Math.floor(nowMs / 1000),
    epochTolerance: skew * key.periodS,
    guardrails: NO_OPINION,
  });
  return result.valid && 'timeStep' in result ? result.timeStep : null;
}

/** Random bytes as a secret: base32 without padding. @see RFC 4648 section 6 */
export const encodeTotpSecret = (bytes: Uint8Array): string => base32.encode(bytes);

/** A secret a person typed, as base32 in capitals without spaces and padding; null: it is none, or shorter than 128 bits. @see RFC 4226 section 4 */
export function parseTotpSecret(typed: string): string | null {
  const secret = typed.toUpperCase().replace(/[\s-]/g, '').replace(/=+$/, '');
  try {
    return base32.decode(secret).length >= 16 ? secret : null;
  } catch {
    return null;
  }
}

/** The text of the QR code, in the order authenticators have been given it by Authelia (reference 4.5). */
export function otpauthUrl(key: TotpKey, issuer: string, username: string): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(username)}`;
  const query = `algorithm=${key.algorithm}&digits=${key.digits}&issuer=${encodeURIComponent(issuer)}&period=${key.periodS}&secret=${key.secret}`;
  return `otpauth://totp/${label}?${query}`;
}
