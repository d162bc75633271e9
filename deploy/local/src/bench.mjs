import { fileURLToPath } from 'node:url';
import { getPart, lineToType } from './parts.mjs';
import { prepare } from './prepare.mjs';
import { run } from './run.mjs';
import { ownEnvironment } from './runtime.mjs';
import { Refusal, createTerminal } from './terminal.mjs';
import { inRoot, root } from './workspace.mjs';

/** What is measured stands in front of or behind these; each by the variable that tells the bench where it is. */
const NEEDED = { REDIS_SERVER_PATH: 'redis', NGINX_PATH: 'nginx', CADDY_PATH: 'caddy', HAPROXY_PATH: 'haproxy' };

/** `npm run bench`: from a fresh clone to the figures. Resolves to the exit code. */
async function bench(terminal, args) {
  await prepare(terminal, fileURLToPath(import.meta.url));
  const places = {};
  for (const [variable, name] of Object.entries(NEEDED)) {
    places[variable] = process.env[variable] ?? (await getPart(terminal, name, { mayInstall: true }));
    if (!places[variable]) throw new Refusal(`${name} is missing. To have it: ${lineToType(name)}`);
  }
  const { code } = await run(process.execPath, [inRoot('test', 'bench', 'run.mjs'), ...args], {
    cwd: root,
    env: { ...ownEnvironment(), ...places },
    inherit: true,
  });
  return code;
}

const terminal = createTerminal();
try {
  process.exitCode = await bench(terminal, process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Refusal)) throw error;
  terminal.print(error.message);
  process.exitCode = 1;
}
