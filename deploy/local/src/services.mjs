import { ask } from './ask.mjs';
import { nodeScript } from './child.mjs';
import { inRoot } from './workspace.mjs';

/** For services that are not on the hot path: less memory for a little time. */
const SMALL_HEAP = ['--max-semi-space-size=1', '--v8-pool-size=1'];
const HEALTH_MS = 1000;

/** How each app is run. Hashing passwords yields to verifying. */
const APPS = {
  'verify-gateway': {},
  identity: { niceness: 10, flags: SMALL_HEAP },
  session: { flags: SMALL_HEAP },
  notifier: { flags: SMALL_HEAP },
};

/** true, or why the service that has its management there is not ready. */
export async function isServiceReady({ host, port }) {
  try {
    const { status, text } = await ask(`http://${host}:${port}/health/ready`, HEALTH_MS);
    return status === 200 ? true : reasonsIn(text);
  } catch {
    return 'starting';
  }
}

function reasonsIn(text) {
  try {
    return JSON.parse(text).reasons.join(', ');
  } catch {
    return 'not ready';
  }
}

/** The specs of every instance, for the supervisor. `instances` as of settings.mjs. */
export function serviceSpecs({ configFiles, env, cwd, instances }) {
  const args = configFiles.flatMap((file) => ['--config', file]);
  return instances.map(({ name, service, management, env: own }) => ({
    name,
    service,
    ...nodeScript(inRoot('apps', service, 'dist', 'main.js'), args, APPS[service]),
    cwd,
    env: { ...env, ...own },
    ready: () => isServiceReady(management),
  }));
}
