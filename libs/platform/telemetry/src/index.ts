/** Logs, metrics, health and request ids: how a process tells people what it does. */
export { formatGoTime } from './go-time.js';
export { gauge, oneLook } from './gauge.js';
export { createHotCounter, type HotCounter, type HotCounterOptions, type HotMetricOptions, type LabelSet } from './hot-counter.js';
export { createHotHistogram, type HotHistogram, type HotHistogramOptions, verifyBuckets } from './hot-histogram.js';
export { describeInstance, type InstanceOptions, type InstanceState } from './instance.js';
export { listen, ListenError, type ListenOptions } from './listen.js';
export { type LogFields, type LogFormat, type LogLevel, type LogValue } from './log-line.js';
export { createLogger, type Logger, type LoggerOptions, type WriteLog } from './logger.js';
export { type Management, type ManagementOptions, openManagement, type Readiness, startManagement } from './management.js';
export { measureCalls, type MeasuredCall } from './measure-calls.js';
export { nestLogger } from './nest-logger.js';
export { type OneProcess, sharedProcess, shareProcess } from './one-process.js';
export { portHolder } from './port-holder.js';
export { type BuildInfo, countLogDrops, createRegistry, tellConfiguration } from './registry.js';
export { newRequestId } from './request-id.js';
export { openTracing, type OpenSpan, type Tracing, type TracingSettings, tracingSettings } from './tracing.js';
export { stopAtSignal, stopOnSignals, type StopOptions } from './stop-on-signals.js';
