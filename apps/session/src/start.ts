import 'reflect-metadata';
import { formatProblems } from '@portcullis/platform-config';
import { commandLine, isSupervised, readConfiguration } from './config.js';
import { copyTo } from './copy-to.js';
import { serve } from './serve.js';

try {
  const { files, copyTo: target, dryRun } = commandLine();
  const isCommand = target.length > 0;
  const { value, problems, directory, hash } = readConfiguration(files);
  // A supervisor has told the warnings before it started the services.
  if (value === null || (problems.length > 0 && !isCommand && !isSupervised())) process.stderr.write(`${formatProblems(problems)}\n`);
  if (value === null) process.exit(1);
  await (isCommand ? copyTo(value, { files: target, dryRun }) : serve(value, directory, hash));
} catch (error) {
  process.stderr.write(`${describe(error)}\n`);
  process.exit(1);
}

/** What a person can mend says so in its message; anything else is a fault of ours, and its stack is wanted. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return 'code' in error ? error.message : (error.stack ?? error.message);
}
