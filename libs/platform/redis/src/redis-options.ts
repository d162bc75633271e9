import type { RedisOptions } from 'ioredis';
import type { ConnectOptions, RedisRole, RedisSettings, RedisTls, SentinelSettings } from './settings.js';

/** What ioredis is told. Pure. */
export function redisOptions(
  settings: RedisSettings,
  { name, role, protocol = 3 }: ConnectOptions,
): RedisOptions & { readonly replyMapping: 'legacy' } {
  return {
    ...whereTo(settings),
    ...defined({ username: settings.username, password: settings.password }),
    ...PATIENCE[role],
    db: settings.database,
    connectionName: name,
    disableClientInfo: true,
    connectTimeout: settings.timeoutMs,
    disconnectTimeout: 200,
    keepAlive: 5000,
    protocol,
    replyMapping: 'legacy',
    retryStrategy: retryDelayMs,
    reconnectOnError: isDemotedMaster,
  };
}

const LAST_DELAY_MS = 1000;
export const retryDelayMs = (attempt: number): number => Math.min(50 * 2 ** (attempt - 1), LAST_DELAY_MS);

// After a failover the old master comes back as a replica: only a new connection finds the new one. (`-` inside a script's error of Redis 6.)
const isDemotedMaster = (error: Error): boolean => /(?:^|-)READONLY\b/.test(error.message);

// socketTimeout counts only while a reply is awaited: it ends a connection whose other side has gone without a word.
const IMPATIENT = { enableOfflineQueue: false, autoResendUnfulfilledCommands: false, maxRetriesPerRequest: 0, commandTimeout: 900 } as const;
const PATIENCE: Readonly<Record<RedisRole, RedisOptions>> = {
  commands: { ...IMPATIENT, socketTimeout: 2000 },
  subscriber: { ...IMPATIENT, socketTimeout: 800, autoResubscribe: false },
  queue: { maxRetriesPerRequest: null },
};

function whereTo({ sentinel, path, host, port, tls }: RedisSettings): RedisOptions {
  const secured = tls === undefined ? {} : { tls: tlsOptions(tls) };
  if (sentinel !== undefined) return { ...secured, ...throughSentinel(sentinel, tls) };
  return path === undefined ? { ...secured, host, port } : { ...secured, path };
}

function throughSentinel({ name, nodes, username, password }: SentinelSettings, tls: RedisTls | undefined): RedisOptions {
  return {
    name,
    sentinels: nodes.map((node) => ({ ...node })),
    sentinelRetryStrategy: retryDelayMs,
    sentinelCommandTimeout: 900,
    ...defined({ sentinelUsername: username, sentinelPassword: password }),
    ...(tls === undefined ? {} : { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(tls) }),
  };
}

function tlsOptions({ serverName, skipVerify, ...rest }: RedisTls): NonNullable<RedisOptions['tls']> {
  return { rejectUnauthorized: !skipVerify, ...defined({ servername: serverName, ...rest }) };
}

type Defined<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
const defined = <T extends object>(values: T): Defined<T> =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as Defined<T>;
