import { canonicalBanAddress } from '@portcullis/domain-regulation';
import { type Redis, runScript, script } from '@portcullis/platform-redis';

/** Authelia `server.endpoints.rate_limits.<name>.buckets[]`: holds `requests` and regains one per `periodMs`. */
export interface Bucket {
  readonly periodMs: number;
  readonly requests: number;
}

/**
 * The generic cell rate algorithm over all buckets at once: admitted only if every bucket has a place, and only then is one taken.
 * KEYS: one per bucket, holding the theoretical arrival time in microseconds. ARGV: period (us) and requests of each bucket, in the order
 * of KEYS. Returns 0 when admitted, else the milliseconds to wait.
 */
const TAKE = script(
  'take-places-limit',
  `local now = redis.call('TIME')
now = now[1] * 1000000 + now[2]
local wait = 0
local arrivals = {}
for i, key in ipairs(KEYS) do
  local period, requests = tonumber(ARGV[i * 2 - 1]), tonumber(ARGV[i * 2])
  local arrival = math.max(tonumber(redis.call('GET', key) or '0'), now)
  local early = arrival - now - period * (requests - 1)
  if early > wait then wait = early end
  arrivals[i] = arrival + period
end
if wait > 0 then return math.ceil(wait / 1000) end
for i, key in ipairs(KEYS) do
  redis.call('SET', key, string.format('%.0f', arrivals[i]), 'PX', math.ceil((arrivals[i] - now) / 1000) + 1000)
end
return 0`,
);

/** Limits shared by all gates, by address: one of IPv6 counts by its /64. */
export class RateLimits {
  constructor(
    private readonly redis: Redis,
    private readonly keyPrefix: string,
    private readonly buckets: Readonly<Record<string, readonly Bucket[]>>,
  ) {}

  /**
   * @param username where a limit is one person's: nobody else at that address is held up by them
   * @returns 0: go on; else milliseconds until asking again makes sense. Rejects where Redis is away.
   */
  async take(name: string, ip: string, username = ''): Promise<number> {
    const buckets = this.buckets[name] ?? [];
    if (buckets.length === 0) return 0;
    const who = canonicalBanAddress(ip) ?? ip;
    const keys = buckets.map((_, i) => `${this.keyPrefix}limit:${name}:${i}:${who}:${username}`);
    return Number(
      await runScript(
        this.redis,
        TAKE,
        keys,
        buckets.flatMap(({ periodMs, requests }) => [periodMs * 1000, requests]),
      ),
    );
  }
}
