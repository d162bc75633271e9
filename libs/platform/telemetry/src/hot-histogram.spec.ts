import { Histogram, Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createHotHistogram, verifyBuckets } from './hot-histogram.js';

const labels = [{ outcome: 'allow' }, { outcome: 'deny' }];

describe('createHotHistogram', () => {
  it('prints exactly what prom-client’s own histogram prints for the same times', async () => {
    const ours = new Registry();
    const theirs = new Registry();
    const hot = createHotHistogram({ registry: ours, name: 'verify_seconds', help: 'Time.', labels });
    const plain = new Histogram({ registers: [theirs], name: 'verify_seconds', help: 'Time.', labelNames: ['outcome'], buckets: [...verifyBuckets] });
    labels.forEach((set) => {
      plain.zero(set);
    });
    const times = [0, 0.00001, 0.00005, 0.000051, 0.0002, 0.0003, 0.001, 0.02, 0.5, 1, 1.0001, 30];
    times.forEach((seconds, index) => {
      hot.observe(index % 2, seconds);
      plain.observe(labels[index % 2]!, seconds);
    });
    expect(await ours.metrics()).toBe(await theirs.metrics());
    expect(await ours.getMetricsAsJSON()).toEqual(
      (await theirs.getMetricsAsJSON()).map((metric) => ({ ...metric, values: metric.values.map(withoutExemplar) })),
    );
  });

  it('has twelve buckets from 50 microseconds to a second unless told otherwise', async () => {
    expect(verifyBuckets).toHaveLength(12);
    expect([verifyBuckets[0], verifyBuckets.at(-1)]).toEqual([0.00005, 1]);
    const registry = new Registry();
    createHotHistogram({ registry, name: 'h', help: 'H.', labels: [{}], buckets: [0.1, 2] }).observe(0, 1);
    expect(await registry.metrics()).toContain('h_bucket{le="0.1"} 0\nh_bucket{le="2"} 1\nh_bucket{le="+Inf"} 1\nh_sum 1\nh_count 1\n');
  });

  it('counts nothing for a slot that does not exist or a time that is not one', async () => {
    const registry = new Registry();
    const hot = createHotHistogram({ registry, name: 'h', help: 'H.', labels: [{}] });
    hot.observe(1, 0.1);
    hot.observe(-1, 0.1);
    hot.observe(0, Number.NaN);
    hot.observe(0, -1);
    expect(await registry.metrics()).toContain('h_sum 0\nh_count 0\n');
  });
});

function withoutExemplar(value: object): object {
  return Object.fromEntries(Object.entries(value).filter(([name]) => name !== 'exemplar'));
}
