import { collectDefaultMetrics, Counter, Gauge, Registry } from 'prom-client';
import type { Logger } from './logger.js';
import { sharedProcess } from './one-process.js';

export interface BuildInfo {
  readonly service: string;
  readonly version: string;
}

/** Gauges whose names end as a counter's do; `promtool check metrics` refuses them. */
const misnamed = ['nodejs_active_handles_total', 'nodejs_active_requests_total', 'nodejs_active_resources_total'];

/** A registry of its own with the process' metrics and `portcullis_build_info`. */
export function createRegistry(build: BuildInfo): Registry {
  const registry = new Registry();
  if (sharedProcess()?.isFirstRegistry() === false) {
    registerBuildInfo(registry, build);
    return registry;
  }
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  registerBuildInfo(registry, build);
  return registry;
}

function registerBuildInfo(registry: Registry, { service, version }: BuildInfo): void {
  new Gauge({
    name: 'portcullis_build_info',
    help: 'Always 1; the labels say what is running.',
    labelNames: ['service', 'version', 'node'],
    registers: [registry],
  }).set({ service, version, node: process.versions.node }, 1);
}

/** `portcullis_configuration_info`: the hash of what a service runs, now and as it is told later. */
export function tellConfiguration(registry: Registry, service: string, hash: string): (hash: string) => void {
  const info = new Gauge({
    name: 'portcullis_configuration_info',
    help: 'The configuration in force, by its hash: equal in all instances of a service.',
    labelNames: ['service', 'hash'],
    registers: [registry],
  });
  const tell = (current: string): void => {
    info.reset();
    info.set({ service, hash: current }, 1);
  };
  tell(hash);
  return tell;
}

/** `portcullis_log_lines_dropped_total`, read from the logger at each scrape. */
export function countLogDrops(registry: Registry, logger: Logger): void {
  new Counter({
    name: 'portcullis_log_lines_dropped_total',
    help: 'Log lines lost because their reader or disk was too slow or gone.',
    registers: [registry],
    collect() {
      this.reset();
      this.inc(logger.dropped());
    },
  });
}
