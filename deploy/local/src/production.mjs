import { cpSync, existsSync, globSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './run.mjs';
import { withoutOwnPrograms } from './install.mjs';
import { Refusal } from './terminal.mjs';
import { inRoot, root, writeText } from './workspace.mjs';

/** What `portcullis init` copies. */
const PROXIES = ['deploy/nginx', 'deploy/caddy', 'deploy/haproxy'];

/** What runs, from `folder` where that is not its own, and what else it needs beside it: `apps` that it starts or serves, `files` that it hands out. */
const APPS = {
  'verify-gateway': { apps: ['portal'] },
  identity: {},
  session: {},
  notifier: {},
  cli: { apps: ['identity', 'notifier', 'session'], files: PROXIES },
  // The command line that runs the others in its own process, and what of `npm start` runs a private Redis.
  'all-in-one': {
    folder: 'apps/cli',
    apps: ['verify-gateway', 'identity', 'session', 'notifier', 'portal'],
    files: [...PROXIES, 'deploy/local/src'],
  },
};

export const productionApps = Object.keys(APPS);

const manifestOf = (folder) => JSON.parse(readFileSync(path.join(folder, 'package.json'), 'utf8'));

/** The folders of all packages, as the workspace names them. */
function packageFolders() {
  const patterns = manifestOf(root).workspaces.map((pattern) => `${pattern}/package.json`);
  return globSync(patterns, { cwd: root }).map((file) => path.dirname(file));
}

/** What only people and compilers read: half of what npm installs. */
const isUnread = (name) => /\.(?:d\.[cm]?ts|map|markdown|md)$|\.tsbuildinfo$/.test(name) && !/^(?:licen[cs]e|copying|notice)/i.test(name);

function removeUnread(dir) {
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) removeUnread(file);
    else if (entry.isFile() && isUnread(entry.name)) rmSync(file);
  }
}

/** A built package without its sources. */
function copyBuilt(folder, to) {
  const built = inRoot(folder, 'dist');
  if (!existsSync(built)) throw new Refusal(`${folder} is not built. Type: npm run build`);
  for (const name of ['package.json', 'dist', 'bin']) {
    if (existsSync(inRoot(folder, name))) cpSync(inRoot(folder, name), path.join(to, folder, name), { recursive: true });
  }
}

/** npm wants the file of every package of the lock, also of those that are left out. */
function copyManifests(to) {
  for (const file of ['package-lock.json', ...['.', ...packageFolders()].map((folder) => path.join(folder, 'package.json'))])
    cpSync(inRoot(file), path.join(to, file));
}

/**
 * One app as it is shipped, in `to`: what it needs of this workspace, built, and of npm what the lock says, without anything that only builds
 * and tests need. It runs from there with Node 24 alone: `node main.mjs`. Returns its version.
 */
export async function makeProduction(app, to) {
  if (!APPS[app]) throw new Refusal(`There is no app ${app}; there are ${productionApps.join(', ')}.`);
  if (existsSync(to) && readdirSync(to).length > 0) throw new Refusal(`${to} is not empty.`);
  const { folder = `apps/${app}`, apps = [], files = [] } = APPS[app];
  const main = existsSync(inRoot(folder, 'bin')) ? `${folder}/bin/portcullis.mjs` : `${folder}/dist/main.js`;
  mkdirSync(to, { recursive: true });
  copyManifests(to);
  // The pages of the portal are built files: nothing of npm's is loaded for them.
  const installed = [folder, ...apps.filter((each) => each !== 'portal').map((each) => `apps/${each}`)];
  const workspaces = installed.flatMap((each) => ['--workspace', each]);
  const options = ['--include-workspace-root=false', '--omit=dev', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await mustRun('npm ci', 'npm', ['ci', ...workspaces, ...options], { cwd: to, env: withoutOwnPrograms(process.env) });
  const linked = packageFolders().filter((each) => existsSync(path.join(to, 'node_modules', manifestOf(inRoot(each)).name)));
  for (const name of ['apps', 'libs', 'deploy', 'test', 'package-lock.json', 'node_modules/.package-lock.json'])
    rmSync(path.join(to, name), { recursive: true, force: true });
  for (const each of new Set([...linked, ...apps.map((name) => `apps/${name}`)])) copyBuilt(each, to);
  for (const file of files) cpSync(inRoot(file), path.join(to, file), { recursive: true, filter: (source) => !/\.spec\.\w+$/.test(source) });
  cpSync(inRoot('LICENSE'), path.join(to, 'LICENSE'));
  const { version, license } = manifestOf(inRoot(folder));
  writeText(path.join(to, 'package.json'), `${JSON.stringify({ name: `portcullis-${app}`, version, license, private: true, type: 'module' })}\n`);
  writeText(path.join(to, 'main.mjs'), `import './${main}';\n`);
  removeUnread(to);
  return version;
}
