import type { Command } from 'commander';
import { askPassword } from './ask-password.js';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { askIdentity } from './services.js';

const WORDS = { success: 'SUCCESS', failure: 'FAILURE', unknown: 'UNKNOWN' } as const;

/** `storage encryption check|change-key` (reference 6.5). */
export function addEncryption(storage: Command): void {
  const encryption = storage.command('encryption').description('the key that second factors, codes and notices are sealed with');
  encryption
    .command('check')
    .description('tell whether the key is the one of the store; exit 1 where it is not')
    .option('--verbose', 'open every sealed value')
    .addHelpText('after', examples('storage encryption check', 'storage encryption check --verbose'))
    .action(check);
  encryption
    .command('change-key')
    .description('seal everything with another key, while no service runs; a copy of the store as it was stays beside it')
    .option('--new-encryption-key <key>', 'the new key; asked for without echo when absent')
    .addHelpText('after', examples('storage encryption change-key', 'storage encryption change-key --new-encryption-key "$(cat new-key)"'))
    .action(changeKey);
}

async function check({ verbose }: { readonly verbose?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  const { result, columns } = await askIdentity(globals, 'checkEncryption', { verbose: verbose === true });
  output.answer({ result, columns }, () => {
    output.line(`Storage Encryption Key Validation: ${WORDS[result]}`);
    if (verbose !== true) return;
    output.line('');
    const rows = columns.map(({ table, column, total, invalid }) => [
      table,
      column,
      invalid === 0 ? 'SUCCESS' : 'FAILURE',
      String(invalid),
      String(total),
    ]);
    output.table(['Table', 'Column', 'Result', 'Invalid', 'Total'], rows);
  });
  if (result === 'failure') throw new Failure('');
}

async function changeKey({ newEncryptionKey }: { readonly newEncryptionKey?: string }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  const newKey = newEncryptionKey ?? (await askPassword('Enter the new encryption key:'));
  if (newKey.length < 20) throw misused('The new key must have at least 20 characters: make one with crypto rand.');
  const reply = await askIdentity(globals, 'changeEncryptionKey', { newKey });
  if (reply.outcome === 'running')
    throw new Failure('A service runs with the present key: stop it, change the key, and start it with the new one. Nothing was changed.');
  if (reply.outcome === 'invalid') throw new Failure(`The key was not changed: ${reply.problem}.`);
  output.answer(reply, () => {
    output.line('Completed the change of the encryption key.');
    output.table(
      ['Table', 'Column', 'Sealed anew'],
      reply.columns.map(({ table, column, total }) => [table, column, String(total)]),
    );
    output.line(
      reply.backup === null
        ? '\nNo copy was made: a PostgreSQL is copied with pg_dump, and what was copied before opens with the old key.'
        : `\nThe store as it was, which the old key opens: ${reply.backup}`,
    );
    output.line(
      reply.keyFile === null
        ? 'Before you start the services: write the new key where storage.encryption_key is configured.'
        : `The new key is kept in ${reply.keyFile}: back it up.`,
    );
  });
}
