import type { SessionKeys } from '@portcullis/contracts-session';
import { type Redis, runScript, script } from '@portcullis/platform-redis';
import { randomBytes } from 'node:crypto';
import type { SessionCache } from './session-cache.js';

const PING_EVERY_MS = 400;
const PING_DEADLINE_MS = 400;
const CANARY_DEADLINE_MS = 1000;
/** The lag is measured every five seconds or so. */
const PINGS_A_MEASURE = 12;
const INVALIDATIONS = '__redis__:invalidate';
/** KEYS[1] the canary, ARGV[1] its life in milliseconds. It is gone by itself, so a full Redis may take it too. */
const writeCanaryIntoFull = script('write-canary', `return redis.call('SET', KEYS[1], '1', 'PX', ARGV[1])`, { allowOom: true });

export interface CoherenceOptions {
  /** Where sessions are read. */
  readonly reader: Redis;
  /** A connection of its own: it tracks, and is subscribed to its own invalidations. */
  readonly channel: Redis;
  readonly keys: Pick<SessionKeys, 'sessions' | 'epoch'>;
  readonly cache: SessionCache;
  readonly onForget: (hash: string) => void;
  readonly onForgetAll: () => void;
  readonly onLag: (seconds: number) => void;
  readonly onChange: (coherent: boolean, reason: string) => void;
  readonly now: () => number;
}

interface Server {
  readonly runId: string;
  readonly master: boolean;
  /** It has lost the replicas that `min-replicas-to-write` asks for: another may be the master by now. */
  readonly alone: boolean;
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
  /** What the epoch's key holds: the `run_id` of the Redis whose endings were replayed. */
  #epoch: string | null = null;
  #timer: NodeJS.Timeout | undefined;
  /** When the channel last answered. */
  #answeredAtMs = 0;
  #canary: { readonly key: string; readonly arrived: () => void } | undefined;
  #stopped = false;
  #pings = 0;

  constructor(private readonly options: CoherenceOptions) {}

  /** `run_id` of the Redis that answers reads; null while it is unknown or not to be believed. */
  readonly runId = (): string | null => (this.#reader?.master === true && !this.#reader.alone ? this.#reader.runId : null);

  start(): void {
    const { reader, channel } = this.options;
    channel.on('messageBuffer', (name: Buffer, keys: Buffer | Buffer[] | null) => {
      if (name.toString() === INVALIDATIONS) this.#invalidated(keys);
    });
    this.#follow(reader, (server) => (this.#reader = server), 'the connection that reads sessions');
    this.#follow(channel, (server) => (this.#channel = server), 'the invalidation channel');
    this.#timer = setInterval(() => {
      void this.#ping();
      void this.#lookAgain();
    }, PING_EVERY_MS);
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
        this.#loseAsAway(`${what} could not be set up: ${(error as Error).message}`);
        if (!this.#stopped) redis.disconnect(true);
      }
    };
    const down = (): void => {
      set(null);
      if (redis === this.options.channel) this.#tracking = false;
      this.#loseAsAway(`${what} is down`);
    };
    redis.on('ready', () => void up());
    redis.on('close', down);
    if (redis.status === 'ready') void up();
  }

  async #track(): Promise<void> {
    const { channel, keys } = this.options;
    this.#tracking = false;
    const id = await channel.client('ID');
    await channel.call('CLIENT', 'TRACKING', 'ON', 'REDIRECT', String(id), 'BCAST', 'PREFIX', keys.sessions, 'PREFIX', keys.epoch);
    await channel.subscribe(INVALIDATIONS);
    await this.#sendCanary();
    this.#tracking = true;
    this.#answeredAtMs = this.options.now();
  }

  /** Resolves when the invalidation of a key that was written has arrived. */
  async #sendCanary(): Promise<void> {
    // Inside the tracked prefix, so that writing it proves that invalidations arrive.
    const key = `${this.options.keys.sessions}canary:${randomBytes(9).toString('base64url')}`;
    const arrived = new Promise<void>((resolve) => {
      this.#canary = { key, arrived: resolve };
    });
    await release(this.options.reader, key);
    await within(arrived, CANARY_DEADLINE_MS, 'no invalidation came for a key that was written');
  }

  /** What cannot be measured is left out: pings say whether the channel lives. */
  async #measureLag(): Promise<void> {
    const sentAt = performance.now();
    await this.#sendCanary().then(
      () => {
        this.options.onLag((performance.now() - sentAt) / 1000);
      },
      () => undefined,
    );
  }

  async #readEpoch(): Promise<void> {
    this.#epoch = await this.options.reader.get(this.options.keys.epoch);
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
    if (this.#reader.alone) return 'the Redis that answers has lost its replicas, and another may be the master';
    return this.#epoch === this.#reader.runId ? null : 'the endings of sessions are not replayed yet';
  }

  #lose(reason: string): void {
    const was = this.options.cache.coherent;
    this.options.cache.close();
    this.#tellLost(was, reason);
  }

  #loseAsAway(reason: string): void {
    const was = this.options.cache.coherent;
    this.options.cache.closeAsAway(this.#answeredAtMs);
    this.#tellLost(was, reason);
  }

  #tellLost(was: boolean, reason: string): void {
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
    if (key === this.options.keys.epoch) {
      this.#forgetAll();
      return;
    }
    const hash = key.slice(this.options.keys.sessions.length);
    this.options.cache.forget(hash);
    this.options.onForget(hash);
  }

  /** A master that is cut off from the others, or made a replica by hand, closes no connection either. */
  async #lookAgain(): Promise<void> {
    const { reader } = this.options;
    const before = this.#reader;
    if (before === null || reader.status !== 'ready') return;
    const now = await standing(reader).catch(() => null);
    if (now === null || this.#reader !== before || (now.master === before.master && now.alone === before.alone)) return;
    this.#reader = { ...before, ...now };
    this.#judge();
  }

  /** A frozen Redis gives no event: the channel must answer in time, or nothing it says counts. */
  async #ping(): Promise<void> {
    const { channel } = this.options;
    if (channel.status !== 'ready') return;
    try {
      await within(channel.ping(), PING_DEADLINE_MS, 'the invalidation channel does not answer');
      this.#answeredAtMs = this.options.now();
      if (!this.options.cache.coherent && this.#tracking) await this.#readEpoch();
      if (this.options.cache.coherent && this.#pings++ % PINGS_A_MEASURE === 0) void this.#measureLag();
    } catch (error) {
      this.#tracking = false;
      this.#loseAsAway((error as Error).message);
      if (!this.#stopped) channel.disconnect(true);
    }
  }
}

async function release(redis: Redis, key: string): Promise<void> {
  try {
    await redis.set(key, '1', 'PX', CANARY_DEADLINE_MS);
  } catch (error) {
    if (!(error as Error).message.startsWith('OOM')) throw error;
    await runScript(redis, writeCanaryIntoFull, [key], [CANARY_DEADLINE_MS]);
  }
}

async function describe(redis: Redis): Promise<Server> {
  const runId = /^run_id:(\w+)/m.exec(await redis.info('server'))?.[1];
  if (runId === undefined) throw new Error('INFO does not name a run_id');
  return { runId, ...(await standing(redis)) };
}

async function standing(redis: Redis): Promise<Omit<Server, 'runId'>> {
  const replication = await redis.info('replication');
  // The line is there only where `min-replicas-to-write` is set.
  return { master: /^role:master/m.test(replication), alone: /^min_slaves_good_slaves:0\b/m.test(replication) };
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
