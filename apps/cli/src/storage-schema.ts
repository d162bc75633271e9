import type { Command } from 'commander';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { localTime } from './output.js';
import { askIdentity } from './services.js';
import { wholeNumber } from './whole-number.js';

/** `storage migrate …` and `storage schema-info` (reference 6.5). */
export function addSchema(storage: Command): void {
  const migrate = storage.command('migrate').description('the tables of the store');
  migrate
    .command('up')
    .description('bring the store up to date; the service does the same when it starts')
    .option('-t, --target <n>', 'the version to reach')
    .addHelpText('after', examples('storage migrate up'))
    .action(up);
  migrate
    .command('down')
    .description('go back to an older version: by a copy of the store, not by a command')
    .option('-t, --target <n>', 'the version to go back to')
    .option('--destroy-data', 'accepted, and not needed')
    .addHelpText('after', examples('storage migrate down --target 3'))
    .action(() => {
      throw new Failure(
        'The tables of the store are only ever added to, and the version before works with them as they are: start it. An older one may need the copy of the store from before the update; nothing was changed.',
      );
    });
  migrate
    .command('list-up')
    .description('what would be added to the store')
    .addHelpText('after', examples('storage migrate list-up'))
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { available } = await describe(globals);
      listed(globals, 'Up', available);
    });
  migrate
    .command('list-down')
    .description('what could be taken away again: nothing')
    .addHelpText('after', examples('storage migrate list-down'))
    .action((_options: unknown, command: Command) => {
      listed(globalsOf(command), 'Down', []);
    });
  migrate
    .command('history')
    .description('what was added to the store, and when')
    .addHelpText('after', examples('storage migrate history'))
    .action(async (_options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { history } = await describe(globals);
      globals.output.answer(history, () => {
        globals.output.table(
          ['Version', 'Date', 'Description'],
          history.map(({ version, atMs, name }) => [String(version), localTime(atMs), name]),
        );
      });
    });
  storage
    .command('schema-info')
    .description('the version of the tables, which there are, and whether the key is theirs')
    .addHelpText('after', examples('storage schema-info'))
    .action(info);
}

const describe = (globals: Globals) => askIdentity(globals, 'describeSchema', {});

async function up({ target }: { readonly target?: string }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  const before = await describe(globals);
  const wanted = wholeNumber('--target', target) ?? before.latest;
  if (wanted !== before.latest)
    throw new Failure(`This version works with the tables of version ${before.latest} alone, not ${wanted}; nothing was changed.`);
  // Whoever opens the store brings it up to date.
  if (before.available.length > 0) await askIdentity(globals, 'listBans', { kind: 'user' });
  const after = await describe(globals);
  output.answer({ before: before.version, after: after.version }, () => {
    output.line(
      before.version === after.version
        ? `The store is up to date: version ${after.version}.`
        : `Brought the store from version ${before.version} to ${after.version}.`,
    );
  });
}

function listed({ output }: Globals, direction: 'Up' | 'Down', migrations: readonly { readonly version: number; readonly name: string }[]): void {
  output.answer(migrations, () => {
    output.line(`Storage Schema Migration List (${direction})\n`);
    if (migrations.length === 0) output.line('No Migrations Available');
    else
      output.table(
        ['Version', 'Description'],
        migrations.map(({ version, name }) => [String(version), name]),
      );
  });
}

const KEY_WORDS = { success: 'valid', failure: 'invalid', unknown: 'unknown' } as const;

async function info(_options: unknown, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { version, latest, tables } = await describe(globals);
  // A store that is not there is not made to look at it.
  const { result } = version === 0 ? { result: 'unknown' as const } : await askIdentity(globals, 'checkEncryption', { verbose: false });
  const answer = { version, latest, upgradeAvailable: version < latest, tables, encryptionKey: KEY_WORDS[result] };
  globals.output.answer(answer, () => {
    globals.output.line(`Schema Version: ${version === 0 ? 'N/A' : version}`);
    globals.output.line(`Schema Upgrade Available: ${version < latest ? `yes - version ${latest}` : 'no'}`);
    globals.output.line(`Schema Tables: ${tables.length === 0 ? 'N/A' : tables.join(', ')}`);
    globals.output.line(`Schema Encryption Key: ${answer.encryptionKey}`);
  });
}
