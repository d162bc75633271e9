import { Command } from 'commander';
import { addAccessControl } from './access-control.js';
import { addBans } from './bans.js';
import { addConfig } from './validate-config.js';
import { addCrypto } from './crypto.js';
import { addNotices } from './notices.js';
import { addSessions } from './sessions.js';
import { addTotp } from './totp.js';

export const VERSION = '0.1.0';

/** The whole command line. It is installed under two names, and calls itself by the one it was called by. */
export function createProgram(name = process.argv[1]?.endsWith('authelia') === true ? 'authelia' : 'portcullis'): Command {
  const program = new Command(name)
    .description('Operates a Portcullis installation: passwords, rules, second factors, bans, sessions, notices.')
    .version(`${name} ${VERSION} (Portcullis)`)
    .option(
      '-c, --config <files...>',
      'configuration files or directories, merged in this order (else X_AUTHELIA_CONFIG, then ./configuration.yml)',
      collect,
      [],
    )
    .option('--json', 'answer as JSON, for scripts')
    .showHelpAfterError('(add --help for what it takes)')
    .exitOverride();
  addCrypto(program);
  addConfig(program);
  addAccessControl(program);
  const storage = program.command('storage').description("what the identity service keeps: people's second factors, and bans");
  addTotp(storage);
  addBans(storage);
  addSessions(program);
  addNotices(program);
  program
    .command('build-info')
    .description('the version, and what it runs on')
    .action(() => {
      process.stdout.write(`Portcullis ${VERSION}\nNode ${process.versions.node}\n`);
    });
  return inherit(program);
}

/** Commands fail the way the program does. */
function inherit(command: Command): Command {
  for (const child of command.commands) inherit(child.copyInheritedSettings(command).exitOverride());
  return command;
}

const collect = (value: string, before: readonly string[]): readonly string[] => [...before, ...value.split(',')];
