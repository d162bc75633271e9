import { Counter, type Registry } from 'prom-client';

export type LabelSet = Readonly<Record<string, string>>;

export interface HotMetricOptions {
  readonly registry: Registry;
  readonly name: string;
  readonly help: string;
  /** Every label set there will ever be, all with the same names; its index is the slot. */
  readonly labels: readonly LabelSet[];
}

export interface HotCounterOptions extends HotMetricOptions {
  /** How many label sets there may come to be where `labels` grows while the process runs; default: as many as there are. */
  readonly capacity?: number | undefined;
}

export interface HotCounter {
  /** slot: index into `labels`; one that does not exist counts nothing. No allocation, no string. */
  add(slot: number, count?: number): void;
}

/** A counter for the hot path: an array of numbers that prom-client reads at the scrape. */
export function createHotCounter({ registry, name, help, labels, capacity = labels.length }: HotCounterOptions): HotCounter {
  const counts = new Float64Array(capacity);
  new Counter({
    name,
    help,
    labelNames: Object.keys(labels[0] ?? {}),
    registers: [registry],
    collect() {
      this.reset();
      labels.forEach((set, slot) => {
        this.inc(set, counts[slot]);
      });
    },
  });
  return {
    add: (slot, count = 1) => {
      if (slot < counts.length) counts[slot] = (counts[slot] ?? 0) + count;
    },
  };
}
