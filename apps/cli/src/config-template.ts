import { formatProblems, hasErrors } from '@portcullis/platform-config';
import type { Command } from 'commander';
import { readFiltered } from './config.js';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';

/** `config template`: the files as the filters leave them. */
export function addTemplate(config: Command): void {
  config
    .command('template')
    .description('show the configuration files as the filters leave them, secrets that they fill in as well')
    .addHelpText('after', examples('config template --config /config/configuration.yml --config.experimental.filters template'))
    .action((_options: unknown, command: Command) => {
      show(globalsOf(command));
    });
}

function show({ files, output }: Globals): void {
  const filtered = readFiltered(files);
  if (hasErrors(filtered.problems)) throw new Failure(formatProblems(filtered.problems));
  if (filtered.problems.length > 0) process.stderr.write(`${formatProblems(filtered.problems)}\n`);
  output.answer(filtered.files, () => {
    for (const { file, text } of filtered.files) output.line(`---\n##\n## File Source Path: ${file}\n##\n\n${text}`);
  });
}
