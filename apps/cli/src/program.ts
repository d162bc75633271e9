import { Command } from 'commander';
import { addAccessControl } from './access-control.js';
import { addAudit } from './audit.js';
import { addBans } from './bans.js';
import { addConfig } from './validate-config.js';
import { addCompletion } from './completion.js';
import { useFilters } from './config.js';
import { addCrypto } from './crypto.js';
import { addDoctor } from './doctor.js';
import { examples } from './globals.js';
import { addIdentifiers } from './identifiers.js';
import { addInit } from './init.js';
import { addMan } from './man.js';
import { addNotices } from './notices.js';
import { addRecoveryCodes } from './recovery-codes.js';
import { addSessions } from './sessions.js';
import { addEncryption } from './storage-encryption.js';
import { addCopy } from './storage-copy.js';
import { addSchema } from './storage-schema.js';
import { addStatus } from './status.js';
import { addTotp } from './totp.js';
import { addUsers } from './users.js';
import { addWhy } from './why.js';

export const VERSION = '0.1.0';

/** The whole command line. It is installed under two names, and calls itself by the one it was called by. */
export function createProgram(name = process.argv[1]?.endsWith('authelia') === true ? 'authelia' : 'portcullis'): Command {
  const program = new Command(name)
    .description('Operates a Portcullis installation: people, passwords, rules, second factors, bans, sessions, notices.')
    .version(`${name} ${VERSION} (Portcullis)`)
    .option(
      '-c, --config <file>',
      'configuration file or directory; repeated or with commas: merged in this order (else X_AUTHELIA_CONFIG, then ./configuration.yml)',
      collect,
    )
    .option(
      '--config.experimental.filters <names>',
      'filters that files go through before they are read: template, expand-env (else X_AUTHELIA_CONFIG_FILTERS)',
      collect,
    )
    .option('--json', 'answer as JSON, for scripts')
    .addHelpText(
      'after',
      examples('validate-config --config /config/configuration.yml', 'crypto hash generate argon2', 'sessions revoke-all john', 'storage --help') +
        '\n\nExit codes: 0 done, 1 not done or the answer is no, 2 typed wrongly, 70 a fault of ours.',
    )
    .showHelpAfterError('(add --help for what it takes)')
    .hook('preAction', (_, command) => {
      const { 'config.experimental.filters': filters } = command.optsWithGlobals<{ 'config.experimental.filters'?: readonly string[] }>();
      if (filters !== undefined) useFilters(filters.join(','));
    })
    .exitOverride();
  addInit(program);
  addDoctor(program);
  addCrypto(program);
  addConfig(program);
  addAccessControl(program);
  addWhy(program);
  addStorage(program);
  addUsers(program);
  addStatus(program);
  addSessions(program);
  addNotices(program);
  addAudit(program);
  program
    .command('all-in-one')
    .description('every service in this process, with a private Redis where none is configured: for a small home')
    .addHelpText('after', examples('all-in-one --config /config/configuration.yml'));
  addCompletion(program);
  addMan(program, VERSION);
  program
    .command('build-info')
    .description('the version, and what it runs on')
    .addHelpText('after', examples('build-info'))
    .action(() => {
      process.stdout.write(`Portcullis ${VERSION}\nNode ${process.versions.node}\n`);
    });
  return program;
}

function addStorage(program: Command): void {
  const storage = program
    .command('storage')
    .description("what the identity service keeps: people's second factors, bans, identifiers, and the store itself")
    .option('--encryption-key <key>', 'the key of the store, instead of the configured one')
    .option('--sqlite.path <file>', 'the store, instead of the configured one');
  const user = storage.command('user').description("people's second factors and identifiers");
  addTotp(user);
  addRecoveryCodes(user);
  addIdentifiers(user);
  addBans(storage);
  addEncryption(storage);
  addSchema(storage);
  addCopy(storage);
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [...before, ...value.split(',')];
