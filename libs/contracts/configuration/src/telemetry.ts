import { z } from 'zod';
import { address, flag, type RawAddress, text } from './raw.js';
import type { Report } from './report.js';
import { defineSection, type Section } from './section.js';
import type { ManagementAddress, TelemetryConfiguration } from './values.js';

const schema = z.object({
  telemetry: z
    .object({
      metrics: z
        .object({ enabled: flag, address, identity_address: address, session_address: address, notifier_address: address, authelia_names: flag })
        .optional(),
      traces: z.object({ otlp_endpoint: text }).optional(),
    })
    .optional(),
});

const DEFAULT_PORT = 9959;

/** `telemetry.metrics`: metrics and health of each service, the gateway's port and the three above it unless each is named (ours). */
export const telemetrySection: Section<TelemetryConfiguration> = defineSection(schema, ({ telemetry }, report) => {
  const metrics = telemetry?.metrics ?? {};
  const enabled = metrics.enabled ?? false;
  const base = metrics.address;
  const host = enabled ? (base?.host ?? '') : '127.0.0.1';
  const port = base?.port ?? DEFAULT_PORT;
  const addressOf = (name: string, own: RawAddress | undefined, offset: number): ManagementAddress => {
    checkTcp(`telemetry.metrics.${name}`, own, report);
    // Port 0 asks for any free one: the three above it are then as free.
    return own === undefined
      ? { host, port: port === 0 ? 0 : port + offset }
      : { host: enabled ? own.host : '127.0.0.1', port: own.port ?? port + offset };
  };
  const addresses = {
    gateway: addressOf('address', base, 0),
    identity: addressOf('identity_address', metrics.identity_address, 1),
    session: addressOf('session_address', metrics.session_address, 2),
    notifier: addressOf('notifier_address', metrics.notifier_address, 3),
  };
  checkPorts(
    addresses,
    Object.keys(metrics).flatMap((key) => (key.endsWith('_address') ? [key.replace('_address', '')] : [])),
    report,
  );
  const endpoint = telemetry?.traces?.otlp_endpoint ?? '';
  if (endpoint !== '' && !/^https?:\/\/[^/]/.test(endpoint))
    report.error('telemetry.traces.otlp_endpoint', 'telemetry.traces.otlp_endpoint must be an http or https address', 'write http://127.0.0.1:4318');
  return {
    autheliaNames: metrics.authelia_names ?? false,
    tracesEndpoint: endpoint === '' ? null : endpoint,
    metricsEnabled: enabled,
    metricsPath: base === undefined || base.path.length < 2 ? '/metrics' : base.path,
    addresses,
  };
});

function checkTcp(path: string, value: RawAddress | undefined, report: Report): void {
  if (value === undefined || value.scheme === null || value.scheme.startsWith('tcp')) return;
  report.error(path, `${path} must be a TCP address, not ${value.scheme}`, 'write tcp://127.0.0.1:9959/metrics');
}

/** @param written services whose own address is written */
function checkPorts(addresses: TelemetryConfiguration['addresses'], written: readonly string[], report: Report): void {
  const ports = Object.values(addresses).map(({ port }) => port);
  if (ports.some((port) => port > 65_535))
    report.error('telemetry.metrics.address', 'the ports of the other services, which follow this one, are above 65535', 'choose a lower port');
  const fixed = ports.filter((port) => port !== 0);
  const twice = Object.entries(addresses).find(([, { port }], index) => port !== 0 && ports.indexOf(port) < index);
  if (twice !== undefined)
    report.error(
      `telemetry.metrics.${written.includes(twice[0]) ? `${twice[0]}_` : ''}address`,
      `two services would listen on one port (${fixed.join(', ')})`,
      'give each address of telemetry.metrics a port of its own',
    );
}
