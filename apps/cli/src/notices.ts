import type { NoticeRow } from '@portcullis/contracts-identity';
import { type Command, Option } from 'commander';
import { Failure } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { localTime } from './output.js';
import { askIdentity } from './services.js';
import { wholeNumber } from './whole-number.js';

const STATES = ['waiting', 'failed', 'delivered', 'dropped'] as const;

/** `notices list|show|retry|drop`: mails that wait, failed or went out. What they say is never shown: it opens doors. */
export function addNotices(program: Command): void {
  const notices = program.command('notices').description('mails to people: what waits, what failed');
  notices
    .command('list')
    .description('the newest notices')
    .addOption(new Option('--state <state>', 'only those').choices(STATES))
    .option('--limit <n>', 'at most so many', '50')
    .addHelpText('after', examples('notices list', 'notices list --state failed'))
    .action(async ({ state = null, limit }: { state?: (typeof STATES)[number] | null; limit: string }, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const { notices: found } = await askIdentity(globals, 'listNotices', { state, limit: wholeNumber('--limit', limit) });
      output.answer(found, () => {
        output.table(['ID', 'State', 'Title', 'To', 'Written', 'Tries', 'Last error'], found.map(row));
      });
    });
  notices
    .command('show')
    .description('one notice')
    .argument('<id>')
    .addHelpText('after', examples('notices show 01J9ZQ7M3V'))
    .action(async (id: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const reply = await askIdentity(globals, 'showNotice', { id });
      if (reply.outcome === 'unknown') throw new Failure(`There is no notice ${id}. See: portcullis notices list`);
      output.answer(reply.notice, () => {
        for (const [name, value] of details(reply.notice)) output.line(`${name.padEnd(12)}${value}`);
      });
    });
  addChange(notices, 'retry', 'try to deliver it again now', 'retryNotice', 'is on its way again');
  addChange(notices, 'drop', 'give it up: it is never delivered', 'dropNotice', 'is given up');
}

function addChange(notices: Command, name: string, description: string, operation: 'retryNotice' | 'dropNotice', done: string): void {
  notices
    .command(name)
    .description(description)
    .argument('<id>')
    .addHelpText('after', examples(`notices ${name} 01J9ZQ7M3V`))
    .action(async (id: string, _options: unknown, command: Command) => {
      const globals = globalsOf(command);
      const { output } = globals;
      const { outcome } = await askIdentity(globals, operation, { id });
      if (outcome === 'unknown') throw new Failure(`There is no notice ${id}. See: portcullis notices list`);
      if (outcome === 'already_delivered') throw new Failure(`Notice ${id} was delivered already.`);
      output.answer({ outcome }, () => {
        output.line(`Notice ${id} ${done}.`);
      });
    });
}

const row = (notice: NoticeRow): string[] => [
  notice.id,
  notice.state,
  notice.title,
  notice.recipient,
  localTime(notice.createdAtMs),
  String(notice.attempts),
  notice.lastError ?? '',
];

const details = (notice: NoticeRow): readonly (readonly [string, string])[] => [
  ['ID', notice.id],
  ['State', notice.state],
  ['Title', notice.title],
  ['User', notice.username],
  ['To', notice.recipient],
  ['Written', localTime(notice.createdAtMs)],
  ['Delivered', localTime(notice.deliveredAtMs)],
  ['Tries', String(notice.attempts)],
  ['Last error', notice.lastError ?? ''],
];
