import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { createHotCounter } from './hot-counter.js';
import { createHotHistogram } from './hot-histogram.js';
import type { Logger } from './logger.js';
import { countLogDrops, createRegistry } from './registry.js';

const metricName = /^[a-zA-Z_:][a-zA-Z0-9_:]*$/;
const sample =
  /^(?<name>[a-zA-Z_:][a-zA-Z0-9_:]*)(?:\{(?<labels>(?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\["\\n])*",?)*)\})? (?<value>[+-]?(?:Inf|[Nn]a[Nn]|[0-9.]+(?:e[+-]?\d+)?))$/;

interface Family {
  readonly type: string;
  readonly help: string;
  readonly samples: Map<string, number>;
}

/** Reads the text format and refuses what a Prometheus server or `promtool check metrics` would. */
function parse(text: string): Map<string, Family> {
  const families = new Map<string, Family>();
  let help: [string, string] | undefined;
  let current: [string, Family] | undefined;
  for (const line of text.split('\n').filter((each) => each !== '')) {
    const [, word, name, rest] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? [];
    if (word === 'HELP') help = [name!, rest!];
    else if (word === 'TYPE') {
      expect(name).toMatch(metricName);
      expect(help?.[0], `HELP before TYPE of ${name!}`).toBe(name);
      expect(families.has(name!), `${name!} comes once`).toBe(false);
      current = [name!, { type: rest!, help: help![1], samples: new Map() }];
      families.set(...current);
    } else {
      const groups = sample.exec(line)?.groups;
      expect(groups, line).toBeDefined();
      const [family, { type, samples }] = current!;
      const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
      expect(suffixes.map((suffix) => family + suffix)).toContain(groups!['name']);
      const key = line.slice(0, line.lastIndexOf(' '));
      expect(samples.has(key), `${key} comes once`).toBe(false);
      samples.set(key, Number(groups!['value']!.replace('Inf', 'Infinity')));
    }
  }
  return families;
}

const droppedLines = (count: number): Logger => ({ dropped: () => count }) as Logger;

describe('createRegistry', () => {
  it('serves well-formed families, with our own metrics among them', async () => {
    const registry = createRegistry({ service: 'session', version: '1.2.3-"x"' });
    createHotCounter({ registry, name: 'portcullis_decisions_total', help: 'Decisions.', labels: [{ rule: 'a\\b\n"c"' }] }).add(0);
    createHotHistogram({ registry, name: 'portcullis_verify_duration_seconds', help: 'Time.', labels: [{ outcome: 'allow' }] }).observe(0, 0.001);
    const families = parse(await registry.metrics());
    expect(families.get('portcullis_decisions_total')?.type).toBe('counter');
    expect(families.get('portcullis_verify_duration_seconds')?.type).toBe('histogram');
    expect(families.get('process_cpu_seconds_total')?.type).toBe('counter');
    expect([...families.get('portcullis_build_info')!.samples]).toEqual([
      [`portcullis_build_info{service="session",version="1.2.3-\\"x\\"",node="${process.versions.node}"}`, 1],
    ]);
  });

  it('gives no metric a name that `promtool check metrics` refuses', async () => {
    const registry = createRegistry({ service: 'session', version: '1' });
    for (const [name, { type }] of parse(await registry.metrics())) {
      expect(name.endsWith('_total'), `${name} is a ${type}`).toBe(type === 'counter');
      expect(name).not.toMatch(/_(?:count|sum|bucket)$/);
    }
  });

  it('keeps to itself, so that two in one process do not meet', async () => {
    const first = createRegistry({ service: 'one', version: '1' });
    const second = createRegistry({ service: 'two', version: '1' });
    expect(await first.metrics()).toContain('service="one"');
    expect(await second.metrics()).not.toContain('service="one"');
  });
});

describe('countLogDrops', () => {
  it('shows what the logger says at the scrape', async () => {
    const registry = new Registry();
    let dropped = 0;
    countLogDrops(registry, { ...droppedLines(0), dropped: () => dropped });
    expect(await registry.metrics()).toContain('portcullis_log_lines_dropped_total 0\n');
    dropped = 7;
    expect(await registry.metrics()).toContain('portcullis_log_lines_dropped_total 7\n');
    expect(await registry.metrics()).toContain('portcullis_log_lines_dropped_total 7\n');
  });
});
