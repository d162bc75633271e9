export interface RedisAddress {
  readonly host: string;
  readonly port: number;
}

/** Certificates and keys are PEM. */
export interface RedisTls {
  /** The name the certificate must carry; by default the host. */
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

/** `sentinel` wins over `path` (a unix socket), which wins over host and port. */
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

/** Where it is, for people. */
export const placeOf = ({ path, host, port, sentinel }: Pick<RedisSettings, 'path' | 'host' | 'port' | 'sentinel'>): string =>
  sentinel === undefined ? (path ?? `${host}:${port}`) : `the master '${sentinel.name}' of the sentinels`;

/**
 * commands: a call ends within a second, with an answer or an error, and is never sent twice.
 * subscriber: the same, and a connection that has gone silent is opened anew within about a second. Subscribe on every `ready`.
 * queue: what BullMQ asks for; calls wait until Redis is back.
 */
export type RedisRole = 'commands' | 'subscriber' | 'queue';

/** lost: it was ready and is no more. error: told once until another happens or it is ready again. end: by `disconnect()`, for good. */
export type RedisEvent = { readonly kind: 'ready' | 'lost' | 'end' } | { readonly kind: 'error'; readonly error: Error };

export interface ConnectOptions {
  /** The connection's name in CLIENT LIST; no spaces. */
  readonly name: string;
  readonly role: RedisRole;
  /** 2 where messages must not come as push frames (CLIENT TRACKING with REDIRECT); default 3. */
  readonly protocol?: 2 | 3 | undefined;
  readonly onEvent?: ((event: RedisEvent) => void) | undefined;
}
