/** A span under way. */
export interface OpenSpan {
  /** What runs inside is below this span, also what goes on later. */
  within<T>(run: () => T): T;
  end(attributes: Readonly<Record<string, string | number>>, failed: boolean): void;
}

/** Traces of one process, in the words of no library; its `call` and `serve` are what the wire wants. */
export interface Tracing {
  /** @param traceparent of who asked (W3C Trace Context); undefined: a trace begins here */
  begin(name: string, traceparent: string | undefined): OpenSpan;
  call<T>(name: string, run: (traceparent: string) => Promise<T>): Promise<T>;
  serve<T>(name: string, traceparent: string | undefined, run: () => Promise<T>): Promise<T>;
  /** Of what runs now, to be carried elsewhere. */
  readonly current: () => string | undefined;
  /** Sends what is left; gives up after a moment. */
  close(): Promise<void>;
}

export interface TracingSettings {
  /** Where OTLP over HTTP is taken, path included; null: nobody traces. */
  readonly endpoint: string | null;
  /** Of traces that begin here, from 0 to 1. */
  readonly ratio: number;
}

type Environment = Readonly<Record<string, string | undefined>>;

const TRACES_PATH = '/v1/traces';
const withPath = (base: string): string => (base.endsWith(TRACES_PATH) ? base : base.replace(/\/+$/, '') + TRACES_PATH);

/** The configured collector, else what OpenTelemetry's own variables name. */
export function tracingSettings(configured: string | null, environment: Environment): TracingSettings {
  const set = (name: string): string | undefined => (environment[name] === '' ? undefined : environment[name]);
  const base = configured ?? set('OTEL_EXPORTER_OTLP_ENDPOINT');
  const named = configured === null ? set('OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') : undefined;
  const endpoint = named ?? (base === undefined ? null : withPath(base));
  const ratio = Number(set('OTEL_TRACES_SAMPLER_ARG') ?? 1);
  return { endpoint: set('OTEL_SDK_DISABLED') === 'true' ? null : endpoint, ratio: ratio >= 0 && ratio <= 1 ? ratio : 1 };
}

/** Undefined where nobody traces: then nothing of OpenTelemetry is loaded but the interfaces that prom-client asks for. */
export async function openTracing({ endpoint, ratio }: TracingSettings, service: string, version: string): Promise<Tracing | undefined> {
  if (endpoint === null) return undefined;
  const { startTracing } = await import('./start-tracing.js');
  return startTracing({ endpoint, ratio, service, version });
}
