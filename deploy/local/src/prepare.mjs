import { build } from './build.mjs';
import { install } from './install.mjs';
import { checkMachine, continueUnderNode24, isWantedNode } from './runtime.mjs';

/** From a fresh clone to a built one, running on Node 24: dependencies, runtime, build; each only where it is missing or old. */
export async function prepare(terminal, script) {
  checkMachine();
  await install(terminal);
  if (!isWantedNode()) await continueUnderNode24(script, process.argv.slice(2));
  await build(terminal);
}
