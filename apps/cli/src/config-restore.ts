import { changesNeedingRestart, withoutOwnPlace } from '@portcullis/contracts-configuration';
import { formatProblems, hasErrors, hashOf, keepConfiguration, type KeptConfiguration } from '@portcullis/platform-config';
import { confirm } from '@inquirer/prompts';
import type { Command } from 'commander';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { hostname } from 'node:os';
import { DIRECTORY } from './config-history.js';
import { everySection, readConfiguration, readPlain } from './config.js';
import { Failure, misused } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { changesTo, type FileChange, type History, placesOf, readHistory } from './kept.js';
import { writeTogether } from './write-together.js';

interface Options {
  readonly lastGood?: boolean;
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly directory?: string;
}

/** `config restore`: the files as they were when a gateway took them. */
export function addRestore(config: Command): void {
  config
    .command('restore')
    .description('bring back the files of a configuration that was taken before; as they are now, they are kept first')
    .argument('[hash]', 'which: the beginning of its hash, as `config history` and `status` show it')
    .option('--last-good', 'the newest that was taken, is valid, and is not as the files are now')
    .option('--yes', 'write without asking')
    .option('--force', 'also one that is not valid here')
    .option(...DIRECTORY)
    .addHelpText(
      'after',
      examples('config restore --last-good', 'config restore 3f2a9c1b --yes --config /config/configuration.yml') +
        '\n\nExit codes: 0 the files are so now, 1 they are not, 2 typed wrongly.',
    )
    .action(async (hash: string | undefined, options: Options, command: Command) => {
      if ((hash === undefined) !== (options.lastGood === true)) throw misused('Name the hash of one, or --last-good.');
      await restore(hash, options, globalsOf(command));
    });
}

async function restore(hash: string | undefined, options: Options, { files, output }: Globals): Promise<void> {
  const history = await readHistory(files, options.directory);
  const wanted = hash === undefined ? lastGood(history) : byHash(history, hash);
  const changes = changesTo(wanted, history);
  if (options.force !== true) requireValid(wanted);
  const diff = changes.map(patchOf).join('\n').trimEnd();
  const needRestart = changes.length === 0 ? [] : restartsFor(history, wanted);
  if (!output.json) output.line(diff === '' ? 'The files are as they were then.' : diff);
  const mayWrite = changes.length > 0 && (options.yes === true || (await isAgreed(output.json)));
  const aside = mayWrite ? await putAside(files, history) : null;
  if (mayWrite) writeTogether(changes, wanted.directory);
  output.answer({ restored: mayWrite || changes.length === 0, name: wanted.name, hash: wanted.hash, diff, aside, needRestart }, () => {
    if (changes.length === 0) return;
    if (!mayWrite) output.line('\nNothing was written: --yes does.');
    else
      output.line(
        `\nRestored. The files of before are kept in ${history.directory}/${aside ?? ''}. Gateways that run take the rules within two seconds.`,
      );
    if (mayWrite && needRestart.length > 0) output.line(`Only after a restart: ${needRestart.join(', ')}`);
  });
  if (changes.length > 0 && !mayWrite) throw new Failure('');
}

/** Several are the same but for comments or where one gateway listens: the newest of those that are not there now. */
function byHash(history: History, hash: string): KeptConfiguration {
  const found = history.kept.filter((kept) => kept.hash.startsWith(hash) || kept.name.startsWith(hash));
  const [first] = found;
  if (first === undefined)
    throw new Failure(`None of that hash is kept in ${history.directory}: \`portcullis config history\` shows those that are.`);
  if (found.some((kept) => kept.hash !== first.hash)) throw new Failure(`Several hashes begin with ${hash}: write more of it.`);
  return found.find((kept) => changesTo(kept, history).length > 0) ?? first;
}

function lastGood(history: History): KeptConfiguration {
  const good = history.kept.find((kept) => kept.taken && changesTo(kept, history).length > 0 && !hasErrors(problemsOf(kept)));
  if (good === undefined) throw new Failure(`No other configuration that was taken and is valid is kept in ${history.directory}.`);
  return good;
}

const problemsOf = (kept: KeptConfiguration) => readConfiguration(placesOf(kept), everySection).problems;

function requireValid(kept: KeptConfiguration): void {
  const errors = problemsOf(kept).filter(({ severity }) => severity === 'error');
  if (errors.length > 0)
    throw new Failure(`That one is not valid here, so nothing was written (--force does all the same):\n${formatProblems(errors)}`);
}

const patchOf = ({ file, before, after }: FileChange): string =>
  createTwoFilesPatch(before === null ? '/dev/null' : file, after === null ? '/dev/null' : file, before ?? '', after ?? '', '', '', {
    context: 3,
    headerOptions: FILE_HEADERS_ONLY,
  });

const isAgreed = async (isScript: boolean): Promise<boolean> =>
  !isScript && process.stdin.isTTY && process.stdout.isTTY && (await confirm({ message: 'Write this?', default: false }));

/** Compared with what was taken last, which runs: the files as they are may be broken. */
function restartsFor({ kept }: History, wanted: KeptConfiguration): readonly string[] {
  const runs = kept.find(({ taken }) => taken);
  return runs === undefined ? [] : changesNeedingRestart(readPlain(placesOf(runs)).tree, readPlain(placesOf(wanted)).tree);
}

async function putAside(files: readonly string[], { directory, keep, base, now }: History): Promise<string> {
  const hash = hashOf(withoutOwnPlace(readPlain(files).tree));
  const fresh = { texts: now, base, hash, by: `config restore on ${hostname()}`, taken: false, atMs: Date.now() };
  try {
    return await keepConfiguration(directory, fresh, keep);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new Failure(`The files as they are could not be kept in ${directory}, so nothing was written: ${reason}`);
  }
}
