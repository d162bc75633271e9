import { accessSync, constants, rmSync } from 'node:fs';
import path from 'node:path';
import { canUnpack, unpackPackages } from './debian.mjs';
import { linkProgram } from './private-program.mjs';
import { mustRun } from './run.mjs';
import { installSystemPackages } from './system-packages.mjs';
import { Refusal } from './terminal.mjs';
import { cacheDir, isCi } from './workspace.mjs';

const partsDir = path.join(cacheDir, 'parts');
const privateBin = path.join(partsDir, 'bin');
/** Servers live where an ordinary user's PATH does not look. */
const SERVER_DIRS = ['/usr/local/sbin', '/usr/sbin', '/sbin', '/opt/homebrew/bin', '/usr/local/bin', '/usr/lib/postgresql/15/bin'];

/** Real parts: the programs that will do (the first found is taken, all are linked), Debian's packages for it, and the line to type elsewhere. */
export const PARTS = {
  redis: {
    programs: ['valkey-server', 'redis-server'],
    packages: ['redis-server', 'redis-tools'],
    version: '--version',
    brew: 'valkey',
    dnf: 'valkey',
  },
  nginx: { programs: ['nginx'], packages: ['nginx-light'], version: '-v', brew: 'nginx', dnf: 'nginx' },
  caddy: { programs: ['caddy'], packages: ['caddy'], version: 'version', brew: 'caddy', dnf: 'caddy' },
  haproxy: { programs: ['haproxy'], packages: ['haproxy'], version: '-v', brew: 'haproxy', dnf: 'haproxy' },
  postgres: {
    programs: ['postgres', 'initdb'],
    packages: ['postgresql-15'],
    version: '--version',
    brew: 'postgresql@15',
    dnf: 'postgresql-server',
  },
  prometheus: {
    programs: ['prometheus', 'promtool'],
    packages: ['prometheus'],
    version: '--version',
    brew: 'prometheus',
    dnf: 'prometheus2',
  },
  fail2ban: { programs: ['fail2ban-regex'], packages: ['fail2ban'], version: '--version', brew: 'fail2ban', dnf: 'fail2ban' },
  chromium: {
    programs: ['chromium', 'chromium-browser', 'google-chrome'],
    packages: ['chromium', 'fonts-liberation'],
    version: '--version',
    brew: '--cask chromium',
    dnf: 'chromium',
  },
};

/** PATH, then servers' folders, then what was unpacked here. */
export const searchDirs = (env = process.env) => [...(env.PATH ?? '').split(path.delimiter).filter(Boolean), ...SERVER_DIRS, privateBin];

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The path of a program; undefined where it is in none of the folders. */
export const findProgram = (name, dirs = searchDirs()) => dirs.map((dir) => path.join(dir, name)).find(isExecutable);

export function findPart(name) {
  for (const program of PARTS[name].programs) {
    const found = findProgram(program);
    if (found) return found;
  }
  return undefined;
}

/** The one line to type where a part cannot be had by ourselves. */
export function lineToType(name, has = (program) => findProgram(program) !== undefined) {
  const { packages, brew, dnf } = PARTS[name];
  if (has('brew')) return `brew install ${brew}`;
  if (has('dnf')) return `sudo dnf install ${dnf}`;
  return `sudo apt-get install ${packages.join(' ')}`;
}

/** Unpacks a part into the cache, and takes it only where it runs from there (the folder may forbid that). */
async function unpackPart(terminal, name) {
  const { packages, programs, version } = PARTS[name];
  const dir = path.join(partsDir, name);
  await terminal.step(`Get ${name} (unpacked into .cache/parts; the system is not touched)`, async (say) => {
    await unpackPackages(name, packages, dir, say);
    const script = programs.map((program) => linkProgram(path.join(dir, 'root'), program, privateBin)).find(Boolean);
    if (!script) throw new Refusal(`The packages ${packages.join(', ')} hold no ${programs.join(' or ')}.`);
    await mustRun(`Trying out ${name}`, script, [version]).catch((error) => {
      rmSync(script);
      throw error;
    });
  });
}

/**
 * The path of a part: found, else unpacked privately, else (`mayInstall`; as root, after a yes or where CI is set) installed.
 * undefined where it cannot be had.
 */
export async function getPart(terminal, name, { mayInstall = false } = {}) {
  const warn = (error) => terminal.warn(error.message);
  if (findPart(name)) return findPart(name);
  if (canUnpack()) await unpackPart(terminal, name).catch(warn);
  if (mayInstall && !findPart(name) && canUnpack() && process.getuid() === 0) {
    const { packages } = PARTS[name];
    const isAllowed = isCi || (await terminal.confirm(`${name} is missing. apt-get install ${packages.join(' ')}? (No service is started.)`));
    if (isAllowed) await installSystemPackages(terminal, packages).catch(warn);
  }
  return findPart(name);
}
