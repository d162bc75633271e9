import { type OpaqueIdentifier, opaqueIdentifier } from '@portcullis/contracts-identity';
import { type Command, Option } from 'commander';
import { stringify } from 'yaml';
import { z } from 'zod';
import { Failure, misused } from './failure.js';
import { examples, globalsOf } from './globals.js';
import { askIdentity } from './services.js';
import { readExport } from './totp-files.js';
import { writeNewFiles } from './write-new-files.js';

const DEFAULT_FILE = 'authelia.export.opaque-identifiers.yml';
const SERVICES = ['openid'] as const;

/** The file that Authelia exports and imports. */
const file = z.object({
  identifiers: z
    .array(
      z.object({
        service: z.enum(SERVICES),
        sector_id: z.string().default(''),
        username: z.string().min(1),
        identifier: opaqueIdentifier.shape.identifier,
      }),
    )
    .min(1),
});

/** `storage user identifiers …` (reference 6.5): what applications know people by, for the day OpenID Connect comes. */
export function addIdentifiers(user: Command): void {
  const identifiers = user.command('identifiers').description('what applications know people by (OpenID Connect `sub`)');
  identifiers
    .command('generate')
    .description('give people identifiers; those they have stay')
    .requiredOption('--users <list>', 'who', list)
    .option('--sectors <list>', 'the sectors of pairwise identifiers; an empty one is the public one', list)
    .option('--services <list>', 'what for: openid', list)
    .addHelpText(
      'after',
      examples('storage user identifiers generate --users john,mary', 'storage user identifiers generate --users john --sectors ",example.com"'),
    )
    .action(generate);
  identifiers
    .command('add')
    .description('give somebody this identifier')
    .argument('<username>')
    .option('--identifier <uuid>', 'a UUID of version 4 (default: a random one)')
    .option('--sector <name>', 'the sector of a pairwise identifier', '')
    .addOption(new Option('--service <name>', 'what for').choices(SERVICES).default('openid'))
    .addHelpText('after', examples('storage user identifiers add john --identifier f0919359-9d15-4e15-bcba-83b41620a073'))
    .action(add);
  identifiers
    .command('export')
    .description('write all of them into a file')
    .option('-f, --file <path>', 'the file', DEFAULT_FILE)
    .option('--force', 'replace the file')
    .addHelpText('after', examples('storage user identifiers export --file identifiers.yml'))
    .action(exportAll);
  identifiers
    .command('import')
    .description('take those of a file over: all of them or none')
    .argument('[file]', 'what export wrote, here or in Authelia', DEFAULT_FILE)
    .option('--force', 'replace others that people have')
    .addHelpText('after', examples('storage user identifiers import identifiers.yml'))
    .action(importAll);
}

function list(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, ...value.split(',').map((part) => part.trim())];
}

interface GenerateOptions {
  readonly users: readonly string[];
  readonly sectors?: readonly string[];
  readonly services?: readonly string[];
}

async function generate({ users, sectors = [''], services = SERVICES }: GenerateOptions, command: Command): Promise<void> {
  const other = services.find((service) => !(SERVICES as readonly string[]).includes(service));
  if (other !== undefined) throw misused(`--services: '${other}' is not one of ${SERVICES.join(', ')}.`);
  const wishes = users.flatMap((username) => sectors.map((sectorId) => ({ service: SERVICES[0], sectorId, username, identifier: null })));
  const globals = globalsOf(command);
  const reply = await askIdentity(globals, 'addIdentifiers', { identifiers: wishes, onConflict: 'keep' });
  if (reply.outcome === 'conflict') throw conflict(reply.conflicts);
  globals.output.answer(reply, () => {
    globals.output.line(`Added ${reply.added.length} identifiers; ${reply.unchanged} were there already.`);
  });
}

interface AddOptions {
  readonly identifier?: string;
  readonly sector: string;
  readonly service: (typeof SERVICES)[number];
}

async function add(username: string, { identifier, sector, service }: AddOptions, command: Command): Promise<void> {
  if (identifier !== undefined && !opaqueIdentifier.shape.identifier.safeParse(identifier).success) {
    throw misused(`--identifier: '${identifier}' is no UUID of version 4, such as f0919359-9d15-4e15-bcba-83b41620a073.`);
  }
  const globals = globalsOf(command);
  const wish = { service, sectorId: sector, username, identifier: identifier?.toLowerCase() ?? null };
  const reply = await askIdentity(globals, 'addIdentifiers', { identifiers: [wish], onConflict: 'refuse' });
  if (reply.outcome === 'conflict') throw conflict(reply.conflicts);
  globals.output.answer(reply, () => {
    globals.output.line(`Successfully added the identifier of '${username}': ${reply.added[0]?.identifier ?? wish.identifier ?? ''}`);
  });
}

async function exportAll({ file: path, force }: { readonly file: string; readonly force?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const { identifiers } = await askIdentity(globals, 'listIdentifiers', {});
  if (globals.output.json) {
    globals.output.line(JSON.stringify(identifiers, null, 2));
    return;
  }
  if (identifiers.length === 0) throw new Failure('There is nothing to export: nobody has an identifier.');
  const rows = identifiers.map(({ service, sectorId, username, identifier }) => ({ service, sector_id: sectorId, username, identifier }));
  writeNewFiles([{ path, content: stringify({ identifiers: rows }), isSecret: true }], force === true);
  globals.output.line(`Successfully exported ${rows.length} identifiers as YAML to the file '${path}'`);
}

async function importAll(path: string, { force }: { readonly force?: boolean }, command: Command): Promise<void> {
  const globals = globalsOf(command);
  const found = readExport(path, file, 'identifiers').identifiers;
  const identifiers = found.map(({ sector_id, identifier, ...rest }) => ({ ...rest, sectorId: sector_id, identifier: identifier.toLowerCase() }));
  const reply = await askIdentity(globals, 'addIdentifiers', { identifiers, onConflict: force === true ? 'replace' : 'refuse' });
  if (reply.outcome === 'conflict') throw conflict(reply.conflicts);
  globals.output.answer(reply, () => {
    globals.output.line(`Successfully imported ${reply.added.length} identifiers from the file '${path}'; ${reply.unchanged} were there already.`);
  });
}

function conflict(there: readonly OpaqueIdentifier[]): Failure {
  const named = there.map(({ username, sectorId, identifier }) => `  ${username}${sectorId === '' ? '' : ` (${sectorId})`}: ${identifier}`);
  return new Failure(
    ['These are there already, and nothing was changed. An application that knows one of them would not know the person again:', ...named].join('\n'),
  );
}
