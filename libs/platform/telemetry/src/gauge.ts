import { Gauge, type Registry } from 'prom-client';

/** A number that is read at each scrape; null where it cannot be told is NaN there. */
export function gauge(registry: Registry, name: string, help: string, read: () => number | null | Promise<number | null>): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    async collect() {
      this.set((await read()) ?? Number.NaN);
    },
  });
}

/** One look for all who ask while it is under way: for the gauges of one scrape. */
export function oneLook<T>(look: () => Promise<T>): () => Promise<T> {
  let looking: Promise<T> | undefined;
  return () =>
    (looking ??= look().finally(() => {
      looking = undefined;
    }));
}
