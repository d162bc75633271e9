import { Counter, type Registry } from 'prom-client';
import type { Metrics } from './metrics.js';

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
  return {
    ...metrics,
    countSignIn: (factor, outcome) => {
      const labels = { success: String(outcome === 'success'), banned: String(outcome === 'banned') };
      if (factor === 'password') first.inc(labels);
      else second.inc({ ...labels, type: factor });
      metrics.countSignIn(factor, outcome);
    },
  };
}
