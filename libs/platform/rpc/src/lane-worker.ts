import { runScript, runScriptBuffer } from '@portcullis/platform-redis';
import type { Wire } from './connection.js';
import { reportReplica } from './report-replica.lua.js';
import { takeRequests } from './take-requests.lua.js';
import { DEAD_AFTER_MS } from './timing.js';

export interface LaneOptions {
  /** Handlers that run at once in this process. */
  readonly concurrency: number;
  /** Requests that may wait in Redis for a place; default 64. */
  readonly maxWaiting?: number | undefined;
  /** How long one may wait for a place; default 3000. */
  readonly maxWaitMs?: number | undefined;
}

/** One request as Redis gave it out; nothing of it is believed before the seal is opened. */
export interface Taken {
  readonly verdict: 'work' | 'late' | 'replayed';
  readonly id: string;
  readonly pattern: string;
  readonly sender: string;
  readonly replyChannel: string;
  readonly sealed: Buffer;
  readonly leftMs: number;
}

export interface LaneWorkerOptions extends LaneOptions {
  readonly wire: Wire;
  readonly replicaId: string;
  readonly service: string;
  readonly lane: string;
  /** The operations of the lane. */
  readonly patterns: readonly string[];
  /** How long a claim is kept: longer than any message is accepted. */
  readonly claimMs: number;
  /** Settles when the request is answered; never rejects. */
  readonly handle: (taken: Taken) => Promise<void>;
}

const MOST_AT_ONCE = 16;

/**
 * Takes requests of one lane from Redis while it has places: nothing queues in this process. A wake-up says that something waits; one that was lost
 * is made good by the report, which tells how many wait.
 */
export class LaneWorker {
  readonly #options: LaneWorkerOptions;
  readonly #maxWaitMs: number;
  readonly #known: string;
  readonly #running = new Set<Promise<void>>();
  #open = false;
  #taking: Promise<void> | undefined;
  #mayWait = false;
  #reporting: Promise<void> | undefined;

  constructor(options: LaneWorkerOptions) {
    this.#options = options;
    this.#maxWaitMs = options.maxWaitMs ?? 3000;
    this.#known = ` ${options.patterns.join(' ')} `;
  }

  async start(): Promise<void> {
    const { wire, service, lane } = this.#options;
    this.#open = true;
    await wire.subscribe(wire.names.wake(service, lane), (message) => {
      if (message.toString() === 'report') void this.report();
      else this.#wake();
    });
    await this.report();
  }

  /** Tells Redis that this replica lives, and looks whether something waits. Never rejects. */
  report(): Promise<void> {
    this.#reporting ??= this.#report().finally(() => {
      this.#reporting = undefined;
    });
    return this.#reporting;
  }

  /** Takes nothing more and leaves the list of replicas. What runs goes on: see drained(). */
  async stop(): Promise<void> {
    const { wire, service, lane, patterns, replicaId } = this.#options;
    this.#open = false;
    await this.#reporting;
    await wire.unsubscribe(wire.names.wake(service, lane));
    await Promise.all(patterns.map((pattern) => wire.commands.zrem(wire.names.alive(pattern), replicaId))).catch((error: unknown) => {
      wire.tell({ kind: 'wire_failed', what: 'leave', error });
    });
  }

  /** After stop(): resolves when the last handler has answered. */
  async drained(): Promise<void> {
    await this.#taking;
    await Promise.all(this.#running);
  }

  async #report(): Promise<void> {
    const { wire, service, lane, patterns, replicaId, maxWaiting = 64 } = this.#options;
    if (!this.#open || !wire.isUp) return;
    const { names } = wire;
    const keys = [names.waiting(service, lane), names.bounds(service, lane), ...patterns.map((pattern) => names.alive(pattern))];
    const sentMs = performance.now();
    try {
      const result = await runScript(wire.commands, reportReplica, keys, [replicaId, maxWaiting, this.#maxWaitMs, DEAD_AFTER_MS]);
      const [redisMs, waiting] = result as [number, number];
      wire.clock.learn(redisMs, sentMs);
      if (waiting > 0) this.#wake();
    } catch (error) {
      wire.tell({ kind: 'wire_failed', what: 'report', error });
    }
  }

  #wake(): void {
    this.#mayWait = true;
    this.#takeMore();
  }

  #takeMore(): void {
    if (this.#taking === undefined && this.#shouldTake()) this.#taking = this.#takeAll();
  }

  // It awaits Redis at least once, and ends in the same turn as its loop: a wake-up comes before the last look or finds nobody taking.
  async #takeAll(): Promise<void> {
    try {
      while (this.#shouldTake()) await this.#take(Math.min(this.#places(), MOST_AT_ONCE));
    } catch (error) {
      this.#options.wire.tell({ kind: 'wire_failed', what: 'take', error });
    } finally {
      this.#taking = undefined;
    }
  }

  #shouldTake(): boolean {
    return this.#open && this.#mayWait && this.#places() > 0;
  }

  #places(): number {
    return this.#options.concurrency - this.#running.size;
  }

  // A wake-up that comes while Redis answers sets #mayWait again, so that none is lost.
  async #take(count: number): Promise<void> {
    const { wire, service, lane, replicaId, claimMs } = this.#options;
    const { names } = wire;
    this.#mayWait = false;
    const sentMs = performance.now();
    const args = [count, this.#known, this.#maxWaitMs, names.message, names.claim, claimMs, replicaId];
    const result = await runScriptBuffer(wire.commands, takeRequests, [names.waiting(service, lane)], args);
    const [redisMs, ...rows] = result as [number, ...Row[]];
    wire.clock.learn(redisMs, sentMs);
    if (rows.length === count) this.#mayWait = true;
    for (const row of rows) this.#run(takenOf(row));
  }

  #run(taken: Taken): void {
    const running = this.#options.handle(taken).finally(() => {
      this.#running.delete(running);
      this.#takeMore();
    });
    this.#running.add(running);
  }
}

type Row = [Buffer, Buffer, Buffer, Buffer, Buffer, Buffer, number];

const takenOf = ([verdict, id, pattern, sender, replyChannel, sealed, leftMs]: Row): Taken => ({
  verdict: verdict.toString() as Taken['verdict'],
  id: id.toString(),
  pattern: pattern.toString(),
  sender: sender.toString(),
  replyChannel: replyChannel.toString(),
  sealed,
  leftMs,
});
