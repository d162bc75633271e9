import { describe, expect, it } from 'vitest';
import { openTracing, tracingSettings } from './tracing.js';

describe('where traces go', () => {
  it.each([
    ['nowhere', null, {}, null],
    ['to the configured collector', 'http://c:4318', {}, 'http://c:4318/v1/traces'],
    ['to the configured collector, its path written', 'http://c:4318/v1/traces', {}, 'http://c:4318/v1/traces'],
    ["to that of OpenTelemetry's variable", null, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://o:4318/' }, 'http://o:4318/v1/traces'],
    ['to that of the variable for traces, as it is', null, { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, 'http://t/x'],
    ['to the configured one before any variable', 'http://c', { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://t/x' }, 'http://c/v1/traces'],
    ['nowhere where OpenTelemetry is turned off', 'http://c', { OTEL_SDK_DISABLED: 'true' }, null],
  ])('%s', (_, configured, environment, endpoint) => {
    expect(tracingSettings(configured, environment).endpoint).toBe(endpoint);
  });

  it('is the share of traces that OTEL_TRACES_SAMPLER_ARG says, all where it says nothing sensible', () => {
    const ratio = (text: string): number => tracingSettings(null, { OTEL_TRACES_SAMPLER_ARG: text }).ratio;
    expect([ratio('0.25'), ratio(''), ratio('7'), ratio('x')]).toEqual([0.25, 1, 1, 1]);
  });
});

it('nobody traces unless somebody is there to take it', async () => {
  expect(await openTracing({ endpoint: null, ratio: 1 }, 'x', '0')).toBeUndefined();
});
