// Prints what `readSettings` of settings.mjs wants to know, as JSON. A process of its own, so that the supervisor, which stays, does
// not hold everything that reading a configuration loads. Arguments: how many of each service and whether the gateways listen apart (JSON), then the configuration files.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { clashOf, planInstances } from './scale.mjs';
import { inRoot } from './workspace.mjs';

const { loadConfiguration } = await import(inRoot('libs/platform/config/dist/index.js'));
const contract = await import(inRoot('libs/contracts/configuration/dist/index.js'));

const [wanted, ...files] = process.argv.slice(2);
const { tree, directory } = loadConfiguration({ files, environment: process.env, tables: contract.configurationTables });
const sections = { telemetry: contract.telemetrySection, server: contract.serverSection, session: contract.sessionSection };
const parsed = contract.parseConfiguration(tree, sections, { directory, makeSecret: () => randomBytes(32).toString('hex') });
const values = parsed.ok && {
  addresses: parsed.value.telemetry.addresses,
  metricsPath: parsed.value.telemetry.metricsPath,
  listen: parsed.value.server.listen,
  isTls: parsed.value.server.tls !== null,
  pathPrefix: parsed.value.server.pathPrefix,
  portals: parsed.value.session.cookies.map(({ autheliaUrl }) => autheliaUrl).filter(Boolean),
};

const { listen: listenOn } = await import(inRoot('libs/platform/telemetry/dist/index.js'));

/** Listens for a moment; what was wrong, or undefined. */
async function tryPort(address) {
  const server = net.createServer();
  try {
    await listenOn(server, address);
  } catch (error) {
    return error;
  }
  await new Promise((resolve) => server.close(resolve));
  return undefined;
}

/** Whether this system lets processes share a port. */
const canShare = async () => (await tryPort({ host: '127.0.0.1', port: 0, setting: '', reusePort: true })) === undefined;

const settingOf = (service) => `telemetry.metrics.${service === 'verify-gateway' ? 'address' : `${service}_address`}`;

/** What the services will say of ports that are taken. Asked before, for another installation there would pass for ours being ready. */
async function takenPorts(instances) {
  const clash = clashOf(instances);
  if (clash) return [clash];
  const listeners = instances.flatMap(({ listen }) =>
    listen?.kind === 'tcp' ? [{ host: listen.host, port: listen.port, setting: 'server.address' }] : [],
  );
  const wanted = [...listeners, ...instances.map(({ service, management }) => ({ ...management, setting: settingOf(service) }))];
  const distinct = [...new Map(wanted.map((address) => [`${address.host} ${address.port || Math.random()}`, address])).values()];
  return (await Promise.all(distinct.map(tryPort))).flatMap((error) => (error ? [error.message] : []));
}

const { scale, isApart } = JSON.parse(wanted);
const instances = values ? planInstances(scale, values, !isApart && (await canShare())) : [];
const kept = {
  directory: path.resolve(directory),
  hasRedis: Boolean(tree.session?.redis),
  hasSecret: Boolean(tree.session?.secret),
  values,
  instances,
  taken: await takenPorts(instances),
};
process.stdout.write(JSON.stringify(kept));
