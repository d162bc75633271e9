import { createReadStream, existsSync, readdirSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';

/** One line of a log, by the names of its fields. */
export type LogLine = Readonly<Record<string, string>>;

/** The lines that carry a request id, oldest first. */
export async function linesOf(input: Readable, requestId: string): Promise<readonly LogLine[]> {
  const found: LogLine[] = [];
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    if (!line.includes(requestId)) continue;
    const read = readLogLine(line);
    if (read?.['request_id'] === requestId) found.push(read);
  }
  return found;
}

/** A line in either format, also with what `docker compose logs` puts in front, or inside what Docker keeps in its files. */
function readLogLine(line: string): LogLine | null {
  const brace = line.indexOf('{');
  const time = line.indexOf('time="');
  if (time >= 0 && (brace < 0 || time < brace)) return readText(line.slice(time));
  return brace < 0 ? null : readJson(line.slice(brace));
}

function readJson(text: string): LogLine | null {
  try {
    const read: unknown = JSON.parse(text);
    if (typeof read !== 'object' || read === null) return null;
    if ('log' in read && typeof read.log === 'string') return readLogLine(read.log);
    return Object.fromEntries(Object.entries(read).map(([name, value]) => [name, String(value)]));
  } catch {
    return null;
  }
}

function readText(text: string): LogLine {
  const fields = [...text.matchAll(/([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|(\S*))/g)];
  return Object.fromEntries(fields.map(([, name = '', quoted, bare = '']) => [name, quoted === undefined ? bare : unescape(quoted)]));
}

const SHORT: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' };
const unescape = (quoted: string): string =>
  quoted.replaceAll(/\\(?:u([0-9a-f]{4})|(.))/g, (_, code: string | undefined, letter: string) =>
    code === undefined ? (SHORT[letter] ?? letter) : String.fromCharCode(Number.parseInt(code, 16)),
  );

/** The log file of a configuration, and those that were moved away from it: the newest first. */
export function logFiles(filePath: string | null): readonly string[] {
  if (filePath === null) return [];
  const directory = dirname(filePath);
  const shape = basename(filePath)
    .split(/%d|\{datetime(?::[^}]+)?\}/)
    .map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('.*');
  if (!existsSync(directory)) return [];
  const names = readdirSync(directory).filter((name) => new RegExp(`^${shape}(?:[.-]\\d[\\w.-]*)?(?:\\.gz)?$`).test(name));
  return names
    .sort((a, b) => Number(b === basename(filePath)) - Number(a === basename(filePath)) || a.localeCompare(b))
    .map((name) => join(directory, name));
}

export function openLog(file: string): Readable {
  const raw = createReadStream(file);
  if (!file.endsWith('.gz')) return raw;
  const plain = createGunzip();
  raw.on('error', (error) => plain.destroy(error));
  return raw.pipe(plain);
}
