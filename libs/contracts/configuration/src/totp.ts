import { z } from 'zod';
import { between, flag, text, texts } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { TotpAlgorithm, TotpConfiguration } from './values.js';

const schema = z.object({
  totp: z
    .object({
      disable: flag,
      issuer: text,
      algorithm: text,
      digits: between(0),
      period: between(0),
      skew: between(0),
      secret_size: between(0),
      allowed_algorithms: texts,
      allowed_digits: texts,
      allowed_periods: texts,
      disable_reuse_security_policy: flag,
    })
    .optional(),
});

/** `totp`: one-time passwords of authenticator apps; zero means the default everywhere but in `skew`. */
export const totpSection: Section<TotpConfiguration> = defineSection(schema, ({ totp = {} }, report) => {
  const algorithm = algorithmOf(totp.algorithm ?? '', 'totp.algorithm', report);
  const digits = digitsOf(totp.digits ?? 0, 'totp.digits', report);
  const periodSeconds = periodOf(totp.period ?? 0, 'totp.period', report);
  const secretSizeBytes = totp.secret_size === undefined || totp.secret_size === 0 ? 32 : totp.secret_size;
  if (secretSizeBytes < 20) report.error('totp.secret_size', `totp.secret_size must be at least 20 bytes, not ${secretSizeBytes}`, 'write 32');
  if ((totp.issuer ?? '').includes(':'))
    report.error('totp.issuer', 'totp.issuer must not contain a colon, which ends it in the addresses apps read', 'leave it out');
  return {
    disabled: totp.disable ?? false,
    issuer: totp.issuer ?? 'Authelia',
    algorithm,
    digits,
    periodSeconds,
    skew: totp.skew ?? 1,
    secretSizeBytes,
    allowedAlgorithms: allowed(algorithm, totp.allowed_algorithms, (value) => algorithmOf(value, 'totp.allowed_algorithms', report)),
    allowedDigits: allowed(digits, totp.allowed_digits, (value) => digitsOf(Number(value), 'totp.allowed_digits', report)),
    allowedPeriods: allowed(periodSeconds, totp.allowed_periods, (value) => periodOf(Number(value), 'totp.allowed_periods', report)),
    reuseAllowed: totp.disable_reuse_security_policy ?? false,
  };
});

/** The default is always among what people may choose. */
function allowed<T>(standard: T, values: readonly string[] | undefined, read: (value: string) => T): readonly T[] {
  return [...new Set([standard, ...(values ?? []).map(read)])];
}

function algorithmOf(value: string, path: string, report: Report): TotpAlgorithm {
  const name = value === '' ? 'SHA1' : value.toUpperCase();
  if (name === 'SHA1' || name === 'SHA256' || name === 'SHA512') return name;
  report.error(path, `'${value}' is not one of SHA1, SHA256, SHA512`, 'write SHA1, which every app knows');
  return 'SHA1';
}

function digitsOf(value: number, path: string, report: Report): 6 | 8 {
  if (value === 0 || value === 6) return 6;
  if (value !== 8) report.error(path, `codes have 6 or 8 digits, not ${value}`, 'write 6');
  return 8;
}

function periodOf(value: number, path: string, report: Report): number {
  if (value === 0) return 30;
  if (!Number.isInteger(value) || value < 15) report.error(path, `a code lasts at least 15 seconds, not ${value}`, 'write 30');
  return value;
}
