import { fileURLToPath } from 'node:url';
import { mustRun } from './run.mjs';

const PRINT_SETTINGS = fileURLToPath(new URL('./print-settings.mjs', import.meta.url));
/** Addresses that mean every address are reached by this one. */
const EVERYWHERE = new Set(['', '0.0.0.0', '::']);

/**
 * What of a configuration the supervisor itself must know: whether it names a Redis and a session secret, where each service's
 * health is (host, port, by the service's name), what the gateway listens on, the portals; and what is wrong with the ports
 * (`taken`: messages). Of a configuration with errors, which are for `validate` to say, only the first two.
 */
export async function readSettings({ configFiles, env, cwd }) {
  const output = await mustRun('Reading the configuration', process.execPath, [PRINT_SETTINGS, ...configFiles], { env, cwd });
  const { values, ...settings } = JSON.parse(output);
  return values ? { ...settings, ...addressesOf(values) } : settings;
}

function addressesOf({ addresses, listen, isTls, pathPrefix, portals }) {
  const { gateway, ...others } = addresses;
  const management = Object.entries({ 'verify-gateway': gateway, ...others }).map(([name, { host, port }]) => [
    name,
    { host: reachable(host), port },
  ]);
  return { management: Object.fromEntries(management), listener: listenerOf(listen, isTls, pathPrefix), portals };
}

/** The host part of an address that reaches a listener on `host`. */
export function reachable(host) {
  if (EVERYWHERE.has(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listenerOf(listen, isTls, pathPrefix) {
  return listen.kind === 'unix' ? `unix:${listen.path}` : `${isTls ? 'https' : 'http'}://${reachable(listen.host)}:${listen.port}${pathPrefix}`;
}
