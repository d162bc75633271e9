import { existsSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startDemoBackend } from './demo-backend.mjs';
import { adminUrl, appUrl, demoConfiguration, demoRules, demoTexts, mailUrl, portalUrl, vaultUrl } from './demo-config.mjs';
import { demoProxy } from './demo-proxy.mjs';
import { demoState } from './demo-state.mjs';
import { runInstallation } from './installation.mjs';
import { freePort, freePortRange } from './ports.mjs';
import { ownDirectory } from './redis.mjs';
import { inRoot, writeText } from './workspace.mjs';

const WANTED_PORTS = [8080, 8081, 8082, 8088, 8090, 8888];
const SERVICES = 4;

/** 64 MiB, three passes, four lanes: what Authelia's users files hold by default. */
async function makeDigest(password) {
  const { hash } = await import('@node-rs/argon2');
  return hash(password, { memoryCost: 65_536, timeCost: 3, parallelism: 4 });
}

/** The environment without variables that would change the demonstration's configuration. */
export const withoutConfiguration = (env) => Object.fromEntries(Object.entries(env).filter(([name]) => !/^(X_)?(AUTHELIA|PORTCULLIS)_/.test(name)));

/** The line that brings the demonstration to the machine in front of a person who came over SSH; undefined elsewhere. */
export function sshLine(connection, port, user) {
  const host = connection?.split(' ')[2];
  return host ? `ssh -L ${port}:127.0.0.1:${port} ${user}@${host}` : undefined;
}

/** What a person needs to try it. */
export function welcome({ ports, people, proxy, dir, ssh }) {
  const rows = [
    ['Portal', portalUrl(ports.proxy)],
    ['Protected page', appUrl(ports.proxy)],
    ['With a second factor', vaultUrl(ports.proxy)],
    ['Administrators only', adminUrl(ports.proxy)],
    ...people.map(({ name, password }, index) => [index === 0 ? 'Sign in as' : 'or', `${name}   ${password ?? '(the password you have set)'}`]),
    ['Mails, as they come', mailUrl(ports.proxy)],
    ['Rules to play with', path.join(dir, 'access_control.yml')],
    ['Proxy in front', proxy],
    ...(ssh ? [['From your own machine', ssh]] : []),
  ];
  const width = Math.max(...rows.map(([label]) => label.length));
  return ['', ...rows.map(([label, value]) => `  ${label.padEnd(width)}   ${value}`), '', '  Ctrl-C stops all of it.', ''].join('\n');
}

/** The demonstration: a configuration, two people, an app, a proxy and the four services. Resolves to the exit code. */
export async function runDemo(terminal) {
  const dir = inRoot('data', 'demo');
  ownDirectory(dir);
  const ports = {
    proxy: await freePort(WANTED_PORTS),
    gateway: await freePort(),
    backend: await freePort(),
    management: await freePortRange(SERVICES),
  };
  const { secrets, people } = await demoState(dir, makeDigest);
  const configuration = path.join(dir, 'configuration.yml');
  const rules = path.join(dir, 'access_control.yml');
  writeText(configuration, demoConfiguration({ dir, ports, secrets }), 0o600);
  writeText(path.join(dir, 'assets/locales/en/portal.json'), JSON.stringify(demoTexts(ports.proxy), null, 2));
  if (!existsSync(rules)) writeText(rules, demoRules);

  const closeBackend = await startDemoBackend(ports, path.join(dir, 'mail.txt'));
  const proxy = await demoProxy(terminal, { dir, ports });
  const ssh = sshLine(process.env.SSH_CONNECTION, ports.proxy, os.userInfo().username);
  try {
    return await runInstallation(terminal, {
      configFiles: [configuration, rules],
      env: withoutConfiguration(process.env),
      cwd: dir,
      extra: proxy.spec ? [proxy.spec] : [],
      onReady: (print) => print(welcome({ ports, people, proxy: proxy.name, dir, ssh })),
    });
  } finally {
    proxy.close?.();
    closeBackend();
  }
}
