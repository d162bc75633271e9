// Prints what `readSettings` of settings.mjs wants to know, as JSON. A process of its own, so that the supervisor, which stays, does
// not hold everything that reading a configuration loads. Arguments: the configuration files.
import { randomBytes } from 'node:crypto';
import net from 'node:net';
import path from 'node:path';
import { inRoot } from './workspace.mjs';

const { loadConfiguration } = await import(inRoot('libs/platform/config/dist/index.js'));
const contract = await import(inRoot('libs/contracts/configuration/dist/index.js'));

const files = process.argv.slice(2);
const { tree, directory } = loadConfiguration({ files, environment: process.env, tables: contract.configurationTables });
const sections = { telemetry: contract.telemetrySection, server: contract.serverSection, session: contract.sessionSection };
const parsed = contract.parseConfiguration(tree, sections, { directory, makeSecret: () => randomBytes(32).toString('hex') });
const values = parsed.ok && {
  addresses: parsed.value.telemetry.addresses,
  listen: parsed.value.server.listen,
  isTls: parsed.value.server.tls !== null,
  pathPrefix: parsed.value.server.pathPrefix,
  portals: parsed.value.session.cookies.map(({ autheliaUrl }) => autheliaUrl).filter(Boolean),
};

/** What the services will say of ports that are taken. Asked before, for another installation there would pass for ours being ready. */
async function takenPorts({ addresses, listen: gateway }) {
  const { listen } = await import(inRoot('libs/platform/telemetry/dist/index.js'));
  const wanted = Object.entries(addresses).map(([name, address]) => ({
    ...address,
    setting: `telemetry.metrics.${name === 'gateway' ? 'address' : `${name}_address`}`,
  }));
  if (gateway.kind === 'tcp') wanted.unshift({ host: gateway.host, port: gateway.port, setting: 'server.address' });
  const tries = wanted.map(async (address) => {
    const server = net.createServer();
    await listen(server, address);
    await new Promise((resolve) => server.close(resolve));
  });
  const results = await Promise.allSettled(tries);
  return results.filter(({ status }) => status === 'rejected').map(({ reason }) => reason.message);
}

const kept = {
  directory: path.resolve(directory),
  hasRedis: Boolean(tree.session?.redis),
  hasSecret: Boolean(tree.session?.secret),
  values,
  taken: values ? await takenPorts(values) : [],
};
process.stdout.write(JSON.stringify(kept));
