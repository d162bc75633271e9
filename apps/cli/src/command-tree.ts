import { type Argument, type Command, Help, type Option } from 'commander';

/** One command as completion and man pages tell of it; hidden ones are left out. */
export interface CommandEntry {
  /** `storage user totp`; empty for the program. */
  readonly path: readonly string[];
  readonly description: string;
  readonly commands: readonly CommandEntry[];
  /** Its own. */
  readonly options: readonly Option[];
  /** Those of the commands above, which are taken here too. */
  readonly inherited: readonly Option[];
  readonly arguments: readonly Argument[];
  /** How it is called, without the options that are listed. */
  readonly usage: string;
  /** As `--help` ends with them. */
  readonly examples: readonly string[];
}

const help = new Help();

/** The whole command line, from the program that runs it: nothing is listed by hand. */
export function describeCommands(command: Command, path: readonly string[] = [], inherited: readonly Option[] = []): CommandEntry {
  const options = help.visibleOptions(command);
  const isHelp = ({ long }: Option): boolean => long === '--help' || long === '--version';
  const below = [...inherited, ...options.filter((option) => !isHelp(option))];
  const commands = help.visibleCommands(command).filter((child) => child.name() !== 'help');
  return {
    ...{ path, description: command.description(), options, inherited },
    commands: commands.map((child) => describeCommands(child, [...path, child.name()], below)),
    arguments: command.registeredArguments,
    usage: command.usage(),
    examples: examplesOf(command),
  };
}

/** The command itself and all below it. */
export const allOf = (entry: CommandEntry): readonly CommandEntry[] => [entry, ...entry.commands.flatMap(allOf)];

export const takesValue = ({ required, optional }: Option): boolean => required || optional;

function examplesOf(command: Command): readonly string[] {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  command.configureOutput({ writeOut: write, writeErr: write }).outputHelp();
  const [, after = ''] = /^Examples?:\n((?: {2}.*\n)+)/m.exec(text) ?? [];
  return after.split('\n').flatMap((line) => (line === '' ? [] : [line.slice(2)]));
}
