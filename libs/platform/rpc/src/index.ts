/** Requests and events between services over Redis: one replica handles, deadlines, distinct faults, sealed. */
import { type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import { type CustomTransportStrategy, Server } from '@nestjs/microservices';
import { type z, type ZodType } from 'zod';

/** Schemas must accept what they produce (no one-way transforms): both sides parse. */
export interface Operation {
  readonly lane: string;
  readonly timeoutMs: number;
  readonly request: ZodType;
  readonly reply: ZodType;
}

/** Patterns are `<service>.v<version>.<operation>`. */
export interface Contract {
  readonly service: string;
  readonly version: number;
  readonly operations: Readonly<Record<string, Operation>>;
  readonly events?: Readonly<Record<string, ZodType>>;
}

/** What a handler is told besides its request. `deadlineMs`: what is left of the requester's time when the handler starts. */
export interface RpcContext {
  readonly requestId: string;
  readonly sender: string;
  readonly deadlineMs: number;
}

export interface CallOptions {
  /** Carried to the handler's context; made up when absent. */
  readonly requestId?: string | undefined;
  /** Shortens the operation's own timeout, never lengthens it. */
  readonly timeoutMs?: number | undefined;
}

/** Rejects with an RpcFault, and with nothing else. */
export type Client<C extends Contract> = {
  readonly [K in keyof C['operations']]: (
    request: z.input<C['operations'][K]['request']>,
    options?: CallOptions,
  ) => Promise<z.output<C['operations'][K]['reply']>>;
};

/** A class that misses an operation of the contract does not compile. */
export type Handlers<C extends Contract> = {
  readonly [K in keyof C['operations']]: (
    request: z.output<C['operations'][K]['request']>,
    context: RpcContext,
  ) => Promise<z.input<C['operations'][K]['reply']>>;
};

/**
 * RPC_TIMEOUT: no answer in time. RPC_NO_REPLICA: nobody alive serves it. RPC_UNAVAILABLE: Redis is away. RPC_OVERLOADED: the lane is full, or the
 * request waited too long for a place. RPC_BAD_REQUEST, RPC_BAD_REPLY: not what the contract says. RPC_FAILED: the handler threw.
 */
export type RpcFaultCode =
  'RPC_TIMEOUT' | 'RPC_NO_REPLICA' | 'RPC_UNAVAILABLE' | 'RPC_OVERLOADED' | 'RPC_BAD_REQUEST' | 'RPC_BAD_REPLY' | 'RPC_FAILED';

export declare class RpcFault extends Error {
  readonly code: RpcFaultCode;
  readonly pattern: string;
  constructor(code: RpcFaultCode, pattern: string, message: string, options?: ErrorOptions);
}

/** For logs and metrics; carries no payload. */
export type RpcEvent =
  | { readonly kind: 'redis'; readonly connection: 'commands' | 'subscriber'; readonly event: RedisEvent }
  /** A message that was forged, replayed, stale or misplaced: dropped unanswered. */
  | { readonly kind: 'refused'; readonly pattern: string; readonly reason: string }
  | { readonly kind: 'handler_failed'; readonly pattern: string; readonly requestId: string; readonly error: unknown }
  | { readonly kind: 'replica_failed'; readonly error: unknown };

export interface RpcConnectionOptions {
  readonly redis: RedisSettings;
  /** `rpc.secret`: the first seals, all open. */
  readonly secrets: readonly string[];
  /** Of every key and channel, for instance `portcullis:`. */
  readonly prefix: string;
  /** The name of the sender in every message. */
  readonly service: string;
  readonly onEvent?: ((event: RpcEvent) => void) | undefined;
}

/** Two connections to Redis, shared by the clients, servers and events of a process. */
export interface RpcConnection {
  /** Resolves when requests can be sent and answers received; RpcFault RPC_UNAVAILABLE after timeoutMs. */
  ready(timeoutMs: number): Promise<void>;
  /** Ends both connections; requests that still wait fail with RPC_UNAVAILABLE. */
  close(): void;
}
export declare function openRpcConnection(options: RpcConnectionOptions): RpcConnection;

export declare function createRpcClient<C extends Contract>(contract: C, connection: RpcConnection): Client<C>;

type EventsOf<C extends Contract> = NonNullable<C['events']>;
/** Events reach every replica that is connected at that moment; nothing that must happen may rely on one alone. */
export interface Events<C extends Contract> {
  emit<K extends keyof EventsOf<C> & string>(name: K, payload: z.input<EventsOf<C>[K]>): Promise<void>;
  /** Resolves when subscribed, with the way to unsubscribe. */
  on<K extends keyof EventsOf<C> & string>(
    name: K,
    listener: (payload: z.output<EventsOf<C>[K]>, context: { readonly sender: string }) => void,
  ): Promise<() => Promise<void>>;
}
export declare function createRpcEvents<C extends Contract>(contract: C, connection: RpcConnection): Events<C>;

export interface LaneOptions {
  /** Handlers that run at once in this process. */
  readonly concurrency: number;
  /** Requests that may wait in Redis for a place; default 64. */
  readonly maxWaiting?: number | undefined;
  /** How long one may wait for a place; default 3000. */
  readonly maxWaitMs?: number | undefined;
}

export interface RpcServerOptions {
  readonly connection: RpcConnection;
  readonly contracts: readonly Contract[];
  /** One row for every lane the contracts name; each service of `contracts` has its own places. */
  readonly lanes: Readonly<Record<string, LaneOptions>>;
  /** How long close() waits for handlers that run; default 10000. */
  readonly drainMs?: number | undefined;
}

/** Nest's transport over our wire: `NestFactory.createMicroservice(M, { strategy })` or `app.connectMicroservice({ strategy })`. */
export declare class RpcServer extends Server implements CustomTransportStrategy {
  constructor(options: RpcServerOptions);
  listen(callback: (error?: unknown) => void): void;
  /** Takes no more work, leaves the list of replicas at once, waits for what runs. The connection stays open. */
  close(): Promise<void>;
  on(event: string, callback: (...args: never[]) => unknown): void;
  unwrap<T>(): T;
}

/** Marks a controller's methods with the contract's patterns: `@Controller() @Serves(contract) class X implements Handlers<typeof contract>`. */
export declare function Serves<C extends Contract>(contract: C): (target: new (...args: never[]) => Handlers<C>) => void;
