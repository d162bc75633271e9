import { Refusal } from './terminal.mjs';

/** The services, and the variable that moves the metrics and health of each. */
export const SERVICES = {
  'verify-gateway': 'PORTCULLIS_TELEMETRY_METRICS_ADDRESS',
  identity: 'PORTCULLIS_TELEMETRY_METRICS_IDENTITY_ADDRESS',
  session: 'PORTCULLIS_TELEMETRY_METRICS_SESSION_ADDRESS',
  notifier: 'PORTCULLIS_TELEMETRY_METRICS_NOTIFIER_ADDRESS',
};
const MOST = 32;
/** Metrics and health of the second instance are that far above those of the first, and so on. */
const MANAGEMENT_STEP = 10;
/** Of several gateways one may be ended alone: whoever balances loads then sees that it is not ready before it is gone. */
const DRAIN_DELAY = '1s';

/** `identity=2,session=3` as how many there are of each service; one of those it does not name. */
export function readScale(text) {
  const wanted = Object.fromEntries(Object.keys(SERVICES).map((name) => [name, 1]));
  for (const part of text.split(',').filter(Boolean)) {
    const [name, count = ''] = part.trim().split('=');
    if (!Object.hasOwn(wanted, name)) throw new Refusal(`There is no service ${name}: --scale knows ${Object.keys(SERVICES).join(', ')}.`);
    if (!/^\d+$/.test(count) || Number(count) < 1 || Number(count) > MOST) throw new Refusal(`--scale ${part}: write a number from 1 to ${MOST}.`);
    wanted[name] = Number(count);
  }
  return wanted;
}

const authority = (host, port) => `${host.includes(':') ? `[${host}]` : host}:${port}`;

/**
 * Every instance of every service: { name, service, management: { host, port }, listen, env }. The first of each is called as its service and
 * listens where the configuration says. Several gateways share one port; where that is not wanted or the system refuses it (`canShare` is false),
 * or where they listen on a socket, each has its own beside the first's: the next port, or the same path with its number.
 */
export function planInstances(scale, { addresses, metricsPath, listen, pathPrefix }, canShare) {
  const several = scale['verify-gateway'] > 1;
  const isShared = several && canShare && listen.kind === 'tcp';
  const instanceOf = (service, index) => {
    const { host, port } = addresses[service === 'verify-gateway' ? 'gateway' : service];
    const isGateway = service === 'verify-gateway';
    const management = { host, port: port === 0 ? 0 : port + index * MANAGEMENT_STEP };
    const own = isGateway ? (isShared ? listen : nextListener(listen, index)) : undefined;
    return {
      name: nameOf(service, index),
      service,
      management,
      listen: own,
      env: {
        ...(scale[service] > 1 ? { PORTCULLIS_INSTANCE: nameOf(service, index) } : {}),
        ...(index === 0 ? {} : { [SERVICES[service]]: `tcp://${authority(host, management.port)}${metricsPath}` }),
        ...(isGateway && several ? { PORTCULLIS_SERVER_DRAIN_DELAY: DRAIN_DELAY } : {}),
        ...(isGateway && isShared ? { PORTCULLIS_SERVER_SHARE_PORT: 'true' } : {}),
        ...(isGateway && !isShared && index > 0 ? { PORTCULLIS_SERVER_ADDRESS: addressOf(own, pathPrefix) } : {}),
      },
    };
  };
  return Object.entries(scale).flatMap(([service, count]) => Array.from({ length: count }, (_, index) => instanceOf(service, index)));
}

/** Two instances that would have their metrics and health at one address, as a message; undefined where there are none. */
export function clashOf(instances) {
  const seen = new Map();
  for (const { name, management } of instances) {
    const first = seen.get(management.port);
    if (management.port !== 0 && first)
      return `${first} and ${name} would both have their metrics and health on port ${management.port}: keep the addresses of telemetry.metrics less than ${MANAGEMENT_STEP} apart, or a multiple of it and more.`;
    seen.set(management.port, name);
  }
  return undefined;
}

const nameOf = (service, index) => (index === 0 ? service : `${service}-${index + 1}`);

function nextListener(listen, index) {
  if (listen.kind === 'tcp') return { ...listen, port: listen.port + index };
  return { ...listen, path: index === 0 ? listen.path : `${listen.path}-${index + 1}` };
}

function addressOf(listen, pathPrefix) {
  if (listen.kind === 'tcp') return `tcp://${authority(listen.host, listen.port)}${pathPrefix || '/'}`;
  const query = {
    ...(listen.umask === null ? {} : { umask: listen.umask.toString(8).padStart(4, '0') }),
    ...(pathPrefix ? { path: pathPrefix.slice(1) } : {}),
  };
  return `unix://${listen.path}?${new URLSearchParams(query)}`;
}
