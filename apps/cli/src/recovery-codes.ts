import type { Command } from 'commander';
import { Failure } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { askIdentity } from './services.js';

/** `storage user recovery-codes …`: for somebody who lost device and codes. */
export function addRecoveryCodes(user: Command): void {
  const codes = user.command('recovery-codes').description('single-use codes that stand for a lost device');
  codes
    .command('generate')
    .description('make ten new ones for somebody who has a device, and print them; the older ones are dead')
    .argument('<username>')
    .option('--force', 'also where there are some left')
    .addHelpText('after', examples('storage user recovery-codes generate john', 'storage user recovery-codes generate john --force'))
    .action(generate);
  codes
    .command('delete')
    .description("take somebody's codes away; the device stays")
    .argument('<username>')
    .addHelpText('after', examples('storage user recovery-codes delete john'))
    .action(async (username: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const { outcome } = await askIdentity(globals, 'deleteRecoveryCodes', { username });
      if (outcome === 'none') throw new Failure(`There are no recovery codes for user '${username}'.`);
      output.answer({ outcome }, () => {
        output.line(`Successfully deleted the recovery codes of user '${username}'`);
      });
    });
}

async function generate(username: string, { force = false }: { readonly force?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { output } = globals;
  const reply = await askIdentity(globals, 'generateRecoveryCodes', { username, force });
  switch (reply.outcome) {
    case 'no_device':
      throw new Failure(`User '${username}' has no device that recovery codes could stand for. See: portcullis storage user totp generate --help`);
    case 'exists':
      throw new Failure(
        `User '${username}' has ${reply.remaining} recovery codes left. Add --force to make new ones: the present ones then stop working.`,
      );
    case 'made':
      output.answer(reply, () => {
        output.line(`Successfully generated recovery codes for user '${username}', each for one use:\n\n${reply.codes.join('\n')}`);
      });
  }
}
