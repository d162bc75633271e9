import type { Command } from 'commander';
import { z } from 'zod';
import { Failure } from './failure.js';
import { examples, type Globals, globalsOf } from './globals.js';
import { runService } from './services.js';
import { counted } from './words.js';

interface Options {
  readonly to: readonly string[];
  readonly dryRun?: boolean;
}

const copySchema = z.object({ from: z.string(), to: z.string(), tables: z.array(z.object({ table: z.string(), rows: z.number() })) });
type Copy = z.output<typeof copySchema>;

/** Each owns a store: second factors and all that belongs to people, and the endings of sessions. */
const OWNERS = ['identity', 'session'] as const;

/** `storage copy`: from a file to a server, or back. */
export function addCopy(storage: Command): void {
  storage
    .command('copy')
    .description('copy everything the services keep into another store that nobody has used, while none of them runs')
    .requiredOption('--to <file>', 'the configuration with the other store; repeated or with commas, as --config', collect)
    .option('--dry-run', 'only count, and say what stands in the way')
    .addHelpText('after', examples('storage copy --config configuration.yml --to server.yml', 'storage copy --to server.yml --dry-run'))
    .action(copy);
}

async function copy({ to, dryRun = false }: Options, command: Command): Promise<void> {
  const globals = globalsOf(command);
  if (Object.values(globals.store).some((value) => value !== undefined))
    throw new Failure('Both stores are taken from their configurations: leave --sqlite.path and --encryption-key away.');
  // Nothing is copied of the one where the other cannot be.
  const found = await copyAll(globals, [...to, '--dry-run']);
  const copies = dryRun ? found : await copyAll(globals, to);
  globals.output.answer(copies, () => {
    for (const each of copies) tell(globals, each);
    globals.output.line(
      dryRun
        ? 'Nothing stands in the way.'
        : 'Every row is there. Start the services with the other configuration; keep the store as it was until all is well.',
    );
  });
}

async function copyAll({ files }: Globals, args: readonly string[]): Promise<readonly Copy[]> {
  const copies: Copy[] = [];
  for (const owner of OWNERS) copies.push(copySchema.parse(JSON.parse(await runService(owner, files, args))));
  return copies;
}

function tell({ output }: Globals, { from, to, tables }: Copy): void {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  output.line(`${counted(rows, 'row')} from ${from} to ${to}\n`);
  const full = tables.filter((table) => table.rows > 0);
  if (full.length === 0) return;
  output.table(
    ['Table', 'Rows'],
    full.map((table) => [table.table, String(table.rows)]),
  );
  output.line('');
}

const collect = (value: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...value.split(',').flatMap((file) => ['--copy-to', file]),
];
