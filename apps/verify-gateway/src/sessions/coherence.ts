import { EPOCH_KEY, SESSION_PREFIX } from '@portcullis/contracts-session';
import type { Redis } from '@portcullis/platform-redis';
import { randomBytes } from 'node:crypto';
import type { SessionCache } from './session-cache.js';

const PING_EVERY_MS = 400;
const PING_DEADLINE_MS = 400;
const CANARY_DEADLINE_MS = 1000;
const INVALIDATIONS = '__redis__:invalidate';
/** Inside the tracked prefix, so that writing it proves that invalidations arrive. */
const CANARY_PREFIX = `${SESSION_PREFIX}canary:`;

export interface CoherenceOptions {
  /** Where sessions are read. */
  readonly reader: Redis;
  /** A connection of its own: it tracks, and is subscribed to its own invalidations. */
  readonly channel: Redis;
  readonly cache: SessionCache;
  readonly onForget: (hash: string) => void;
  readonly onForgetAll: () => void;
  readonly onChange: (coherent: boolean, reason: string) => void;
}

interface Server {
  readonly runId: string;
  readonly master: boolean;
}

/**
 * Keeps the cache coherent by Redis itself (server-assisted client-side caching). After every connect of the channel: tracking
 * on, subscribe, write a canary and wait for its invalidation; only then is the cache opened. A channel that misses one ping
 * closes it. ioredis resubscribes by itself after a reconnect, but tracking is gone: hence all of it again on every `ready`.
 */
export class Coherence {
  #reader: Server | null = null;
  #channel: Server | null = null;
  #tracking = false;
  /** What EPOCH_KEY holds: the `run_id` of the Redis whose endings were replayed. */
  #epoch: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  #canary: { readonly key: string; readonly arrived: () => void } | undefined;
  #stopped = false;

  constructor(private readonly options: CoherenceOptions) {}

  /** `run_id` of the Redis that answers reads; null while it is unknown. */
  readonly runId = (): string | null => this.#reader?.runId ?? null;

  start(): void {
    const { reader, channel } = this.options;
    channel.on('messageBuffer', (name: Buffer, keys: Buffer | Buffer[] | null) => {
      if (name.toString() === INVALIDATIONS) this.#invalidated(keys);
    });
    this.#follow(reader, (server) => (this.#reader = server), 'the connection that reads sessions');
    this.#follow(channel, (server) => (this.#channel = server), 'the invalidation channel');
    this.#timer = setInterval(() => void this.#ping(), PING_EVERY_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearInterval(this.#timer);
    this.options.cache.close();
  }

  #follow(redis: Redis, set: (server: Server | null) => void, what: string): void {
    const up = async (): Promise<void> => {
      try {
        set(await describe(redis));
        if (redis === this.options.channel) await this.#track();
        await this.#readEpoch();
      } catch (error) {
        this.#lose(`${what} could not be set up: ${(error as Error).message}`);
        if (!this.#stopped) redis.disconnect(true);
      }
    };
    const down = (): void => {
      set(null);
      if (redis === this.options.channel) this.#tracking = false;
      this.#lose(`${what} is down`);
    };
    redis.on('ready', () => void up());
    redis.on('close', down);
    if (redis.status === 'ready') void up();
  }

  async #track(): Promise<void> {
    const { channel, reader } = this.options;
    this.#tracking = false;
    const id = await channel.client('ID');
    await channel.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', SESSION_PREFIX, 'PREFIX', EPOCH_KEY);
    await channel.subscribe(INVALIDATIONS);
    const key = CANARY_PREFIX + randomBytes(9).toString('base64url');
    const arrived = new Promise<void>((resolve) => {
      this.#canary = { key, arrived: resolve };
    });
    await reader.set(key, '1', 'PX', CANARY_DEADLINE_MS);
    await within(arrived, CANARY_DEADLINE_MS, 'no invalidation came for a key that was written');
    this.#tracking = true;
  }

  async #readEpoch(): Promise<void> {
    this.#epoch = await this.options.reader.get(EPOCH_KEY);
    this.#judge();
  }

  /** Opens the cache when everything holds. */
  #judge(): void {
    const problem = this.#problem();
    if (problem !== null) {
      this.#lose(problem);
      return;
    }
    if (this.options.cache.coherent) return;
    this.options.onForgetAll();
    this.options.cache.open();
    this.options.onChange(true, 'invalidations arrive');
  }

  #problem(): string | null {
    if (this.#reader === null || this.#channel === null || !this.#tracking) return 'not connected yet';
    if (this.#reader.runId !== this.#channel.runId) return 'reads and invalidations come from two different Redis processes';
    if (!this.#reader.master || !this.#channel.master) return 'the Redis that answers is a replica';
    return this.#epoch === this.#reader.runId ? null : 'the endings of sessions are not replayed yet';
  }

  #lose(reason: string): void {
    const was = this.options.cache.coherent;
    this.options.cache.close();
    this.options.onForgetAll();
    if (was) this.options.onChange(false, reason);
  }

  #invalidated(keys: Buffer | Buffer[] | null): void {
    if (keys === null) {
      this.#forgetAll();
      return;
    }
    for (const key of Array.isArray(keys) ? keys : [keys]) this.#forget(key.toString());
  }

  /** The epoch went with everything else, or changed: ask for it, and until then promise nothing. */
  #forgetAll(): void {
    this.#lose('Redis was flushed, or its endings are being replayed');
    this.#epoch = null;
    this.#readEpoch().catch((error: unknown) => {
      this.#lose(String(error));
    });
  }

  #forget(key: string): void {
    if (key === this.#canary?.key) {
      this.#canary.arrived();
      return;
    }
    if (key === EPOCH_KEY) {
      this.#forgetAll();
      return;
    }
    const hash = key.slice(SESSION_PREFIX.length);
    this.options.cache.forget(hash);
    this.options.onForget(hash);
  }

  /** A frozen Redis gives no event: the channel must answer in time, or nothing it says counts. */
  async #ping(): Promise<void> {
    const { channel } = this.options;
    if (channel.status !== 'ready') return;
    try {
      await within(channel.ping(), PING_DEADLINE_MS, 'the invalidation channel does not answer');
      if (!this.options.cache.coherent && this.#tracking) await this.#readEpoch();
    } catch (error) {
      this.#tracking = false;
      this.#lose((error as Error).message);
      if (!this.#stopped) channel.disconnect(true);
    }
  }
}

async function describe(redis: Redis): Promise<Server> {
  const info = await redis.info('server');
  const replication = await redis.info('replication');
  const runId = /^run_id:(\w+)/m.exec(info)?.[1];
  if (runId === undefined) throw new Error('INFO does not name a run_id');
  return { runId, master: /^role:master/m.test(replication) };
}

async function within<T>(promise: Promise<T>, ms: number, message: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(message));
    }, ms);
  });
  try {
    return await Promise.race([promise, deadline]);
  } finally {
    clearTimeout(timer);
  }
}
