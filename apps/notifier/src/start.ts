import 'reflect-metadata';
import { formatProblems } from '@portcullis/platform-config';
import { checkOnly } from './check-only.js';
import { commandLine, isSupervised, readConfiguration } from './config.js';
import { serve } from './serve.js';

try {
  const { files, check, mailTo } = commandLine();
  const { value, problems, directory, hash } = readConfiguration(files);
  // A supervisor has told the warnings before it started the services.
  if (value === null || (problems.length > 0 && !isSupervised() && !check)) process.stderr.write(`${formatProblems(problems)}\n`);
  if (value === null) process.exit(1);
  if (check) await checkOnly(value.notifier, mailTo);
  else await serve(value, directory, hash);
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

/** What a person can mend says so in its message; anything else is a fault of ours, and its stack is wanted. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
