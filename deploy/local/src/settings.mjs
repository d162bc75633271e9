import { randomBytes } from 'node:crypto';
import path from 'node:path';
import { inRoot } from './workspace.mjs';

/** Addresses that mean every address are reached by this one. */
const EVERYWHERE = new Set(['', '0.0.0.0', '::']);

/**
 * What of a configuration the supervisor itself must know: whether it names a Redis and a session secret, where each service's
 * health is (host, port, by the service's name), what the gateway listens on, the portals. Of a configuration with errors, which
 * are for `validate` to say, only the first two.
 */
export async function readSettings(configFiles, env) {
  const { loadConfiguration } = await import(inRoot('libs/platform/config/dist/index.js'));
  const contract = await import(inRoot('libs/contracts/configuration/dist/index.js'));
  const { tree, directory } = loadConfiguration({ files: configFiles, environment: env, tables: contract.configurationTables });
  const { telemetrySection, serverSection, sessionSection } = contract;
  const sections = { telemetry: telemetrySection, server: serverSection, session: sessionSection };
  const makeSecret = () => randomBytes(32).toString('hex');
  const parsed = contract.parseConfiguration(tree, sections, { directory, makeSecret });
  return {
    directory: path.resolve(directory),
    hasRedis: Boolean(tree.session?.redis),
    hasSecret: Boolean(tree.session?.secret),
    ...(parsed.ok ? addressesOf(parsed.value) : {}),
  };
}

function addressesOf({ telemetry, server, session }) {
  const { gateway, ...others } = telemetry.addresses;
  const management = Object.entries({ 'verify-gateway': gateway, ...others }).map(([name, { host, port }]) => [
    name,
    { host: reachable(host), port },
  ]);
  return {
    management: Object.fromEntries(management),
    listener: listenerOf(server),
    portals: session.cookies.map(({ autheliaUrl }) => autheliaUrl).filter(Boolean),
  };
}

/** The host part of an address that reaches a listener on `host`. */
export function reachable(host) {
  if (EVERYWHERE.has(host)) return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

function listenerOf({ listen, pathPrefix }) {
  return listen.kind === 'unix' ? `unix:${listen.path}` : `http://${reachable(listen.host)}:${listen.port}${pathPrefix}`;
}
