import { z } from 'zod';
import { count, durationMs, flag, HOUR_MS, MINUTE_MS } from './raw.js';
import type { Report } from './report.js';
import type { RateLimit, RateLimitName } from './values.js';

const limit = z.object({ enable: flag, buckets: z.array(z.object({ period: durationMs, requests: count })).optional() }).optional();

export const rateLimits = z
  .object({
    reset_password_start: limit,
    reset_password_finish: limit,
    second_factor_totp: limit,
    session_elevation_start: limit,
  })
  .optional();
type RawLimits = NonNullable<z.output<typeof rateLimits>>;
type Buckets = RateLimit['buckets'];

const LEAST_PERIOD_MS = 10_000;

/** `server.endpoints.rate_limits`, by default those of reference 4.10; `codeMs`: the life of a mailed code. */
export function rateLimitsOf(raw: RawLimits, codeMs: number, report: Report): Readonly<Record<RateLimitName, RateLimit>> {
  const standard = defaults(codeMs);
  const read = (name: RateLimitName): RateLimit => ({
    enabled: raw[name]?.enable ?? true,
    buckets: bucketsOf(name, raw[name]?.buckets, standard[name], report),
  });
  return {
    reset_password_start: read('reset_password_start'),
    reset_password_finish: read('reset_password_finish'),
    second_factor_totp: read('second_factor_totp'),
    session_elevation_start: read('session_elevation_start'),
  };
}

const bucket = (requests: number, periodMs: number): Buckets[number] => ({ requests, periodMs });

function defaults(codeMs: number): Readonly<Record<RateLimitName, Buckets>> {
  return {
    reset_password_start: [bucket(5, HOUR_MS / 6), bucket(10, HOUR_MS / 4), bucket(15, HOUR_MS / 2)],
    reset_password_finish: [bucket(10, MINUTE_MS), bucket(15, 2 * MINUTE_MS)],
    second_factor_totp: [bucket(30, MINUTE_MS), bucket(40, 2 * MINUTE_MS), bucket(50, 10 * MINUTE_MS)],
    session_elevation_start: [bucket(3, codeMs), bucket(5, 2 * codeMs), bucket(15, 12 * codeMs)],
  };
}

function bucketsOf(name: RateLimitName, raw: NonNullable<RawLimits[RateLimitName]>['buckets'], standard: Buckets, report: Report): Buckets {
  if (raw === undefined || raw.length === 0) return standard;
  return raw.map((each, index) => {
    const path = `server.endpoints.rate_limits.${name}.buckets[${index}]`;
    const periodMs = each.period ?? 0;
    const requests = each.requests ?? 0;
    if (periodMs < LEAST_PERIOD_MS) report.error(`${path}.period`, `${path}.period must be at least 10 seconds`, 'write for instance 1m');
    if (!Number.isInteger(requests) || requests < 1)
      report.error(`${path}.requests`, `${path}.requests must be at least 1`, 'write for instance 10, or `enable: false` for no limit');
    return { periodMs, requests };
  });
}
