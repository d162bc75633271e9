import { configurationTables, parseConfiguration, sessionSection, upgradeMappings } from '@portcullis/contracts-configuration';
import { keepLayout, readText, rewriteYaml, type Rewriting, type TextReading } from '@portcullis/platform-config';
import { input } from '@inquirer/prompts';
import type { Command } from 'commander';
import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff';
import { readFileSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { makeSecret } from './config.js';
import { EXIT, Failure, misused } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { replaceFile } from './replace-file.js';

interface Options {
  readonly write?: boolean;
  readonly autheliaUrl?: string;
}

/** `config upgrade`: old names of one file as they are called today. */
export function addUpgrade(config: Command): void {
  config
    .command('upgrade')
    .description('write the old names in a configuration file as they are called today; comments, order and quotes stay')
    .argument('<file>', 'the configuration file')
    .option('--write', 'replace the file, and keep the one before beside it (else: show the difference)')
    .option('--authelia-url <url>', 'the address of the portal, which session.cookies has and session.domain has not')
    .addHelpText(
      'after',
      examples(
        'config upgrade /config/configuration.yml',
        'config upgrade /config/configuration.yml --authelia-url https://auth.example.com --write',
      ) + '\n\nExit codes: 0 the file holds no old names now, 1 it does: not written, or left to you, 2 typed wrongly.',
    )
    .action(async (file: string, options: Options, command: Command) => {
      await upgrade(file, options, globalsOf(command));
    });
}

async function upgrade(file: string, options: Options, { output }: Globals): Promise<void> {
  const text = attempt(`${file} cannot be read`, () => readFileSync(file, 'utf8'));
  const read = readText(text, file, configurationTables);
  const portal = await portalOf(read, options, output.json);
  const { text: upgraded, changes, left: others } = rewrite(file, text, read, portal.address);
  const left = [...others, ...portal.left];
  const diff = upgraded === text ? '' : createTwoFilesPatch(file, file, text, upgraded, '', '', { context: 3, headerOptions: FILE_HEADERS_ONLY });
  const writes = options.write === true && diff !== '';
  const backup = writes ? attempt(`${file} cannot be replaced`, () => replaceFile(file, upgraded)) : null;
  output.answer({ file, changes, left, diff, backup }, () => {
    if (diff !== '') output.line(diff.trimEnd());
    if (backup !== null) output.line(`\n${file} was rewritten; as it was, it is kept in ${backup}.`);
    else if (diff !== '') output.line('\nNothing was written: --write does.');
    else if (left.length === 0) output.line(`${file} holds no old names.`);
    for (const { line, path, message } of left) output.line(`left to you: ${file}:${line}  ${path}: ${message}`);
  });
  if (left.length > 0 || (diff !== '' && backup === null)) throw new Failure('');
}

function attempt<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new Failure(`${what}: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

interface Portal {
  /** Null: session.domain stays, or is not there. */
  readonly address: string | null;
  readonly left: readonly Rewriting[];
}

/** The address of the portal: given, or asked for where somebody sits there and the file needs it. */
async function portalOf(read: TextReading, { autheliaUrl }: Options, isScript: boolean): Promise<Portal> {
  const { session, default_redirection_url: redirection } = read.tree;
  const domain = typeof session === 'object' && session !== null && 'domain' in session ? session.domain : undefined;
  if (typeof domain !== 'string') return { address: null, left: [] };
  const leave = (path: string, message: string): Portal => ({ address: null, left: [{ path, line: read.sources.get(path)?.line ?? 1, message }] });
  const mayAsk = !isScript && process.stdin.isTTY && process.stdout.isTTY;
  const address = autheliaUrl ?? (mayAsk ? await ask(domain) : '');
  if (address === '') return leave('session.domain', `session.cookies also has the address of the portal: add --authelia-url https://auth.${domain}`);
  const tree = { session: { cookies: [{ domain, authelia_url: address, default_redirection_url: redirection }] } };
  const { problems } = parseConfiguration(tree, { session: sessionSection }, { directory: '', makeSecret });
  const wrong = problems.find(({ path }) => path.endsWith('.authelia_url'));
  if (wrong !== undefined) throw misused(`${wrong.message}${wrong.fix === undefined ? '' : `: ${wrong.fix}`}`);
  const outside = problems.find(({ path }) => path.endsWith('.default_redirection_url'));
  if (outside !== undefined) return leave('default_redirection_url', `${outside.message}: it is not used today; take it out first`);
  return { address, left: [] };
}

const ask = async (domain: string): Promise<string> =>
  (await input({ message: `The address of the portal, such as https://auth.${domain} (nothing: session.domain stays)` })).trim();

/** The text of the file with today's names, as a person laid it out where that can be; it means what it meant. */
function rewrite(file: string, text: string, read: TextReading, portal: string | null) {
  const mappings = [...configurationTables.mappings, ...upgradeMappings(read.tree, portal)];
  const result = rewriteYaml(text, mappings);
  if (!result.ok) throw new Failure(`${file}:${result.line}  ${result.message}`);
  const { before, after, changes, left } = result;
  if (changes.length === 0) return { text, changes, left };
  const tables = { ...configurationTables, mappings };
  const meant = meaning(readText(text, file, tables));
  const means = (candidate: string): boolean => isDeepStrictEqual(meaning(readText(candidate, file, tables)), meant);
  const upgraded = [keepLayout(text, before, after), after].find(means);
  if (upgraded === undefined) throw new Failure(`${file} would not mean the same any more, so nothing was changed`, EXIT.fault);
  return { text: upgraded, changes, left };
}

const meaning = ({ tree, problems }: TextReading): unknown => [
  tree,
  problems.flatMap(({ severity, path }) => (severity === 'error' ? [path] : [])).sort(),
];
