import type { Server } from 'node:http';
import type { Server as TlsServer } from 'node:https';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { Routes } from './verify/routes.js';

/** Reference 8.1. */
const SECONDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 20, 30, 40, 50, 60];
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);

/** `telemetry.metrics.authelia_names`: the same requests under the names of an Authelia, for dashboards that are there already. */
export function countAsAuthelia(registry: Registry, listener: Server | TlsServer, routes: Routes): void {
  const registers = [registry];
  const requests = new Counter({ name: 'authelia_request', help: 'Requests, by status and method.', labelNames: ['code', 'method'], registers });
  const durations = new Histogram({
    name: 'authelia_request_duration',
    help: 'Time of requests in seconds, by status.',
    labelNames: ['code'],
    buckets: SECONDS,
    registers,
  });
  const authorizations = new Counter({
    name: 'authelia_authz',
    help: 'Answers of the authorization endpoints, by status.',
    labelNames: ['code'],
    registers,
  });
  listener.prependListener('request', (req, res) => {
    const startedAt = performance.now();
    const { url = '/', method = '' } = req;
    res.once('finish', () => {
      const code = String(res.statusCode);
      requests.inc({ code, method: METHODS.has(method) ? method : 'other' });
      durations.observe({ code }, (performance.now() - startedAt) / 1000);
      if (routes.match(url) !== null) authorizations.inc({ code });
    });
  });
}
