import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** The clone. */
export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../..');
/** What we keep between runs: parts, fingerprints. Safe to delete. */
export const cacheDir = path.join(root, '.cache');

export const inRoot = (...names) => path.join(root, ...names);

/** Where the person stood when npm was called. */
export const callersDir = process.env.INIT_CWD ?? process.cwd();

export const isCi = Boolean(process.env.CI) && process.env.CI !== 'false';

/** Hex SHA-256 of the texts, in order. */
export function digestOf(...texts) {
  const hash = createHash('sha256');
  for (const text of texts) hash.update(`${Buffer.byteLength(text)}:`).update(text);
  return hash.digest('hex');
}

/** The file's text; undefined where there is none. */
export function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}

export function writeText(file, text, mode = 0o644) {
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, text, { mode });
}
