import { existsSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './run.mjs';
import { digestOf, inRoot, readText, root, writeText } from './workspace.mjs';

const MARK = inRoot('node_modules', '.portcullis-lock');

/**
 * Whether what npm installed (its hidden lock) is what the lock asks for: same versions, same workspaces. Optional packages may
 * be missing, for most are for other machines.
 */
export function agrees(lock, hidden) {
  return Object.entries(lock.packages).every(([name, wanted]) => {
    if (!name.startsWith('node_modules/')) return true;
    const got = hidden.packages[name];
    if (!got) return Boolean(wanted.optional || wanted.devOptional);
    return wanted.link ? got.link === true : got.version === wanted.version && got.integrity === wanted.integrity;
  });
}

function isInstalled(lockText, mark) {
  if (readText(MARK) === mark) return true;
  const hidden = readText(inRoot('node_modules', '.package-lock.json'));
  return hidden !== undefined && agrees(JSON.parse(lockText), JSON.parse(hidden));
}

/** The environment without this clone's own programs: npm must not run on a Node that it is about to replace. */
export function withoutOwnPrograms(env) {
  const own = inRoot('node_modules', '.bin');
  const PATH = (env.PATH ?? '').split(path.delimiter).filter((dir) => path.resolve(dir) !== own);
  return { ...env, PATH: PATH.join(path.delimiter) };
}

/** `npm ci` where node_modules is not what the lock says; nothing elsewhere. */
export async function install(terminal) {
  const lockText = readText(inRoot('package-lock.json'));
  const mark = digestOf(lockText);
  if (!isInstalled(lockText, mark)) {
    const title = existsSync(inRoot('node_modules')) ? 'Dependencies have changed: npm ci' : 'Dependencies: npm ci (once; a minute or two)';
    await terminal.step(title, () =>
      mustRun('npm ci', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, env: withoutOwnPrograms(process.env) }),
    );
  }
  if (readText(MARK) !== mark) writeText(MARK, mark);
}
