import { formatProblems, hasErrors, type Problem } from '@portcullis/platform-config';
import type { Command } from 'commander';
import { addHistory } from './config-history.js';
import { addRestore } from './config-restore.js';
import { addTemplate } from './config-template.js';
import { addUpgrade } from './config-upgrade.js';
import { everySection, readConfiguration, tlsProblems, usersProblems } from './config.js';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { peopleWarnings } from './people.js';

/** The group `config`: `config validate` and its old name `validate-config`: every problem of every file in one report; exit 1 on errors alone. */
export function addConfig(program: Command): void {
  const config = program.command('config').description('the configuration files');
  for (const [parent, name] of [
    [config, 'validate'],
    [program, 'validate-config'],
  ] as const) {
    parent
      .command(name)
      .description('check the configuration and the users file, and name everything that is wrong')
      .addHelpText('after', examples(`${parent === program ? '' : 'config '}${name} --config /config/configuration.yml`))
      .action((_options: unknown, command: Command) => {
        validate(globalsOf(command));
      });
  }
  addTemplate(config);
  addUpgrade(config);
  addHistory(config);
  addRestore(config);
}

function validate({ files, output }: Globals): void {
  const problems = allProblems(files);
  const failed = hasErrors(problems);
  const state = failed ? 'with errors' : problems.length > 0 ? 'with warnings' : 'without errors';
  output.answer({ valid: !failed, problems }, () => {
    output.line(
      `Configuration parsed and loaded successfully ${state}${problems.length > 0 ? ':' : '.'}`.replace('successfully with errors', 'with errors'),
    );
    if (problems.length > 0) output.line(`\n${formatProblems(problems)}`);
  });
  if (failed) throw new Failure('');
}

/** The users file is looked at even where the rest is broken, as long as its place is known; so are the certificates. */
export function allProblems(files: readonly string[]): readonly Problem[] {
  const problems = [...readConfiguration(files, everySection).problems, ...tlsProblems(files)];
  const { value } = readConfiguration(files, { authenticationBackend: everySection.authenticationBackend });
  if (value === null) return problems;
  const { usersFile, search } = value.authenticationBackend;
  return [...problems, ...(usersFile === null ? [] : usersProblems(usersFile, search)), ...peopleWarnings(files)];
}
