import { existsSync, lstatSync, mkdirSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { writeText } from './workspace.mjs';

/** Where Debian puts programs; chromium's own, for the one in usr/bin is a script that names absolute paths. */
const PROGRAM_DIRS = ['usr/lib/chromium', 'usr/lib/postgresql/15/bin', 'usr/sbin', 'usr/bin'];

const quoted = (text) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Every folder below usr/lib and lib that holds shared libraries, the outer ones first. */
export function libraryDirs(root) {
  const found = [];
  const visit = (dir, depth) => {
    const entries = readdirSync(dir, { withFileTypes: true });
    if (entries.some((entry) => !entry.isDirectory() && /^lib.*\.so(\.|$)/.test(entry.name))) found.push({ dir, depth });
    if (depth < 2) for (const entry of entries) if (entry.isDirectory()) visit(path.join(dir, entry.name), depth + 1);
  };
  for (const top of ['usr/lib', 'lib']) {
    const dir = path.join(root, top);
    if (existsSync(dir) && !lstatSync(dir).isSymbolicLink()) visit(dir, 0);
  }
  return found.sort((a, b) => a.depth - b.depth).map(({ dir }) => dir);
}

const fontConfiguration = (root) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>/usr/share/fonts</dir><dir>${root}/usr/share/fonts</dir><cachedir>${root}/var/cache/fontconfig</cachedir></fontconfig>
`;

/** Writes a script into `binDir` that runs the unpacked program with its unpacked libraries, modules and fonts; undefined where `root` has none of that name. */
export function linkProgram(root, program, binDir) {
  const file = PROGRAM_DIRS.map((dir) => path.join(root, dir, program)).find((candidate) => existsSync(candidate));
  if (!file) return undefined;
  const lines = ['#!/bin/sh', `export LD_LIBRARY_PATH=${quoted(libraryDirs(root).join(':'))}\${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}`];
  if (existsSync(path.join(root, 'usr/share/fonts'))) {
    const fonts = path.join(root, 'fonts.conf');
    writeText(fonts, fontConfiguration(root));
    lines.push(`[ -e /etc/fonts/fonts.conf ] || export FONTCONFIG_FILE=${quoted(fonts)}`);
  }
  const modules = path.join(root, 'usr/lib/python3/dist-packages');
  if (existsSync(modules)) lines.push(`export PYTHONPATH=${quoted(modules)}`);
  lines.push(`exec ${quoted(file)} "$@"`, '');
  const script = path.join(binDir, program);
  mkdirSync(binDir, { recursive: true });
  writeText(script, lines.join('\n'), 0o755);
  return script;
}
