import type { Command } from 'commander';
import { createOutput, type Output } from './output.js';

export interface Globals {
  readonly files: readonly string[];
  readonly output: Output;
  readonly store: StoreOverrides;
}

/** `--encryption-key` and `--sqlite.path` of the storage commands, in the place of what is configured. */
export interface StoreOverrides {
  readonly encryptionKey?: string | undefined;
  readonly path?: string | undefined;
}

interface GlobalOptions {
  readonly config?: readonly string[];
  readonly json?: boolean;
  readonly encryptionKey?: string;
  readonly 'sqlite.path'?: string;
}

/** The options that stand before or behind any command. */
export function globalsOf(command: Command): Globals {
  const { config = [], json = false, encryptionKey, 'sqlite.path': path } = command.optsWithGlobals<GlobalOptions>();
  return { files: config, output: createOutput(json), store: { encryptionKey, path } };
}

/** What `--help` ends with: the command as people type it. */
export const examples = (...lines: readonly string[]): string =>
  ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  portcullis ${line}`)].join('\n');
