import type { Command } from 'commander';
import { createOutput, type Output } from './output.js';

export interface Globals {
  readonly files: readonly string[];
  readonly output: Output;
}

/** The options that stand before or behind any command. */
export function globalsOf(command: Command): Globals {
  const options = command.optsWithGlobals<{ config?: readonly string[]; json?: boolean }>();
  return { files: options.config ?? [], output: createOutput(options.json ?? false) };
}

/** What `--help` ends with: the command as people type it. */
export const examples = (...lines: readonly string[]): string =>
  ['', lines.length === 1 ? 'Example:' : 'Examples:', ...lines.map((line) => `  portcullis ${line}`)].join('\n');
