/** One way to reach Redis: single, Sentinel, TLS or unix socket; scripts; and a fault that says it is away. */
import { type Redis } from 'ioredis';

export { type Redis } from 'ioredis';

export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Certificates and keys are PEM. */
export interface RedisTls {
  readonly serverName?: string | undefined;
  readonly skipVerify: boolean;
  readonly minVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly maxVersion?: 'TLSv1.2' | 'TLSv1.3' | undefined;
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
}

export interface SentinelSettings {
  /** The name of the master group. */
  readonly name: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly nodes: readonly RedisAddress[];
}

/** `path` (a unix socket) wins over host and port; `sentinel` wins over both. */
export interface RedisSettings extends RedisAddress {
  readonly path?: string | undefined;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly database: number;
  /** How long one attempt to connect may take. */
  readonly timeoutMs: number;
  readonly tls?: RedisTls | undefined;
  readonly sentinel?: SentinelSettings | undefined;
}

/**
 * commands: every call ends within a second, with an answer or an error, and nothing is sent twice.
 * subscriber: the same, and a silent connection is noticed within a second (closed and opened again).
 * queue: what BullMQ asks for; calls wait for Redis to come back.
 */
export type RedisRole = 'commands' | 'subscriber' | 'queue';

export type RedisEvent =
  { readonly kind: 'ready' } | { readonly kind: 'lost' } | { readonly kind: 'end' } | { readonly kind: 'error'; readonly error: Error };

export interface ConnectOptions {
  /** The connection's name in CLIENT LIST. */
  readonly name: string;
  readonly role: RedisRole;
  /** 2 where pub/sub must not share the push channel (CLIENT TRACKING with REDIRECT); default 3. */
  readonly protocol?: 2 | 3 | undefined;
  readonly onEvent?: ((event: RedisEvent) => void) | undefined;
}

/** Starts connecting and returns at once; reconnects for ever with 50 to 1000 ms between attempts. End it with `disconnect()`. */
export declare function connectRedis(settings: RedisSettings, options: ConnectOptions): Redis;
/** Resolves when commands are accepted; throws RedisUnavailable after timeoutMs. */
export declare function waitUntilReady(redis: Redis, timeoutMs: number): Promise<void>;

/** Redis is away, frozen, loading, full, read-only or refuses us: whatever the reason, it did not do what was asked. */
export declare class RedisUnavailable extends Error {
  readonly code: 'REDIS_UNAVAILABLE';
}
/** The answer, or RedisUnavailable with the cause. A mistake in a command (WRONGTYPE, a script error) passes as it is. */
export declare function orUnavailable<T>(answer: Promise<T>): Promise<T>;

export interface Script {
  readonly name: string;
  readonly lua: string;
  readonly sha: string;
}
/** A Lua script; `allowOom` lets it write while Redis is over its `maxmemory` (Redis 7 and later). */
export declare function script(name: string, lua: string, options?: { readonly allowOom?: boolean }): Script;
/** EVALSHA, and EVAL where Redis does not know it (anymore). Throws as orUnavailable does. */
export declare function runScript(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown>;
/** The same with every string of the reply as a Buffer. */
export declare function runScriptBuffer(
  redis: Redis,
  script: Script,
  keys: readonly string[],
  args: readonly (string | number | Buffer)[],
): Promise<unknown>;
/** Redis' own clock, milliseconds since 1970. */
export declare function redisTimeMs(redis: Redis): Promise<number>;

export interface ServerProblem {
  readonly code: 'REDIS_CLUSTER' | 'REDIS_EVICTS' | 'REDIS_TOO_OLD';
  readonly message: string;
}
/** What would make this Redis lose or misplace what we keep in it. Where INFO is forbidden: nothing known, none reported. */
export declare function checkServer(redis: Redis): Promise<readonly ServerProblem[]>;
