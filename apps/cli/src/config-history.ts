import type { Command } from 'commander';
import { examples, type Globals, globalsOf } from './globals.js';
import { changesSince, changesTo, type History, readHistory } from './kept.js';
import { localTime } from './output.js';

export const DIRECTORY = ['--directory <directory>', 'where they are kept (else configuration_history.directory)'] as const;
const SHOWN_OF_HASH = 12;
const MOST_PATHS = 4;

/** `config history`: the configurations that were taken, and what each changed. */
export function addHistory(config: Command): void {
  config
    .command('history')
    .description('the configurations that the gateways of this machine took, newest first, and what each changed')
    .option(...DIRECTORY)
    .addHelpText('after', examples('config history --config /config/configuration.yml', 'config history --json'))
    .action(async ({ directory }: { directory?: string }, command: Command) => {
      const globals = globalsOf(command);
      tell(await readHistory(globals.files, directory), globals);
    });
}

function tell(history: History, { output }: Globals): void {
  const { directory, kept } = history;
  const rows = kept.map((each, index) => {
    const { name, atMs, hash, by, taken, files } = each;
    const isNow = changesTo(each, history).length === 0;
    return { name, atMs, hash, by, taken, isNow, changes: changesIn(kept, index), files: files.map(({ file }) => file) };
  });
  output.answer({ directory, configurations: rows }, () => {
    if (rows.length === 0) {
      output.line(nothingKept(history));
      return;
    }
    output.table(
      ['Kept', 'Configuration', 'By', 'Changed', ''],
      rows.map(({ atMs, hash, by, taken, changes, isNow }) => [
        localTime(atMs),
        hash.slice(0, SHOWN_OF_HASH),
        by,
        taken ? summary(changes) : '',
        [...(isNow ? ['as the files are now'] : []), ...(taken ? [] : ['put aside, not taken'])].join(', '),
      ]),
    );
    if (!rows.some(({ isNow }) => isNow))
      output.line(
        '\nThe files are as none of these now: not taken, or no gateway has run on them. `portcullis validate-config` says whether they are valid.',
      );
  });
}

/** Against the one that was taken before it; null: there is none, or it was not taken itself. */
function changesIn(kept: History['kept'], index: number): readonly string[] | null {
  const each = kept[index];
  const before = kept.slice(index + 1).find(({ taken }) => taken);
  return each?.taken === true && before !== undefined ? changesSince(before, each) : null;
}

function summary(changes: readonly string[] | null): string {
  if (changes === null) return 'the first that is kept';
  if (changes.length === 0) return 'comments or layout';
  const more = changes.length - MOST_PATHS;
  return more > 0 ? `${changes.slice(0, MOST_PATHS).join(', ')} and ${more} more` : changes.join(', ');
}

const nothingKept = ({ directory, keep }: History): string =>
  keep === 0
    ? 'No configuration is kept: configuration_history.keep is 0.'
    : `No configuration is kept in ${directory} yet. A gateway keeps each one that it takes there, if it may write there; where it may not,
write another folder, in portcullis.yml:

configuration_history:
  directory: /var/lib/portcullis/configurations`;
