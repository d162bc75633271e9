import { CommanderError } from 'commander';
import { EXIT, Failure } from './failure.js';
import { idsBehindDashes } from './ids-behind-dashes.js';
import { printable } from './printable.js';

const args = process.argv.slice(2);
const isHelp = args.some((arg) => arg === '--help' || arg === '-h');

try {
  // The services stay: all that the other commands load would stay with them.
  if (args.includes('all-in-one') && !isHelp && args[0] !== 'help') await (await import('./all-in-one.js')).runAllInOne(args);
  else await command();
} catch (error) {
  process.exitCode = report(error);
}

async function command(): Promise<void> {
  // `portcullis … | head` reads what it wants and hangs up.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    process.exit(error.code === 'EPIPE' ? 0 : EXIT.fault);
  });
  await (await import('./program.js')).createProgram().parseAsync(idsBehindDashes(args), { from: 'user' });
}

function report(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof Failure) {
    if (error.message !== '') process.stderr.write(`${printable(error.message)}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'ExitPromptError') return EXIT.interrupted;
  process.stderr.write(`${printable(error instanceof Error ? (error.stack ?? error.message) : String(error))}\n`);
  return EXIT.fault;
}
