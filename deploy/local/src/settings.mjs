import { fileURLToPath } from 'node:url';
import { mustRun } from './run.mjs';

const PRINT_SETTINGS = fileURLToPath(new URL('./print-settings.mjs', import.meta.url));
/** Addresses that mean every address are reached by this one. */
const EVERYWHERE = new Set(['', '0.0.0.0', '::']);

/**
 * What of a configuration the supervisor itself must know: whether it names a Redis and a session secret, the instances (scale.mjs; the
 * address of `management` as it is reached from here), what the gateways listen on, the portals; and what is wrong with the ports
 * (`taken`: messages). Of a configuration with errors, which are for `validate` to say, only the first two.
 */
export async function readSettings({ configFiles, env, cwd, scale, isApart }) {
  const output = await mustRun('Reading the configuration', process.execPath, [PRINT_SETTINGS, JSON.stringify({ scale, isApart }), ...configFiles], {
    env,
    cwd,
  });
  const { values, ...settings } = JSON.parse(output);
  return values ? { ...settings, ...addressesOf(values, settings.instances) } : settings;
}

function addressesOf({ isTls, pathPrefix, portals }, instances) {
  const listeners = instances.flatMap(({ listen }) => (listen ? [listenerOf(listen, isTls, pathPrefix)] : []));
  const reached = instances.map((instance) => ({ ...instance, management: { ...instance.management, host: reachable(instance.management.host) } }));
  return { instances: reached, listeners: [...new Set(listeners)], portals };
}

/** The host part of an address that reaches a listener on `host`. */
export function reachable(host) {
  if (EVERYWHERE.has(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listenerOf(listen, isTls, pathPrefix) {
  return listen.kind === 'unix' ? `unix:${listen.path}` : `${isTls ? 'https' : 'http'}://${reachable(listen.host)}:${listen.port}${pathPrefix}`;
}
