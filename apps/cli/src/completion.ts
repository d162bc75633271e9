import { type Command, InvalidArgumentError } from 'commander';
import { allOf, type CommandEntry, describeCommands, takesValue } from './command-tree.js';
import { examples } from './globals.js';

const NAMES = ['portcullis', 'authelia'] as const;
const WRITERS = { bash: writeBash, zsh: writeZsh, fish: writeFish } as const;
const SHELLS = Object.keys(WRITERS);

/** `completion bash|zsh|fish`: what a shell sources, made from the commands that are there. */
export function addCompletion(program: Command): void {
  program
    .command('completion')
    .description('print what makes a shell complete these commands')
    .argument('<shell>', SHELLS.join(', '), shellOf)
    .addHelpText(
      'after',
      examples(
        'completion bash > /etc/bash_completion.d/portcullis',
        'completion zsh > "${fpath[1]}/_portcullis"',
        'completion fish > ~/.config/fish/completions/portcullis.fish',
      ),
    )
    .action((shell: keyof typeof WRITERS) => {
      process.stdout.write(WRITERS[shell](allOf(describeCommands(program))));
    });
}

function shellOf(text: string): string {
  if (!SHELLS.includes(text)) throw new InvalidArgumentError(`It is one of ${SHELLS.join(', ')}.`);
  return text;
}

/** `' storage user'`: how the scripts name a command, each word behind a blank; empty for the program. */
const placeOf = ({ path }: CommandEntry): string => path.map((word) => ` ${word}`).join('');
const optionsOf = ({ options, inherited }: CommandEntry) => [...options, ...inherited];
const flagsOf = ({ short, long }: { readonly short?: string; readonly long?: string }): readonly string[] =>
  [long, short].flatMap((flag) => flag ?? []);
const quoted = (text: string): string => `'${text.replaceAll("'", String.raw`'\''`)}'`;

interface Words {
  readonly place: string;
  /** Name and what it does. */
  readonly words: readonly (readonly [string, string])[];
}

/** What may come next at each command. */
const wordsOf = (entry: CommandEntry): Words => ({
  place: placeOf(entry),
  words: [
    ...entry.commands.map(({ path, description }) => [path.at(-1) ?? '', description] as const),
    ...optionsOf(entry).flatMap((option) => flagsOf(option).map((flag) => [flag, option.description] as const)),
  ],
});

/** The patterns of a case for options with a value, by the values they take; without any known, files. */
function valuesOf(entries: readonly CommandEntry[]): readonly (readonly [patterns: readonly string[], choices: readonly string[]])[] {
  const byChoices = new Map<string, string[]>();
  for (const entry of entries) {
    for (const option of optionsOf(entry).filter(takesValue)) {
      const choices = (option.argChoices ?? []).join(' ');
      const patterns = flagsOf(option).map((flag) => quoted(`${placeOf(entry)}:${flag}`));
      byChoices.set(choices, [...(byChoices.get(choices) ?? []), ...patterns]);
    }
  }
  return [...byChoices].map(([choices, patterns]) => [patterns, choices === '' ? [] : choices.split(' ')]);
}

const places = (entries: readonly CommandEntry[]): readonly string[] =>
  entries.filter(({ path }) => path.length > 0).map((entry) => quoted(placeOf(entry)));

function writeBash(entries: readonly CommandEntry[]): string {
  const values = valuesOf(entries).map(([patterns, choices]) => `    ${patterns.join('|')}) words=${quoted(choices.join(' '))} ;;`);
  const words = entries.map(wordsOf).map((each) => `      ${quoted(each.place)}) words=${quoted(each.words.map(([word]) => word).join(' '))} ;;`);
  return `# bash completion of portcullis
_portcullis() {
  local at='' word words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="$at \${COMP_WORDS[i]}"
    case "$word" in
      ${places(entries).join('|')}) at="$word" ;;
    esac
  done
  case "$at:\${COMP_WORDS[COMP_CWORD - 1]}" in
${values.join('\n')}
    *) case "$at" in
${words.join('\n')}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _portcullis ${NAMES.join(' ')}
`;
}

function writeZsh(entries: readonly CommandEntry[]): string {
  const described = ([word, text]: readonly [string, string]): string => quoted(`${word}:${text.replaceAll(':', String.raw`\:`)}`);
  const values = valuesOf(entries).map(
    ([patterns, choices]) =>
      `    ${patterns.join('|')}) ${choices.length === 0 ? '_files' : `compadd -- ${choices.map(quoted).join(' ')}`}; return ;;`,
  );
  const words = entries.map(wordsOf).map((each) => `    ${quoted(each.place)}) found=(${each.words.map(described).join(' ')}) ;;`);
  return `#compdef ${NAMES.join(' ')}
_portcullis() {
  local at='' word i
  local -a found
  for ((i = 2; i < CURRENT; i++)); do
    word="$at \${words[i]}"
    case "$word" in
      ${places(entries).join('|')}) at="$word" ;;
    esac
  done
  case "$at:\${words[CURRENT-1]}" in
${values.join('\n')}
  esac
  case "$at" in
${words.join('\n')}
  esac
  _describe -t commands portcullis found || _files
}
if [ "\${funcstack[1]}" = _portcullis ]; then
  _portcullis "$@"
else
  compdef _portcullis ${NAMES.join(' ')}
fi
`;
}

function writeFish(entries: readonly CommandEntry[]): string {
  const fish = (text: string): string => `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`;
  const lines = entries.flatMap((entry) => {
    const at = `complete -c portcullis -n ${fish(`__portcullis_at ${fish(placeOf(entry))}`)}`;
    return [
      ...entry.commands.map(({ path, description }) => `${at} -f -a ${fish(path.at(-1) ?? '')} -d ${fish(description)}`),
      ...optionsOf(entry).map(({ short, long, description, argChoices, required, optional }) => {
        const names = `${long === undefined ? '' : ` -l ${fish(long.slice(2))}`}${short === undefined ? '' : ` -s ${fish(short.slice(1))}`}`;
        const value = argChoices !== undefined ? ` -x -a ${fish(argChoices.join(' '))}` : required || optional ? ' -r' : '';
        return `${at}${names}${value} -d ${fish(description)}`;
      }),
    ];
  });
  return `# fish completion of portcullis
function __portcullis_at
    set -l at ''
    for word in (commandline -opc)[2..-1]
        switch "$at $word"
            case ${places(entries).join(' ')}
                set at "$at $word"
        end
    end
    test "$at" = "$argv[1]"
end
${lines.join('\n')}
complete -c authelia -w portcullis
`;
}
