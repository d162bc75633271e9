import type { Command } from 'commander';
import { join } from 'node:path';
import { allOf, type CommandEntry, describeCommands } from './command-tree.js';
import { examples, globalsOf } from './globals.js';
import { writeNewFiles } from './write-new-files.js';

/** `man --directory DIR`: a manual page for each command, made from the commands that are there. */
export function addMan(program: Command, version: string): void {
  program
    .command('man')
    .description('write the manual pages, one for each command')
    .option('-d, --directory <path>', 'where they go', 'man1')
    .option('--force', 'replace pages that are there')
    .addHelpText('after', examples('man --directory /usr/local/share/man/man1'))
    .action(({ directory, force }: { readonly directory: string; readonly force?: boolean }, command: Command) => {
      const { output } = globalsOf(command);
      const pages = manualPages(program, version).map(({ name, content }) => ({ path: join(directory, name), content, isSecret: false }));
      writeNewFiles(pages, force === true);
      const paths = pages.map(({ path }) => path);
      output.answer(paths, () => {
        output.line(`Wrote ${paths.length} manual pages into ${directory}. See: man ${join(directory, 'portcullis.1')}`);
      });
    });
}

interface Page {
  readonly name: string;
  readonly content: string;
}

export const manualPages = (program: Command, version: string): readonly Page[] =>
  allOf(describeCommands(program)).map((entry) => ({ name: `${nameOf(entry.path)}.1`, content: pageOf(entry, version) }));

const nameOf = (path: readonly string[]): string => ['portcullis', ...path].join('-');
const calledAs = (path: readonly string[]): string => ['portcullis', ...path].join(' ');

/** @see groff_man(7) */
function pageOf(entry: CommandEntry, version: string): string {
  const { path, description, commands, options, inherited, usage, examples: typed } = entry;
  const lines = [
    `.TH ${argument(nameOf(path).toUpperCase())} 1 "" ${argument(`Portcullis ${version}`)} "Portcullis"`,
    ...section('NAME', [`${text(nameOf(path))} \\- ${text(description)}`]),
    ...section('SYNOPSIS', [`.B ${argument(calledAs(path))}`, text(usage)]),
    ...(commands.length === 0
      ? []
      : section(
          'COMMANDS',
          commands.flatMap((child) => item(calledAs(child.path), child.description)),
        )),
    ...section(
      'OPTIONS',
      options.flatMap((option) => item(option.flags, optionText(option))),
    ),
    ...(inherited.length === 0
      ? []
      : section(
          'OPTIONS OF THE COMMANDS ABOVE',
          inherited.flatMap((option) => item(option.flags, optionText(option))),
        )),
    ...(typed.length === 0 ? [] : section('EXAMPLES', ['.nf', ...typed.map(text), '.fi'])),
    ...section('EXIT STATUS', ['0 done, 1 not done or the answer is no, 2 typed wrongly, 70 a fault of ours.']),
    ...section('SEE ALSO', [seeAlso(entry)]),
  ];
  return `${lines.join('\n')}\n`;
}

const section = (title: string, lines: readonly string[]): readonly string[] => [`.SH ${argument(title)}`, ...lines.filter((line) => line !== '')];
const item = (title: string, description: string): readonly string[] => [
  '.TP',
  `.B ${argument(title)}`,
  text(description === '' ? title : description),
];

function optionText({ description, defaultValue, argChoices }: CommandEntry['options'][number]): string {
  const notes = [
    ...(argChoices === undefined ? [] : [`one of ${argChoices.join(', ')}`]),
    ...(typeof defaultValue === 'string' && defaultValue !== '' ? [`default: ${defaultValue}`] : []),
  ];
  return notes.length === 0 ? description : `${description} (${notes.join('; ')})`;
}

function seeAlso({ path, commands }: CommandEntry): string {
  const above = path.length === 0 ? [] : [path.slice(0, -1)];
  return [...above, ...commands.map((child) => child.path)].map((each) => `${text(nameOf(each))}(1)`).join(', ');
}

/** Text that troff takes as it is: no escapes, and no request where a line begins with a dot or a quote. */
function text(plain: string): string {
  const escaped = plain.replaceAll('\\', '\\e').replaceAll('-', '\\-').replaceAll('’', '\\(cq').replaceAll('…', '\\&...');
  return /^[.']/.test(escaped) ? `\\&${escaped}` : escaped;
}

const argument = (plain: string): string => `"${text(plain).replaceAll('"', '\\(dq')}"`;
