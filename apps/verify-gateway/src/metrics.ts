import { gauge } from '@portcullis/platform-telemetry';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';

/** What is read at each scrape. */
export interface SessionsLook {
  /** How often memory knew a session (or that there is none), and how often Redis was asked. */
  readonly lookups: { readonly hits: number; readonly misses: number };
  readonly coherent: boolean;
  readonly kept: number;
}

const LAG_SECONDS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];

/** The gate's copies of sessions: how often they serve, and (the function that is returned, in seconds) how long a change takes to reach them. */
export function measureSessions(registry: Registry, look: () => SessionsLook): (lagSeconds: number) => void {
  const registers = [registry];
  new Counter({
    name: 'portcullis_gateway_session_lookups_total',
    help: 'Sessions looked for: hit where memory knew, miss where Redis was asked.',
    labelNames: ['result'],
    registers,
    collect() {
      const { hits, misses } = look().lookups;
      this.reset();
      this.inc({ result: 'hit' }, hits);
      this.inc({ result: 'miss' }, misses);
    },
  });
  gauge(registry, 'portcullis_gateway_session_cache_coherent', '1 while sessions are served from memory; 0: signed-in requests are 503.', () =>
    look().coherent ? 1 : 0,
  );
  gauge(registry, 'portcullis_gateway_session_cache_entries', 'Copies of sessions in memory.', () => look().kept);
  const lag = new Histogram({
    name: 'portcullis_gateway_invalidation_lag_seconds',
    help: 'From the writing of a session key to its invalidation being here, tried out with a key of our own every few seconds.',
    buckets: LAG_SECONDS,
    registers,
  });
  return (seconds) => {
    lag.observe(seconds);
  };
}

/** How often the rules were replaced, and when the last change was looked at. @returns called after each change of the files. */
export function measureReloads(registry: Registry): (result: 'taken' | 'refused') => void {
  const registers = [registry];
  const generation = new Gauge({
    name: 'portcullis_configuration_generation',
    help: 'Counts from 1 at the start, one more with every change that was taken.',
    registers,
  });
  const reloads = new Counter({
    name: 'portcullis_configuration_reloads_total',
    help: 'Changes of the configuration, by what became of them.',
    labelNames: ['result'],
    registers,
  });
  generation.set(1);
  for (const result of ['taken', 'refused']) reloads.inc({ result }, 0);
  return (result) => {
    reloads.inc({ result });
    if (result === 'taken') generation.inc();
  };
}
