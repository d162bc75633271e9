import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Registry } from 'prom-client';
import { listen, type ListenOptions } from './listen.js';
import { sharedProcess } from './one-process.js';

export interface Readiness {
  readonly ok: boolean;
  /** Why not; for people, without secrets. */
  readonly reasons: readonly string[];
}

export interface ManagementOptions extends Omit<ListenOptions, 'reusePort'> {
  readonly registry: Registry;
  readonly ready: () => Readiness;
  /** Who this is, for `/health/instance`. */
  readonly instance?: (() => object) | undefined;
  /** Default `/metrics`. */
  readonly metricsPath?: string | undefined;
}

/** A registry, or several as one. */
export type MetricsSource = Pick<Registry, 'contentType' | 'metrics'>;

export interface Management {
  readonly port: number;
  close(): Promise<void>;
}

type Served = Omit<ManagementOptions, 'registry'> & { readonly registry: MetricsSource };

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

const json = (status: number, body: object): Answer => ({ status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) });

async function answer({ registry, ready, instance, metricsPath = '/metrics' }: Served, path: string): Promise<Answer> {
  switch (path) {
    case metricsPath:
      return { status: 200, type: registry.contentType, body: await registry.metrics() };
    case '/health/live':
      return json(200, { status: 'OK' });
    case '/health/ready': {
      const { ok, reasons } = ready();
      return ok ? json(200, { status: 'OK' }) : json(503, { status: 'KO', reasons });
    }
    case '/health/instance':
      return json(200, instance?.() ?? {});
    default:
      return json(404, { status: 'KO', message: 'Not found' });
  }
}

async function reply(options: Served, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume();
  const reads = request.method === 'GET' || request.method === 'HEAD';
  const path = request.url?.split('?', 1)[0] ?? '/';
  const { status, type, body } = reads
    ? await answer(options, path).catch((error: unknown) => json(500, { status: 'KO', message: String(error) }))
    : json(405, { status: 'KO', message: 'Method not allowed' });
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
    ...(reads ? {} : { Allow: 'GET, HEAD' }),
    ...(status === 503 ? { 'Retry-After': '1' } : {}),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

/**
 * Serves GET /metrics, /health/live, /health/ready (200 or 503, JSON) and /health/instance on a port of its own, or, in a process of several
 * services, on the one of all. Rejects as `listen` does.
 */
export async function startManagement(options: ManagementOptions): Promise<Management> {
  const shared = sharedProcess();
  return shared === undefined ? openManagement(options) : shared.addManagement(options);
}

/** The port itself. */
export async function openManagement(options: Served): Promise<Management> {
  const server = createServer({ requestTimeout: 5000, headersTimeout: 5000 }, (request, response) => void reply(options, request, response));
  server.maxConnections = 64;
  const port = await listen(server, options);
  return {
    port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => {
          resolve();
        });
        server.closeAllConnections();
      }),
  };
}
