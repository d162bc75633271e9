import { Histogram } from 'prom-client';
import type { HotMetricOptions, LabelSet } from './hot-counter.js';

export interface HotHistogram {
  /** slot: index into `labels`; one that does not exist, or a time that is not one, counts nothing. No allocation, no string. */
  observe(slot: number, seconds: number): void;
}

export interface HotHistogramOptions extends HotMetricOptions {
  /** Upper bounds in seconds, ascending, without +Inf. Default: `verifyBuckets`. */
  readonly buckets?: readonly number[] | undefined;
}

/** 50 us to 1 s: a verify from the cache takes tens of microseconds, one behind a slow Redis a good part of a second. */
export const verifyBuckets: readonly number[] = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.25, 1];

/** One row a slot: a cell per bucket, then the cell of what was slower than all of them. */
class HistogramCells {
  readonly counts: Float64Array;
  readonly sums: Float64Array;
  readonly bounds: Float64Array;

  constructor(slots: number, buckets: readonly number[]) {
    this.bounds = Float64Array.from(buckets);
    this.counts = new Float64Array(slots * (buckets.length + 1));
    this.sums = new Float64Array(slots);
  }

  observe(slot: number, seconds: number): void {
    const { bounds, counts, sums } = this;
    if (slot >= sums.length || !(seconds >= 0)) return;
    const size = bounds.length;
    let bucket = 0;
    while (bucket < size && seconds > (bounds[bucket] ?? 0)) bucket++;
    const cell = slot * (size + 1) + bucket;
    counts[cell] = (counts[cell] ?? 0) + 1;
    sums[slot] = (sums[slot] ?? 0) + seconds;
  }
}

interface Sample {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: LabelSet;
  readonly value: number;
}

function samplesOfSlot(name: string, cells: HistogramCells, slot: number, sharedLabels: LabelSet): Sample[] {
  const row = slot * (cells.bounds.length + 1);
  const samples: Sample[] = [];
  let count = 0;
  [...cells.bounds, '+Inf'].forEach((le, bucket) => {
    count += cells.counts[row + bucket] ?? 0;
    samples.push({ metricName: `${name}_bucket`, labels: { le }, sharedLabels, value: count });
  });
  samples.push({ metricName: `${name}_sum`, labels: {}, sharedLabels, value: cells.sums[slot] ?? 0 });
  samples.push({ metricName: `${name}_count`, labels: {}, sharedLabels, value: count });
  return samples;
}

/** A histogram that prom-client names and prints, and whose numbers are ours. */
class CellsHistogram extends Histogram {
  constructor(
    private readonly options: HotMetricOptions,
    private readonly cells: HistogramCells,
  ) {
    super({ name: options.name, help: options.help, labelNames: Object.keys(options.labels[0] ?? {}), registers: [options.registry] });
  }

  /** prom-client 15 calls this one for each scrape; its types know only `get`, which calls it too. */
  getForPromString(): Promise<object> {
    const { name, help, labels } = this.options;
    const values = labels.flatMap((set, slot) => samplesOfSlot(name, this.cells, slot, set));
    return Promise.resolve({ name, help, type: 'histogram', aggregator: 'sum', values });
  }
}

/** A histogram for the hot path: arrays of numbers that prom-client reads at the scrape; its own `observe` costs a tenth of a verify. */
export function createHotHistogram(options: HotHistogramOptions): HotHistogram {
  const cells = new HistogramCells(options.labels.length, options.buckets ?? verifyBuckets);
  new CellsHistogram(options, cells);
  return cells;
}
