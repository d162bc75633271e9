import { z } from 'zod';
import { between, durationMs, positive, SECOND_MS, text, tls } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import { readTls } from './tls.js';
import type { RedisConfiguration } from './values.js';

export const DEFAULT_KEY_PREFIX = 'portcullis:';

const port = between(0, 65_535);

const redis = z.object({
  host: text,
  port,
  timeout: durationMs,
  username: text,
  password: text,
  database_index: between(0),
  key_prefix: text,
  tls,
  high_availability: z
    .object({
      sentinel_name: text,
      sentinel_username: text,
      sentinel_password: text,
      nodes: z.array(z.object({ host: text, port })).optional(),
    })
    .optional(),
});
type RawRedis = z.output<typeof redis>;

const schema = z.object({ session: z.object({ redis: redis.optional() }).optional() });

/** `session.redis`; null where none is configured. */
export const redisSection: Section<RedisConfiguration | null> = defineSection(schema, ({ session }, report) => {
  const raw = session?.redis;
  if (raw === undefined) return null;
  const host = raw.host ?? '';
  const isSocket = host.startsWith('/');
  const sentinel = readSentinel(raw, report);
  if (host === '' && sentinel === undefined)
    report.error(
      'session.redis.host',
      'session.redis.host is required',
      'write the name of the server, or take session.redis out to have a private one',
    );
  if (raw.port === 0 && !isSocket) report.error('session.redis.port', 'session.redis.port must be between 1 and 65535', 'write 6379');
  report.sharedPassword('session.redis.password', raw.password, 'Redis');
  return {
    host,
    port: raw.port ?? (sentinel === undefined ? 6379 : 26_379),
    path: isSocket ? host : undefined,
    username: filled(raw.username),
    password: filled(raw.password),
    database: raw.database_index ?? 0,
    keyPrefix: readKeyPrefix(raw.key_prefix, report),
    timeoutMs: positive(raw.timeout, 5 * SECOND_MS),
    tls: raw.tls === undefined ? undefined : readTls(raw.tls, 'session.redis.tls', report),
    sentinel,
  };
});

/** No character that means something in a pattern of SCAN or of an ACL. */
function readKeyPrefix(written: string | undefined, report: Report): string {
  const prefix = filled(written) ?? DEFAULT_KEY_PREFIX;
  if (!/^[A-Za-z0-9:_.{}-]{1,64}$/u.test(prefix))
    report.error(
      'session.redis.key_prefix',
      'session.redis.key_prefix must be 1 to 64 of the letters A to Z, digits and : _ . { } -',
      `write a name and a colon, such as '${DEFAULT_KEY_PREFIX}' or 'home:'`,
    );
  return prefix;
}

function readSentinel(raw: RawRedis, report: Report): RedisConfiguration['sentinel'] {
  const path = 'session.redis.high_availability';
  const sentinel = raw.high_availability;
  if (sentinel === undefined) return undefined;
  if ((sentinel.sentinel_name ?? '') === '')
    report.error(`${path}.sentinel_name`, `${path}.sentinel_name is required`, "write the name of the master group, as in Sentinel's own file");
  report.sharedPassword(`${path}.sentinel_password`, sentinel.sentinel_password, 'Sentinel');
  const named = sentinel.nodes ?? [];
  named.forEach((node, index) => {
    if ((node.host ?? '') === '') report.error(`${path}.nodes[${index}].host`, `${path}.nodes: host is required`, 'write the name of the Sentinel');
  });
  const own = raw.host === undefined || raw.host === '' ? [] : [{ host: raw.host, port: raw.port }];
  const nodes = [...own, ...named].map((node) => ({ host: node.host ?? '', port: positive(node.port, 26_379) }));
  if (nodes.length === 0) report.error(`${path}.nodes`, 'at least one Sentinel must be named, in session.redis.host or in nodes', 'add it to nodes');
  return { name: sentinel.sentinel_name ?? '', username: filled(sentinel.sentinel_username), password: filled(sentinel.sentinel_password), nodes };
}

const filled = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
