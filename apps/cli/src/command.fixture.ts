import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Committed, so that npm can link it under both names. */
export const BIN = fileURLToPath(new URL('../bin/portcullis.mjs', import.meta.url));
export const MAIN = fileURLToPath(new URL('../dist/main.js', import.meta.url));
const APPS = fileURLToPath(new URL('../../', import.meta.url));

/** Of every command and service that a test starts. Node keeps what it compiled: a start takes a quarter less. */
export const ENVIRONMENT = { TZ: 'UTC', NODE_COMPILE_CACHE: join(APPS, '../.cache/node') };

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

export interface How {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What comes by a pipe. */
  readonly input?: string;
}

/** The built command, typed with these words. */
export async function portcullis(words: readonly string[], how: How = {}, program = MAIN): Promise<Ended> {
  if (!existsSync(MAIN)) throw new Error(`${MAIN} is not there: run \`nx run @portcullis/cli:build\` first`);
  const child = spawn(process.execPath, [program, ...words], {
    cwd: how.cwd,
    env: { ...ENVIRONMENT, ...how.env },
    timeout: 30_000,
    killSignal: 'SIGKILL',
  });
  child.stdin.on('error', () => undefined);
  child.stdin.end(how.input ?? '');
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code: child.exitCode, out, err };
}

export const appMain = (app: string): string => join(APPS, app, 'dist/main.js');
