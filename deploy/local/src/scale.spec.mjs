import { expect, it } from 'vitest';
import { clashOf, planInstances, readScale } from './scale.mjs';

const local = (port) => ({ host: '127.0.0.1', port });
const values = {
  addresses: { gateway: local(9959), identity: local(9960), session: local(9961), notifier: local(9962) },
  metricsPath: '/metrics',
  listen: { kind: 'tcp', host: '', port: 9091 },
  pathPrefix: '/authelia',
};
const plan = (scale, over = {}, canShare = true) => planInstances(readScale(scale), { ...values, ...over }, canShare);
const named = (instances, name) => instances.find((instance) => instance.name === name);

it('one of each is as the configuration says, with nothing added', () => {
  const instances = plan('');
  expect(instances.map(({ name }) => name)).toEqual(['verify-gateway', 'identity', 'session', 'notifier']);
  expect(instances.map(({ env }) => env)).toEqual([{}, {}, {}, {}]);
});

it('a further instance has its name, and its metrics and health ten ports on', () => {
  expect(named(plan('identity=3'), 'identity-3')).toEqual({
    name: 'identity-3',
    service: 'identity',
    management: local(9980),
    listen: undefined,
    env: { PORTCULLIS_INSTANCE: 'identity-3', PORTCULLIS_TELEMETRY_METRICS_IDENTITY_ADDRESS: 'tcp://127.0.0.1:9980/metrics' },
  });
});

it('gateways share the port', () => {
  const gateways = plan('verify-gateway=2').filter(({ service }) => service === 'verify-gateway');
  for (const { env, listen } of gateways) {
    expect(env).toMatchObject({ PORTCULLIS_SERVER_SHARE_PORT: 'true', PORTCULLIS_SERVER_DRAIN_DELAY: '1s' });
    expect(env).not.toHaveProperty('PORTCULLIS_SERVER_ADDRESS');
    expect(listen).toEqual(values.listen);
  }
});

it('where the system refuses that, each has a port of its own', () => {
  const { env } = named(plan('verify-gateway=2', {}, false), 'verify-gateway-2');
  expect(env).toMatchObject({ PORTCULLIS_SERVER_ADDRESS: 'tcp://:9092/authelia' });
  expect(env).not.toHaveProperty('PORTCULLIS_SERVER_SHARE_PORT');
});

it('on a socket each has a socket of its own', () => {
  const listen = { kind: 'unix', path: '/run/gate.sock', umask: 0o22 };
  expect(named(plan('verify-gateway=2', { listen }), 'verify-gateway-2').env).toMatchObject({
    PORTCULLIS_SERVER_ADDRESS: 'unix:///run/gate.sock-2?umask=0022&path=authelia',
  });
});

it('two that would have their metrics on one port are named', () => {
  const addresses = { ...values.addresses, identity: local(9969) };
  expect(clashOf(plan('verify-gateway=2', { addresses }))).toMatch(
    /^verify-gateway-2 and identity would both have their metrics and health on port 9969/,
  );
  expect(clashOf(plan('verify-gateway=9,identity=9,session=9,notifier=9'))).toBeUndefined();
});
