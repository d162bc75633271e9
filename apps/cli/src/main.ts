import { CommanderError } from 'commander';
import { EXIT, Failure } from './failure.js';
import { idsBehindDashes } from './ids-behind-dashes.js';
import { createProgram } from './program.js';

// `portcullis … | head` reads what it wants and hangs up.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT.fault);
});

try {
  await createProgram().parseAsync(idsBehindDashes(process.argv.slice(2)), { from: 'user' });
} catch (error) {
  process.exitCode = report(error);
}

function report(error: unknown): number {
  // Commander has printed its own message, or the help that was asked for.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT.usage;
  if (error instanceof Failure) {
    if (error.message !== '') process.stderr.write(`${error.message}\n`);
    return error.exitCode;
  }
  if (error instanceof Error && error.name === 'ExitPromptError') return EXIT.interrupted;
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  return EXIT.fault;
}
