import type { Tracing } from '@portcullis/platform-telemetry';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { TrustedProxies } from '../verify/trusted-proxies.js';

type OpenSpan = ReturnType<Tracing['begin']>;

/**
 * A span for each request of the portal, named by its route. The trace of who asked goes on only where a trusted proxy says so: anybody else could
 * put spans of ours into a trace of theirs, or have every request recorded.
 */
export function traceRequests(fastify: FastifyInstance, tracing: Tracing, proxies: Pick<TrustedProxies, 'trusts'>): void {
  const spans = new WeakMap<FastifyRequest, OpenSpan>();
  fastify.addHook('onRequest', (request, _reply, done) => {
    const given = proxies.trusts(request.socket.remoteAddress) ? request.headers['traceparent'] : undefined;
    const name = `${request.method} ${request.routeOptions.url ?? 'unknown'}`;
    spans.set(request, tracing.begin(name, typeof given === 'string' ? given : undefined));
    done();
  });
  // After the body was read: its events come from the connection, which knows nothing of the span.
  fastify.addHook('preHandler', (request, _reply, done) => {
    const span = spans.get(request);
    if (span === undefined) done();
    else span.within(done);
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const failed = reply.statusCode >= 500;
    spans.get(request)?.end({ 'http.response.status_code': reply.statusCode, 'portcullis.request_id': request.id }, failed);
    done();
  });
}
