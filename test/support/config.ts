import { delimiter, join } from 'node:path';
import { accessSync, constants, globSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** What the harness takes from its surroundings; nothing else in the tests reads the environment. */

export const root = fileURLToPath(new URL('../..', import.meta.url));
/** Logs and screenshots of failed tests. */
export const resultsDir = process.env['TEST_RESULTS_DIR'] ?? join(root, 'test-results');
/** With CI set a missing part makes the run red; elsewhere its tests are named and skipped. */
export const strict = (process.env['CI'] ?? '') !== '';
/** Of the random attacks: how much, and from which seed; a new one for every run unless ATTACKS_SEED names it; with CI always the same, for a
 * find by chance is nothing that the change under test has done. */
export const random = {
  full: (process.env['ATTACKS_FULL'] ?? '') !== '',
  seed: Number(process.env['ATTACKS_SEED'] ?? (strict ? 461_573_594 : Math.trunc(Math.random() * 0x7fffffff))),
};
/**
 * For child processes: none of the variables that configure the product, nor of those that configure Node, but where it keeps what it
 * compiled: every test starts services, and compiling them is a quarter of that.
 */
export const cleanEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  LANG: 'C.UTF-8',
  TZ: 'UTC',
  NODE_COMPILE_CACHE: join(root, '.cache/node'),
};

/** For npm, which needs the caller's settings to reach its registry. */
export const callersEnvironment: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries(process.env).flatMap(([name, value]) => (value === undefined || name === 'CI' ? [] : [[name, value]])),
);

export type Part = 'redis' | 'nginx' | 'caddy' | 'haproxy' | 'postgres' | 'chromium' | 'prometheus' | 'promtool' | 'fail2ban';
/** No distribution that we unpack from has them: where they are missing their tests are skipped by name, with CI set as well. */
export type Tool = 'envoy' | 'traefik' | 'helm' | 'kubeconform' | 'buildah';

const parts: Readonly<Record<Part, { readonly variable: string; readonly commands: readonly string[] }>> = {
  redis: { variable: 'REDIS_SERVER_PATH', commands: ['valkey-server', 'redis-server'] },
  nginx: { variable: 'NGINX_PATH', commands: ['nginx'] },
  caddy: { variable: 'CADDY_PATH', commands: ['caddy'] },
  haproxy: { variable: 'HAPROXY_PATH', commands: ['haproxy'] },
  prometheus: { variable: 'PROMETHEUS_PATH', commands: ['prometheus'] },
  promtool: { variable: 'PROMTOOL_PATH', commands: ['promtool'] },
  fail2ban: { variable: 'FAIL2BAN_REGEX_PATH', commands: ['fail2ban-regex'] },
  postgres: { variable: 'POSTGRES_PATH', commands: ['postgres'] },
  chromium: { variable: 'CHROMIUM_PATH', commands: ['chromium', 'chromium-browser', 'google-chrome'] },
};

function executable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** Debian keeps daemons in sbin, and PostgreSQL in a folder of its version, which are not on every person's PATH. */
const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin', ...globSync('/usr/lib/postgresql/*/bin')].filter(
  (folder) => folder !== '',
);

function findCommand(command: string): string | undefined {
  const places = command.includes('/') ? [command] : folders.map((folder) => join(folder, command));
  return places.find(executable);
}

/** The path of a program; throws when there is none. */
export function programPath(command: string): string {
  const path = findCommand(command);
  if (path === undefined) throw new Error(`there is no program ${command}`);
  return path;
}

/** What to put before a command so that it ends when whoever started it is killed: Linux's parent-death signal, where its tool is there. */
export const leash: readonly string[] = [findCommand('setpriv')].flatMap((setpriv) =>
  setpriv === undefined ? [] : [setpriv, '--pdeathsig', 'TERM', '--'],
);

/** Where a part is: its variable first, then PATH; undefined when it is not there. */
export function findPart(part: Part): string | undefined {
  const { variable, commands } = parts[part];
  const given = process.env[variable];
  if (given !== undefined && given !== '') return executable(given) ? given : undefined;
  return commands.map(findCommand).find((path) => path !== undefined);
}

/** The path of a tool: `ENVOY_PATH` first, then PATH; undefined when it is not there. */
export function findTool(tool: Tool): string | undefined {
  const given = process.env[`${tool.toUpperCase()}_PATH`];
  return given === undefined || given === '' ? findCommand(tool) : given;
}

/** A folder of Kubernetes' schemas for kubeconform, a file for each kind; undefined where there is none. */
export const kubernetesSchemas = process.env['KUBERNETES_SCHEMAS'];

/** The path of a part; an error that says how to get it. */
export function needs(part: Part): string {
  const path = findPart(part);
  if (path === undefined) throw new Error(`${part} is not here: install it or set ${parts[part].variable}`);
  return path;
}
