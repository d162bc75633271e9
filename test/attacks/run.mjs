// npm run test:attacks [-- --full] [-- --seed N] [-- -t 'attack 23:']: every attack against the running services; writes docs/security/attacks.md.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { full: { type: 'boolean' }, seed: { type: 'string' }, testNamePattern: { type: 'string', short: 't' } } });
const env = {
  ...process.env,
  ...(values.full ? { ATTACKS_FULL: '1' } : {}),
  ...(values.seed === undefined ? {} : { ATTACKS_SEED: values.seed }),
};
const filters = ['test/attacks/', ...(values.testNamePattern === undefined ? ['--update'] : ['-t', values.testNamePattern])];
const script = fileURLToPath(new URL('../../deploy/local/src/test.mjs', import.meta.url));
process.exitCode = spawnSync(process.execPath, [script, ...filters], { env, stdio: 'inherit' }).status ?? 1;
