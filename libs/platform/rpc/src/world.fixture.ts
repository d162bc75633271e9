import { type Redis, connectRedis, runScript, waitUntilReady } from '@portcullis/platform-redis';
import { startRedisServer, type RedisServer, type RedisServerOptions } from '@portcullis/platform-redis/testing';
import { createKeyRing } from '@portcullis/platform-seal';
import { z } from 'zod';
import { randomId } from './connection.js';
import { bindRequest, sealJson } from './envelope.js';
import {
  openRpcConnection,
  RpcServer,
  type Contract,
  type LaneOptions,
  type RpcConnection,
  type RpcConnectionOptions,
  type RpcContext,
  type RpcEvent,
} from './index.js';
import { namesUnder } from './names.js';
import { submitRequest } from './submit-request.lua.js';
import { DEAD_AFTER_MS } from './timing.js';

const text = z.object({ text: z.string() });

/** `rest` is wide; `narrow` is what the tests of capacity fill. */
export const probe = {
  service: 'probe',
  version: 1,
  operations: {
    echo: { lane: 'rest', timeoutMs: 5000, request: text, reply: text },
    brief: { lane: 'rest', timeoutMs: 250, request: text, reply: text },
    hold: { lane: 'narrow', timeoutMs: 8000, request: text, reply: text },
  },
  events: { changed: text },
} as const satisfies Contract;

export type Handler = (request: { text: string }, context: RpcContext) => unknown;

export const PREFIX = 'test:';
export const names = namesUnder(PREFIX);
export const SECRET = 'the secret of the tests';

type Ears = Pick<RpcConnectionOptions, 'observe' | 'tracing'>;

export interface ReplicaOptions extends Ears {
  readonly contract?: Contract;
  readonly lanes?: Readonly<Record<string, LaneOptions>>;
  readonly secrets?: readonly string[];
  readonly drainMs?: number;
}

export interface Replica {
  readonly server: RpcServer;
  readonly connection: RpcConnection;
  readonly events: RpcEvent[];
  refusals(): readonly string[];
}

/** A real Redis with services around it; close() ends everything. */
export class World {
  readonly #connections: RpcConnection[] = [];
  readonly #servers: RpcServer[] = [];
  readonly #clients: Redis[] = [];

  private constructor(readonly redis: RedisServer) {}

  static async start(options: RedisServerOptions = {}): Promise<World> {
    return new World(await startRedisServer(options));
  }

  connect(
    service: string,
    { secrets = [SECRET], onEvent = () => undefined, ...ears }: Ears & { secrets?: readonly string[]; onEvent?: (event: RpcEvent) => void } = {},
  ) {
    const connection = openRpcConnection({ redis: this.redis.settings, secrets, prefix: PREFIX, service, onEvent, ...ears });
    this.#connections.push(connection);
    return connection;
  }

  /** A replica of `probe`; a handler that is not given repeats what it was told. */
  async replica(handlers: Readonly<Record<string, Handler>> = {}, options: ReplicaOptions = {}): Promise<Replica> {
    const { contract = probe, lanes = {}, secrets, drainMs, observe, tracing } = options;
    const events: RpcEvent[] = [];
    const connection = this.connect('replica', {
      observe,
      tracing,
      onEvent: (event) => events.push(event),
      ...(secrets === undefined ? {} : { secrets }),
    });
    const places = { rest: { concurrency: 32 }, narrow: { concurrency: 1 }, ...lanes };
    const server = new RpcServer({ connection, contracts: [contract], lanes: places, drainMs });
    for (const name of Object.keys(contract.operations)) {
      const handler = handlers[name] ?? (({ text }) => ({ text }));
      server.addHandler(
        `${contract.service}.v${contract.version}.${name}`,
        (request, context) => Promise.resolve(handler(request as { text: string }, context as unknown as RpcContext)) as Promise<never>,
      );
    }
    this.#servers.push(server);
    await listening(server);
    const refusals = (): readonly string[] => events.flatMap((event) => (event.kind === 'refused' ? [event.reason] : []));
    return { server, connection, events, refusals };
  }

  /** A plain connection, to look and to forge. */
  async raw(): Promise<Redis> {
    const redis = connectRedis(this.redis.settings, { name: 'raw', role: 'commands' });
    this.#clients.push(redis);
    await waitUntilReady(redis, 5000);
    return redis;
  }

  async close(): Promise<void> {
    this.redis.thaw();
    await Promise.all(this.#servers.map((server) => server.close()));
    for (const connection of this.#connections) connection.close();
    for (const redis of this.#clients) redis.disconnect();
    await this.redis.stop();
  }
}

export const listening = (server: RpcServer): Promise<void> =>
  new Promise((resolve, reject) => {
    server.listen((error) => {
      if (error instanceof Error) reject(error);
      else resolve();
    });
  });

export interface Crafted {
  readonly id: string;
  readonly pattern: string;
  readonly sender: string;
  readonly replyChannel: string;
  readonly sealed: Buffer;
}

/** A message as a genuine requester makes it, with whatever the test wants otherwise. */
export function craft(nowMs: number, { secret = SECRET, sentAtMs = nowMs, timeoutMs = 5000, say = 'crafted' } = {}): Crafted {
  const [id, pattern, sender, replyChannel] = [randomId(), 'probe.v1.echo', 'crafter', names.reply('crafter', 'x')];
  const envelope = { sentAtMs, timeoutMs, requestId: 'crafted', data: { text: say } };
  const sealed = sealJson(createKeyRing([secret], 'rpc'), envelope, bindRequest(pattern, sender, id, replyChannel));
  return { id, pattern, sender, replyChannel, sealed };
}

/** Puts a message where the lane `rest` of `probe` finds it. */
export async function submitCrafted(redis: Redis, message: Crafted, wakeChannel = names.wake('probe', 'rest')): Promise<string> {
  const { id, pattern, sender, replyChannel, sealed } = message;
  const keys = [names.alive(pattern), names.waiting('probe', 'rest'), names.bounds('probe', 'rest'), names.message + id];
  const args = [id, pattern, sender, replyChannel, sealed, 5000, wakeChannel, names.message, DEAD_AFTER_MS];
  const [verdict] = (await runScript(redis, submitRequest, keys, args)) as [string];
  return verdict;
}

/** A door that handlers wait at. */
export function gate(): { readonly opened: Promise<void>; open(): void } {
  const { promise, resolve } = Promise.withResolvers<undefined>();
  return {
    opened: promise,
    open: () => {
      resolve(undefined);
    },
  };
}
