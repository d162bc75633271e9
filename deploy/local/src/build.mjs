import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { mustRun } from './run.mjs';
import { ownEnvironment } from './runtime.mjs';
import { cacheDir, inRoot, readText, root, writeText } from './workspace.mjs';

const MARK = path.join(cacheDir, 'build');
/** What a build reads besides the packages themselves. */
const WORKSPACE_FILES = ['package-lock.json', 'nx.json', 'tsconfig.base.json'];
const SKIPPED_DIRS = new Set(['dist', 'node_modules', 'coverage']);

const folders = (dir) => readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());

/** The folders of the packages that are built: apps/*, libs/<kind>/*. */
function packageDirs() {
  const parents = [inRoot('apps'), ...folders(inRoot('libs')).map((kind) => inRoot('libs', kind.name))];
  return parents.flatMap((parent) => folders(parent).map((entry) => path.join(parent, entry.name)));
}

/** Every file below `dir` that can change what is built. */
function sourcesOf(dir) {
  return readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name);
    if (entry.isDirectory()) return SKIPPED_DIRS.has(entry.name) ? [] : sourcesOf(file);
    return /\.spec\.\w+$|README\.md$/.test(entry.name) ? [] : [file];
  });
}

/** One digest of everything that is compiled: names and contents, so that it holds over checkouts. */
function fingerprint(dirs) {
  const files = [...WORKSPACE_FILES.map((name) => inRoot(name)), ...dirs.flatMap(sourcesOf)].sort();
  const hash = createHash('sha256');
  for (const file of files)
    hash
      .update(`${path.relative(root, file)}\0`)
      .update(readFileSync(file))
      .update('\0');
  return hash.digest('hex');
}

/** What a package is built from, and what its build leaves. */
const ENTRIES = { 'index.ts': 'index.js', 'main.ts': 'main.js', 'main.tsx': '.vite/manifest.json' };

const isThere = (dir) =>
  Object.entries(ENTRIES).every(([source, built]) => !existsSync(path.join(dir, 'src', source)) || existsSync(path.join(dir, 'dist', built)));

/** Builds what changed since the last time; looks at nothing but the sources' fingerprint where nothing did. */
export async function build(terminal) {
  const dirs = packageDirs();
  const mark = fingerprint(dirs);
  if (readText(MARK) === mark && dirs.every(isThere)) return;
  await terminal.step('Build what changed', (say) =>
    mustRun('The build', inRoot('node_modules', '.bin', 'nx'), ['run-many', '-t', 'build', '--outputStyle=static'], {
      cwd: root,
      env: { ...ownEnvironment(), FORCE_COLOR: '0', NO_COLOR: '1' },
      onLine: (line) => /^\W*nx run /.test(line) && say(line.replace(/^\W*nx run /, '')),
    }),
  );
  writeText(MARK, mark);
}
