import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createHotCounter } from './hot-counter.js';

describe('createHotCounter', () => {
  it('shows every label set from the first scrape and counts by slot', async () => {
    const registry = new Registry();
    const counter = createHotCounter({ registry, name: 'decisions_total', help: 'Decisions.', labels: [{ outcome: 'allow' }, { outcome: 'deny' }] });
    counter.add(1);
    counter.add(1, 4);
    const lines = [
      '# HELP decisions_total Decisions.',
      '# TYPE decisions_total counter',
      'decisions_total{outcome="allow"} 0',
      'decisions_total{outcome="deny"} 5',
    ];
    expect(await registry.metrics()).toBe(`${lines.join('\n')}\n`);
    counter.add(0);
    expect(await registry.metrics()).toContain('decisions_total{outcome="allow"} 1\ndecisions_total{outcome="deny"} 5');
  });

  it('counts nothing for a slot that does not exist', async () => {
    const registry = new Registry();
    const counter = createHotCounter({ registry, name: 'c_total', help: 'C.', labels: [{ a: 'x' }] });
    counter.add(1);
    counter.add(-1);
    expect(await registry.metrics()).toContain('c_total{a="x"} 0\n');
  });

  it('counts past the 32 bits that a busy gate reaches within a day', async () => {
    const registry = new Registry();
    const counter = createHotCounter({ registry, name: 'c_total', help: 'C.', labels: [{}] });
    counter.add(0, 2 ** 32);
    counter.add(0);
    expect(await registry.metrics()).toContain('c_total 4294967297\n');
  });
});
