import { randomBytes } from 'node:crypto';
import { connectRedis, redisTimeMs, type Redis, type RedisEvent, type RedisSettings } from '@portcullis/platform-redis';
import { createKeyRing, type KeyRing } from '@portcullis/platform-seal';
import { namesUnder, type Names } from './names.js';
import type { ObserveCall, RpcTracing } from './observation.js';
import { PendingReplies } from './pending-replies.js';
import { RedisClock } from './redis-clock.js';
import { logRpcEvent, type RpcEvent } from './rpc-event.js';

export interface RpcConnectionOptions {
  readonly redis: RedisSettings;
  /** `rpc.secret`: the first seals, all open. */
  readonly secrets: readonly string[];
  /** Of every key and channel, for instance `portcullis:`. */
  readonly prefix: string;
  /** The name of the sender in every message. */
  readonly service: string;
  /** In place of logRpcEvent. */
  readonly onEvent?: ((event: RpcEvent) => void) | undefined;
  /** Told of every request that was asked or answered here. */
  readonly observe?: ObserveCall | undefined;
  readonly tracing?: RpcTracing | undefined;
}

/** Two connections to Redis, shared by the clients, the server and the events of a process. */
export interface RpcConnection {
  /** Whether requests can be sent and answers heard, as far as is known. */
  readonly isUp: boolean;
  /** Resolves when requests can be sent and answers heard; throws after timeoutMs. */
  ready(timeoutMs: number): Promise<void>;
  /** Ends both connections; requests that still wait fail. */
  close(): void;
}

/** Starts connecting and returns at once; what needs Redis waits half a second for it, then fails. */
export function openRpcConnection(options: RpcConnectionOptions): RpcConnection {
  return new Wire(options);
}

/** The inside of an RpcConnection, for the other files of this package. */
export function wireOf(connection: RpcConnection): Wire {
  if (connection instanceof Wire) return connection;
  throw new TypeError('an RpcConnection comes from openRpcConnection');
}

const SEAL_PURPOSE = 'rpc';
const TRY_AGAIN_MS = 100;

/** 128 random bits, 22 characters. */
export const randomId = (): string => randomBytes(16).toString('base64url');

type Listener = (message: Buffer) => void;

/** Up: both connections are ready, Redis' time is known and every channel is subscribed. */
export class Wire implements RpcConnection {
  readonly commands: Redis;
  readonly names: Names;
  readonly ring: KeyRing;
  readonly sender: string;
  readonly clock = new RedisClock();
  readonly replies = new PendingReplies();
  readonly replyChannel: string;
  readonly tell: (event: RpcEvent) => void;
  readonly observe: ObserveCall | undefined;
  readonly tracing: RpcTracing | undefined;

  readonly #subscriber: Redis;
  readonly #channels = new Map<string, Listener>();
  readonly #onUp = new Set<() => void>();
  #up = false;
  #closed = false;
  #attempt = 0;

  constructor({ redis, secrets, prefix, service, onEvent, observe, tracing }: RpcConnectionOptions) {
    this.names = namesUnder(prefix);
    this.ring = createKeyRing(secrets, SEAL_PURPOSE);
    this.sender = service;
    this.tell = onEvent ?? logRpcEvent;
    this.observe = observe;
    this.tracing = tracing;
    this.replyChannel = this.names.reply(service, randomId());
    this.#channels.set(this.replyChannel, (message) => {
      this.replies.deliver(message);
    });
    const connect = (role: 'commands' | 'subscriber'): Redis =>
      connectRedis(redis, { name: `portcullis-${service}-rpc-${role}`, role, onEvent: this.#follow.bind(this, role) });
    this.commands = connect('commands');
    this.#subscriber = connect('subscriber');
    this.#subscriber.on('messageBuffer', (channel: Buffer, message: Buffer) => this.#channels.get(channel.toString())?.(message));
  }

  get isUp(): boolean {
    return this.#up;
  }

  ready(timeoutMs: number): Promise<void> {
    if (this.#up) return Promise.resolve();
    if (this.#closed) return Promise.reject(new Error('the connection was closed'));
    return new Promise((resolve, reject) => {
      const done = (): void => {
        clearTimeout(timer);
        this.#onUp.delete(done);
        resolve();
      };
      const timer = setTimeout(() => {
        this.#onUp.delete(done);
        reject(new Error(`Redis was not there within ${timeoutMs} ms`));
      }, timeoutMs);
      this.#onUp.add(done);
    });
  }

  close(): void {
    this.#closed = true;
    this.commands.disconnect();
    this.#subscriber.disconnect();
    this.#lose('the connection was closed');
  }

  /** Calls back each time the wire is up, from now on and again after it was down. */
  onUp(listener: () => void): () => void {
    this.#onUp.add(listener);
    return () => this.#onUp.delete(listener);
  }

  /** One listener a channel. Resolves when subscribed; while Redis is away at once, and it will be. */
  async subscribe(channel: string, listener: Listener): Promise<void> {
    this.#channels.set(channel, listener);
    if (this.#subscriber.status !== 'ready') return;
    await this.#subscriber.subscribe(channel).catch((error: unknown) => {
      this.#failed('subscribe', error);
    });
  }

  async unsubscribe(channel: string): Promise<void> {
    this.#channels.delete(channel);
    if (this.#subscriber.status !== 'ready') return;
    await this.#subscriber.unsubscribe(channel).catch((error: unknown) => {
      this.#failed('unsubscribe', error);
    });
  }

  #follow(connection: 'commands' | 'subscriber', event: RedisEvent): void {
    this.tell({ kind: 'redis', connection, event });
    if (event.kind === 'ready') void this.#comeUp();
    if (event.kind === 'lost') this.#lose(connection === 'subscriber' ? 'the connection to Redis was lost' : undefined);
  }

  // What was published while nobody listened is gone: whoever waits for a reply must not wait for that one.
  #lose(replies: string | undefined): void {
    this.#up = false;
    this.#attempt += 1;
    if (replies !== undefined) this.replies.failAll(new Error(replies));
  }

  // Each loss makes a new attempt, and the older one void.
  async #comeUp(): Promise<void> {
    const attempt = (this.#attempt += 1);
    if (this.commands.status !== 'ready' || this.#subscriber.status !== 'ready') return;
    try {
      const sentMs = performance.now();
      this.clock.learn(await redisTimeMs(this.commands), sentMs);
      await this.#subscriber.subscribe(...this.#channels.keys());
    } catch (error) {
      this.#failed('connect', error);
      setTimeout(() => {
        if (attempt === this.#attempt && !this.#closed) void this.#comeUp();
      }, TRY_AGAIN_MS);
      return;
    }
    if (attempt !== this.#attempt) return;
    this.#up = true;
    for (const listener of [...this.#onUp]) listener();
  }

  #failed(what: string, error: unknown): void {
    if (!this.#closed) this.tell({ kind: 'wire_failed', what, error });
  }
}
