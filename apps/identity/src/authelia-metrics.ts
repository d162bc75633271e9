import { Counter, Histogram, type Registry } from 'prom-client';
import type { Metrics } from './metrics.js';

/** Reference 8.1. */
const SECONDS = [0.0005, 0.00075, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 0.9, 1, 5, 10, 15, 30, 60];

/** `telemetry.metrics.authelia_names`: the same sign-ins under the names of an Authelia as well (reference 8.1), for dashboards that are there already. */
export function countAsAuthelia(registry: Registry, metrics: Metrics): Metrics {
  const registers = [registry];
  const first = new Counter({ name: 'authelia_authn', help: 'Passwords that were tried.', labelNames: ['success', 'banned'], registers });
  const second = new Counter({
    name: 'authelia_authn_second_factor',
    help: 'Second factors that were tried.',
    labelNames: ['success', 'banned', 'type'],
    registers,
  });
  const durations = new Histogram({
    name: 'authelia_authn_duration',
    help: 'Time of a password that is tried in seconds, by success.',
    labelNames: ['success'],
    buckets: SECONDS,
    registers,
  });
  return {
    ...metrics,
    timeTry: async (work) => {
      const startedAt = performance.now();
      const answer = await metrics.timeTry(work);
      durations.observe({ success: String(answer !== null) }, (performance.now() - startedAt) / 1000);
      return answer;
    },
    countSignIn: (factor, outcome) => {
      const labels = { success: String(outcome === 'success'), banned: String(outcome === 'banned') };
      if (factor === 'password') first.inc(labels);
      else second.inc({ ...labels, type: factor });
      metrics.countSignIn(factor, outcome);
    },
  };
}
