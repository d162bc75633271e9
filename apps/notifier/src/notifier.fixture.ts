import { DEFAULT_KEY_PREFIX } from '@portcullis/contracts-configuration';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { INestApplicationContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { identityContract } from '@portcullis/contracts-identity';
import { NOTICE_QUEUE, NOTICE_SEAL_PURPOSE, type Notice, type NoticeJob, queuePrefixUnder } from '@portcullis/contracts-notifier';
import { connectRedis, type Redis } from '@portcullis/platform-redis';
import { type RedisServer, startRedisServer } from '@portcullis/platform-redis/testing';
import { createRpcClient, openRpcConnection, type RpcConnection, RpcServer } from '@portcullis/platform-rpc';
import { createKeyRing } from '@portcullis/platform-seal';
import { createLogger, createRegistry, type Logger } from '@portcullis/platform-telemetry';
import { Queue } from 'bullmq';
import type { Registry } from 'prom-client';
import type { Delivery } from './delivery.js';
import { createMetrics } from './metrics.js';
import { NotifierModule } from './notifier.module.js';
import { NoticeProcessor } from './process-notice.js';
import { createQueueLook } from './queue-look.js';
import type { Letter } from './render-notice.js';
import { loadTemplates } from './templates.js';

const SECRET = 'the secret between the services';
const acknowledgeOnly = { ...identityContract, operations: { acknowledgeNotice: identityContract.operations.acknowledgeNotice } } as const;

/** A delivery that does what the test says and keeps what it was given. */
export class RecordedDelivery implements Delivery {
  readonly atOnce = 4;
  readonly delivered: { readonly id: string; readonly letter: Letter }[] = [];
  /** How many were begun, whatever became of them. */
  begun = 0;
  /** Waited for before each delivery ends; may reject. */
  hold: () => Promise<void> = () => Promise.resolve();

  check(): Promise<void> {
    return Promise.resolve();
  }

  async deliver(id: string, letter: Letter): Promise<void> {
    this.begun += 1;
    await this.hold();
    this.delivered.push({ id, letter });
  }
}

/** What the identity service was told, in order. */
export interface Told {
  readonly id: string;
  readonly said: string;
}

export interface Running {
  readonly delivery: RecordedDelivery;
  readonly registry: Registry;
  close(): Promise<void>;
}

/** A real Redis, the identity service as far as a notifier knows it, and notifiers in this process. */
export class World {
  readonly told: Told[] = [];
  /** What it answers to a failure. */
  answer: 'recorded' | 'unknown' = 'recorded';
  readonly #directory = mkdtempSync(join(tmpdir(), 'notifier-'));
  readonly #ring = createKeyRing([SECRET], NOTICE_SEAL_PURPOSE);
  readonly #running = new Set<Running>();
  readonly #log: Logger;
  #identity: { readonly server: RpcServer; readonly connection: RpcConnection } | undefined;

  private constructor(
    readonly redis: RedisServer,
    readonly raw: Redis,
    readonly queue: Queue<NoticeJob>,
  ) {
    this.#log = createLogger({ level: 'trace', format: 'text', filePath: join(this.#directory, 'log'), service: 'notifier' });
  }

  static async start(): Promise<World> {
    const redis = await startRedisServer();
    const raw = connectRedis(redis.settings, { name: 'test', role: 'queue' });
    const queue = new Queue<NoticeJob>(NOTICE_QUEUE, { connection: raw, prefix: queuePrefixUnder(DEFAULT_KEY_PREFIX) });
    queue.on('error', () => undefined);
    const world = new World(redis, raw, queue);
    await world.identityComes();
    return world;
  }

  async identityComes(): Promise<void> {
    const connection = openRpcConnection({
      redis: this.redis.settings,
      secrets: [SECRET],
      prefix: DEFAULT_KEY_PREFIX,
      service: 'identity',
      onEvent: () => undefined,
    });
    const server = new RpcServer({ connection, contracts: [acknowledgeOnly], lanes: { rest: { concurrency: 8 } } });
    server.addHandler('identity.v1.acknowledgeNotice', ((request: {
      noticeId: string;
      result: { status: string; attempt?: number; final?: boolean };
    }) => {
      const { status, attempt, final } = request.result;
      this.told.push({
        id: request.noticeId,
        said: status === 'delivered' ? status : `${status} ${String(attempt)}${final === true ? ' final' : ''}`,
      });
      return Promise.resolve({ outcome: status === 'delivered' ? 'recorded' : this.answer });
    }) as never);
    await new Promise<void>((resolve, reject) => {
      server.listen((error) => {
        if (error instanceof Error) reject(error);
        else resolve();
      });
    });
    this.#identity = { server, connection };
  }

  async identityGoes(): Promise<void> {
    await this.#identity?.server.close();
    this.#identity?.connection.close();
    this.#identity = undefined;
  }

  /** As identity's relay adds it; adding it again makes no second job. */
  async add(id: string, notice: Notice, { attempts = 3, backoffMs = 20, secret = SECRET } = {}): Promise<void> {
    const ring = secret === SECRET ? this.#ring : createKeyRing([secret], NOTICE_SEAL_PURPOSE);
    const sealed = ring.seal(Buffer.from(JSON.stringify(notice)), id).toString('base64');
    const options = { jobId: id, attempts, backoff: { type: 'exponential', delay: backoffMs }, removeOnComplete: { age: 600 }, removeOnFail: true };
    await this.queue.add('notice', { noticeId: id, sealed }, options);
  }

  async notifier(delivery = new RecordedDelivery()): Promise<Running> {
    const redis = connectRedis(this.redis.settings, { name: 'notifier', role: 'queue' });
    const connection = openRpcConnection({
      redis: this.redis.settings,
      secrets: [SECRET],
      prefix: DEFAULT_KEY_PREFIX,
      service: 'notifier',
      onEvent: () => undefined,
    });
    const registry = createRegistry({ service: 'notifier', version: '0' });
    const queue = createQueueLook(redis, queuePrefixUnder(DEFAULT_KEY_PREFIX));
    const processor = new NoticeProcessor({
      secrets: [SECRET],
      templates: loadTemplates(null),
      delivery,
      acknowledge: createRpcClient(identityContract, connection).acknowledgeNotice,
      log: this.#log,
      metrics: createMetrics(registry, queue.look),
      now: Date.now,
    });
    const context: INestApplicationContext = await NestFactory.createApplicationContext(
      NotifierModule.with({ redis, prefix: queuePrefixUnder(DEFAULT_KEY_PREFIX), processor, atOnce: delivery.atOnce, log: this.#log }),
      { logger: false },
    );
    const running: Running = {
      delivery,
      registry,
      close: async () => {
        if (!this.#running.delete(running)) return;
        await context.close();
        await queue.close();
        connection.close();
        redis.disconnect();
      },
    };
    this.#running.add(running);
    return running;
  }

  saidOf(id: string): readonly string[] {
    return this.told.filter((each) => each.id === id).map(({ said }) => said);
  }

  async logged(): Promise<string> {
    await this.#log.flush();
    return readFileSync(join(this.#directory, 'log'), 'utf8');
  }

  /** Every value in Redis, as one text. */
  async everything(): Promise<string> {
    const keys = await this.raw.keys('*');
    const dumps = await Promise.all(keys.map((key) => this.raw.callBuffer('DUMP', key)));
    return [...keys, ...dumps.map((dump) => (Buffer.isBuffer(dump) ? dump.toString('latin1') : ''))].join('\n');
  }

  async close(): Promise<void> {
    await Promise.all([...this.#running].map((running) => running.close()));
    await this.identityGoes();
    this.raw.disconnect();
    await this.queue.close().catch(() => undefined);
    await this.redis.stop();
    rmSync(this.#directory, { recursive: true });
  }
}
