import { configurationMappings, type ConfigurationMapping } from './mappings.js';
import { configurationKeys, liveSections, type ConfigurationKey, type ConfigurationKeyKind } from './keys.js';
import { keyDescriptions, type KeyDescription } from './descriptions.js';
import { configurationTables } from './tables.js';

const [PREFIX, OLD_PREFIX] = configurationTables.prefixes;

const INTRODUCTION = `# Configuration

Every key, generated from the tables and schemas of \`libs/contracts/configuration\` by \`npx nx run @portcullis/contracts-configuration:docs\`; do not edit it here.

- **Editors.** [configuration.schema.json](configuration.schema.json) is the same as a JSON Schema: as the first line of your file, \`# yaml-language-server: $schema=/path/to/portcullis/docs/configuration.schema.json\`
  lets VS Code (with its YAML extension) and others complete keys and mark mistakes.
- **Check.** \`portcullis config validate --config FILE\` names every problem with its line and what to write instead; \`portcullis config upgrade FILE\` writes the names of today for old ones.
- **Files.** \`--config\` takes files and directories (their \`.yml\` and \`.yaml\` by name), repeated or joined by commas: maps merge key by key, a list replaces the one before. \`${configurationTables.overlay}\` beside
  the first is merged last: keys that are not Authelia's belong there, so that the old server still starts on its own file.
- **Variables** win over files: \`${PREFIX}…\`, or \`${OLD_PREFIX}…\` of the same name. With \`_FILE\` behind the name of a *secret* the value is read from the file it names. Lists of sections (\`[]\`) and names of
  your choice (\`*\`) have none.
- **Filters.** \`--config.experimental.filters template,expand-env\` or \`${configurationTables.filterVariables.join('`, `')}\` fill in every file before it is read; \`portcullis config template\` shows the result.
- **Durations** are seconds, or quantities with units: \`90s\`, \`15m\`, \`1h30m\`, \`1 day and 2 hours\`; \`M\` is a month of 30 days, \`m\` a minute; ns, us, ms, s, m, h, d, w, M, y.
- **Addresses** are \`scheme://host:port/path\` or \`unix:///path\`.
- **State.** *used*: it does what it says. *no effect*: it is known and changes nothing yet. *refused*: the start fails while it is set. *live*: a change takes effect while running; all other changes need a restart.
`;

const KINDS: Readonly<Record<ConfigurationKeyKind, string>> = {
  string: 'text',
  integer: 'number',
  boolean: 'true or false',
  duration: 'duration',
  'duration or word': 'duration or word',
  address: 'address',
  strings: 'list of texts',
  texts: 'list of texts',
  any: 'section',
};
const STATES = { used: 'used', accepted: 'no effect', refused: 'refused' } as const;

/** `docs/configuration.md`. */
export function configurationPage(): string {
  const paths = Object.keys(configurationKeys);
  const sections = [...new Set(paths.map(sectionOf))];
  const top = paths.filter((path) => sectionOf(path) === path && configurationKeys[path]?.kind !== 'any');
  const tables = sections
    .filter((section) => !top.includes(section))
    .map((section) => `## ${section}\n\n${keyTable(paths.filter((path) => sectionOf(path) === section))}`);
  return [INTRODUCTION, `## Keys without a section\n\n${keyTable(top)}`, ...tables, `## Old names\n\n${oldNames()}`].join('\n');
}

const sectionOf = (path: string): string => path.split('.')[0] ?? path;

function keyTable(paths: readonly string[]): string {
  const rows = paths.map((path) => {
    const key = configurationKeys[path];
    const described = keyDescriptions[path];
    return key === undefined || described === undefined ? '' : keyRow(path, key, described);
  });
  return `| key | kind | default | state | variable | meaning |\n|---|---|---|---|---|---|\n${rows.join('\n')}\n`;
}

function keyRow(path: string, { kind, state }: ConfigurationKey, { meaning, standard, otherwise, words }: KeyDescription): string {
  const isLive = liveSections.some((section) => path.startsWith(`${section}.`));
  const cells = [
    `\`${path}\``,
    words === undefined ? KINDS[kind] : [...(kind === 'duration or word' ? ['duration'] : []), ...words.map((word) => `\`${word}\``)].join(', '),
    standard === undefined ? (otherwise ?? '') : `\`${standard}\``,
    `${STATES[state]}${isLive ? ', live' : ''}`,
    variableOf(path),
    meaning,
  ];
  return `| ${cells.join(' | ')} |`;
}

function variableOf(path: string): string {
  if (/[[*]/u.test(path)) return '';
  const isSecret = configurationTables.secretNames.some((name) => path.endsWith(name));
  return `\`${PREFIX}${path.replaceAll('.', '_').toUpperCase()}\`${isSecret ? ', secret' : ''}`;
}

function oldNames(): string {
  return `| old | what becomes of it |\n|---|---|\n${configurationMappings.map(oldName).join('\n')}\n`;
}

function oldName(mapping: ConfigurationMapping): string {
  const from = typeof mapping.from === 'string' ? [mapping.from] : mapping.from;
  const names = from.map((name) => `\`${name}\``).join(', ');
  switch (mapping.kind) {
    case 'rename':
      return `| ${names} | \`${mapping.to}\`${mapping.note === undefined ? '' : `: ${mapping.note}`} |`;
    case 'combine':
      return `| ${names} | \`${mapping.to}\`: ${mapping.note} |`;
    case 'drop':
      return `| ${names} | left out: ${mapping.note} |`;
    case 'refuse':
      return `| ${names} | an error: ${mapping.note}${mapping.fix === undefined ? '' : `; ${mapping.fix}`} |`;
  }
}
