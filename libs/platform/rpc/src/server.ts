import { type CustomTransportStrategy, Server, type MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom } from 'rxjs';
import { randomId, wireOf, type RpcConnection, type Wire } from './connection.js';
import { patternOf, type Contract, type Operation } from './contract.js';
import { CLOCK_SLACK_MS } from './envelope.js';
import { LaneWorker, type LaneOptions } from './lane-worker.js';
import { RecentIds } from './recent-ids.js';
import { handleTaken, type Served } from './request-handling.js';
import { CONNECT_WAIT_MS, REPORT_EVERY_MS } from './timing.js';

export interface RpcServerOptions {
  readonly connection: RpcConnection;
  readonly contracts: readonly Contract[];
  /** A row for every lane the contracts name; each service of `contracts` has places of its own. */
  readonly lanes: Readonly<Record<string, LaneOptions>>;
  /** How long close() waits for handlers that run; default 10000. */
  readonly drainMs?: number | undefined;
}

interface LaneOperations {
  readonly service: string;
  readonly lane: string;
  readonly operations: Map<string, Operation>;
}

/** Nest's transport over our wire: `NestFactory.createMicroservice(AppModule, { strategy })` or `app.connectMicroservice({ strategy })`. */
export class RpcServer extends Server implements CustomTransportStrategy {
  readonly #wire: Wire;
  readonly #lanes: readonly LaneOperations[];
  readonly #options: RpcServerOptions;
  #workers: readonly LaneWorker[] = [];
  #reports: NodeJS.Timeout | undefined;
  #stopListening: (() => void) | undefined;
  #serving = false;

  constructor(options: RpcServerOptions) {
    super();
    this.#options = options;
    this.#wire = wireOf(options.connection);
    this.#lanes = lanesOf(options.contracts);
    for (const { service, lane } of this.#lanes)
      if (options.lanes[lane] === undefined) throw new TypeError(`${service} has a lane ${lane} that has no places`);
  }

  /** From the time this replica takes requests until it is closed: readiness is nothing without it. */
  get isServing(): boolean {
    return this.#serving;
  }

  /** Calls back when this replica takes requests; with Redis away at once, and it will take them. */
  listen(callback: (error?: unknown) => void): void {
    this.#start().then(() => {
      callback();
    }, callback);
  }

  /** Takes no more work and leaves the list of replicas at once, then waits for what runs. The connection stays open. */
  async close(): Promise<void> {
    this.#serving = false;
    clearInterval(this.#reports);
    this.#stopListening?.();
    await Promise.all(this.#workers.map((worker) => worker.stop()));
    const drained = Promise.all(this.#workers.map((worker) => worker.drained()));
    const { promise: patience, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(resolve, this.#options.drainMs ?? 10_000, undefined);
    await Promise.race([drained, patience]);
    clearTimeout(timer);
  }

  /** Nest's status events: this transport has none. */
  on(): void {
    this.logger.warn('the wire has no status events');
  }

  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- the signature is Nest's
  unwrap<T>(): T {
    return this.#wire as T;
  }

  async #start(): Promise<void> {
    const replicaId = randomId();
    this.#workers = this.#lanes.map((lane) => this.#workerOf(lane, replicaId));
    const report = (): void => {
      for (const worker of this.#workers) void worker.report();
    };
    this.#stopListening = this.#wire.onUp(report);
    await this.#wire.ready(CONNECT_WAIT_MS).catch(() => undefined);
    await Promise.all(this.#workers.map((worker) => worker.start()));
    this.#reports = setInterval(report, REPORT_EVERY_MS);
    this.#serving = true;
  }

  #workerOf({ service, lane, operations }: LaneOperations, replicaId: string): LaneWorker {
    const served = new Map([...operations].map(([pattern, operation]) => [pattern, this.#serve(pattern, operation)]));
    const longestMs = Math.max(...[...operations.values()].map(({ timeoutMs }) => timeoutMs));
    const claimMs = longestMs + 2 * CLOCK_SLACK_MS;
    const { concurrency, maxWaiting, maxWaitMs } = this.#options.lanes[lane] ?? { concurrency: 1 };
    const recent = new RecentIds(claimMs, this.#wire.clock.nowMs());
    const handle = handleTaken.bind(undefined, { wire: this.#wire, served, recent });
    const patterns = [...operations.keys()];
    return new LaneWorker({ wire: this.#wire, replicaId, service, lane, patterns, claimMs, concurrency, maxWaiting, maxWaitMs, handle });
  }

  #serve(pattern: string, operation: Operation): Served {
    const handler = this.getHandlerByPattern(pattern) as MessageHandler<unknown, unknown, unknown> | null;
    if (handler === null) throw new TypeError(`nothing handles ${pattern}`);
    const run: Served['run'] = async (request, context) => {
      const result: unknown = await handler(request, context);
      return isObservable(result) ? lastValueFrom(result) : result;
    };
    return { operation, run };
  }
}

function lanesOf(contracts: readonly Contract[]): readonly LaneOperations[] {
  const lanes = new Map<string, LaneOperations>();
  for (const contract of contracts)
    for (const [name, operation] of Object.entries(contract.operations)) {
      const key = `${contract.service} ${operation.lane}`;
      const lane = lanes.get(key) ?? { service: contract.service, lane: operation.lane, operations: new Map<string, Operation>() };
      lane.operations.set(patternOf(contract, name), operation);
      lanes.set(key, lane);
    }
  return [...lanes.values()];
}
