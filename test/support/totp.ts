import { generateSync } from 'otplib';

export interface TotpOptions {
  readonly algorithm?: 'sha1' | 'sha256' | 'sha512';
  readonly digits?: 6 | 8;
  /** Seconds. */
  readonly period?: number;
}

/** The code of a base32 secret. step: 0 is the present one, -1 the one before, 1 the next; a code works once, so one half minute has three to use. */
export function totp(secret: string, step = 0, { algorithm = 'sha1', digits = 6, period = 30 }: TotpOptions = {}): string {
  return generateSync({ secret, algorithm, digits, period, epoch: Math.trunc(Date.now() / 1000) + step * period });
}
