import { AggregatorRegistry, type Registry } from 'prom-client';
import type { Management, ManagementOptions, Readiness } from './management.js';
import type { StopOptions } from './stop-on-signals.js';

/** Services that run in one process: what each would have a port or a signal of its own for. */
export class OneProcess {
  readonly #managements: ManagementOptions[] = [];
  readonly #stops: StopOptions[] = [];
  #registries = 0;

  /** Whether the next registry is the first: the process' own metrics are of one alone. */
  isFirstRegistry(): boolean {
    this.#registries += 1;
    return this.#registries === 1;
  }

  /** Kept for the one port of all; see `startManagement`. */
  addManagement(options: ManagementOptions): Management {
    this.#managements.push(options);
    return { port: 0, close: () => Promise.resolve() };
  }

  addStop(options: StopOptions): void {
    this.#stops.push(options);
  }

  /** Ready when all are; what is missing says whose it is not: each says so itself. */
  readonly ready = (): Readiness => {
    const reasons = this.#managements.flatMap(({ ready }) => ready().reasons);
    return { ok: reasons.length === 0, reasons: [...new Set(reasons)] };
  };

  /** All registries as one. Where two have the same metric with the same labels, it is their sum. */
  async metrics(): Promise<string> {
    const all = await Promise.all(this.#managements.map(({ registry }) => registry.getMetricsAsJSON()));
    const together: Registry = AggregatorRegistry.aggregate(all);
    return together.metrics();
  }

  reopen(): void {
    for (const { logger } of this.#stops) logger.reopen();
  }

  /** One after the other, the last that started first. */
  async close(): Promise<void> {
    for (const { close, logger } of this.#stops.toReversed()) {
      await close().catch((error: unknown) => {
        logger.error('Shutdown was not clean', { error: String(error) });
      });
      await logger.flush();
    }
  }
}

let one: OneProcess | undefined;

/** From now on the services that start in this process share its port for metrics and health, and its end. */
export function shareProcess(): OneProcess {
  one ??= new OneProcess();
  return one;
}

/** undefined: this process is one service. */
export const sharedProcess = (): OneProcess | undefined => one;
