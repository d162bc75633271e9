import { isSpanContextValid, ROOT_CONTEXT, type Span, type SpanContext, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { detectResources, resourceAttributesEnvDetector, resourceFromAttributes, serviceNameEnvDetector } from '@opentelemetry/resources';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, TracerProvider } from '@opentelemetry/sdk-trace';
import { AsyncLocalStorage } from 'node:async_hooks';
import type { OpenSpan, Tracing } from './tracing.js';

export interface StartOptions {
  readonly endpoint: string;
  readonly ratio: number;
  readonly service: string;
  readonly version: string;
}

const SEND_EVERY_MS = 1000;
const SEND_TIMEOUT_MS = 3000;
/** https://www.w3.org/TR/trace-context/#traceparent-header-field-values */
const TRACEPARENT = /^[0-9a-f]{2}-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** Spans go to the collector in batches; one that is away costs nothing but the spans. OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES are honoured. */
export function startTracing({ endpoint, ratio, service, version }: StartOptions): Tracing {
  const ours = resourceFromAttributes({ 'service.name': `portcullis-${service}`, 'service.namespace': 'portcullis', 'service.version': version });
  const provider = new TracerProvider({
    resource: ours.merge(detectResources({ detectors: [resourceAttributesEnvDetector, serviceNameEnvDetector] })),
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [
      new BatchSpanProcessor({
        exporter: new OTLPTraceExporter({ url: endpoint, timeoutMillis: SEND_TIMEOUT_MS }),
        scheduledDelayMillis: SEND_EVERY_MS,
        exportTimeoutMillis: SEND_TIMEOUT_MS,
      }),
    ],
  });
  const tracer = provider.getTracer('portcullis', version);
  const running = new AsyncLocalStorage<Span>();
  const start = (name: string, kind: SpanKind, parent: SpanContext | undefined): Span =>
    tracer.startSpan(name, { kind }, parent === undefined ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent));
  const run = async <T>(span: Span, work: () => Promise<T>): Promise<T> => {
    try {
      return await running.run(span, work);
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR, message: error instanceof Error ? error.message : String(error) });
      throw error;
    } finally {
      span.end();
    }
  };
  return {
    begin: (name, traceparent) => openSpan(start(name, SpanKind.SERVER, parentOf(traceparent)), running),
    call: (name, work) => {
      const span = start(name, SpanKind.CLIENT, running.getStore()?.spanContext());
      return run(span, () => work(traceparentOf(span)));
    },
    serve: (name, traceparent, work) => run(start(name, SpanKind.SERVER, parentOf(traceparent)), work),
    current: () => {
      const span = running.getStore();
      return span === undefined ? undefined : traceparentOf(span);
    },
    close: () => provider.shutdown().catch(() => undefined),
  };
}

const openSpan = (span: Span, running: AsyncLocalStorage<Span>): OpenSpan => ({
  within: (work) => running.run(span, work),
  end: (attributes, failed) => {
    span.setAttributes(attributes);
    if (failed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  },
});

function traceparentOf(span: Span): string {
  const { traceId, spanId, traceFlags } = span.spanContext();
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** Undefined where there is none, or what there is cannot be one. */
function parentOf(traceparent: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(traceparent ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1, isRemote: true };
  return isSpanContextValid(context) ? context : undefined;
}
