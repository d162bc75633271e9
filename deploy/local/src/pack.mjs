import path from 'node:path';
import { makeProduction } from './production.mjs';
import { Refusal } from './terminal.mjs';
import { callersDir } from './workspace.mjs';

// node deploy/local/src/pack.mjs APP DIRECTORY: a built app as it is shipped, for an image.
const [app, directory] = process.argv.slice(2);
try {
  if (!directory) throw new Refusal('Name an app and a directory that is empty or not there: node deploy/local/src/pack.mjs identity /tmp/identity');
  await makeProduction(app, path.resolve(callersDir, directory));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
