import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './config.js';
import { freePorts } from './free-port.js';
import { serviceNames, type ServiceName } from './portcullis.js';
import { type FilesOptions, type WrittenFiles, writePortcullisFiles } from './portcullis-files.js';
import type { RunningRedis } from './redis.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

/** Metrics and health of the second instance of each service are that far above those of the first, and so on. */
const MANAGEMENT_STEP = 10;

export interface ScaledOptions extends FilesOptions {
  readonly redis: RunningRedis;
  readonly scale: Readonly<Record<ServiceName, number>>;
  readonly env?: Readonly<Record<string, string>>;
  /** The gateways on ports in a row. */
  readonly apart?: boolean;
}

export interface RunningScaled extends Omit<WrittenFiles, 'prefix'> {
  readonly dir: string;
  /** Of all the gateways together. */
  readonly base: string;
  readonly supervisor: RunningProcess;
  /** `identity`, `identity-2`, and so on. */
  readonly names: readonly string[];
  /** The process that is an instance now; undefined while there is none. Linux only. */
  pidOf(name: string): number | undefined;
  /** Where its metrics and health are. */
  management(name: string): string;
}

/** `npm start -- --config FILE --scale …` on random ports; resolves when all of it is ready. */
export async function startScaled({ redis, scale, env = {}, apart = false, ...given }: ScaledOptions): Promise<RunningScaled> {
  const dir = tempDir('scaled');
  const port = await freePorts(scale['verify-gateway']);
  const most = Math.max(...Object.values(scale));
  const managementPort = await freePorts((most - 1) * MANAGEMENT_STEP + serviceNames.length);
  const { configFile, usersFile, mailFile } = writePortcullisFiles(given, { dir, port, managementPort, redis: redis.settings });
  const text = Object.entries(scale)
    .map(([name, count]) => `${name}=${count}`)
    .join(',');
  const args = [join(root, 'deploy/local/src/start.mjs'), '--config', configFile, '--scale', text, ...(apart ? ['--apart'] : [])];
  const options = { name: 'start', cwd: dir, env: { HOME: dir, ...env }, ready: 'Ctrl-C stops all of it', readyTimeoutMs: 60_000 };
  const supervisor = await startProcess(process.execPath, args, options);
  const names = serviceNames.flatMap((service) =>
    Array.from({ length: scale[service] }, (_, index) => (index === 0 ? service : `${service}-${index + 1}`)),
  );
  return {
    configFile,
    usersFile,
    mailFile,
    dir,
    base: `http://127.0.0.1:${port}`,
    supervisor,
    names,
    pidOf: (name) => childrenOf(supervisor.pid).find((pid) => isInstance(pid, name)),
    management: (name) => {
      const [, service = name, number = '1'] = /^(.*?)(?:-(\d+))?$/.exec(name) ?? [];
      return `http://127.0.0.1:${managementPort + serviceNames.findIndex((each) => each === service) + (Number(number) - 1) * MANAGEMENT_STEP}`;
    },
  };
}

function childrenOf(parent: number): readonly number[] {
  const read = (task: string): string => readFileSync(`/proc/${parent}/task/${task}/children`, 'utf8');
  return readdirSync(`/proc/${parent}/task`)
    .flatMap((task) => read(task).split(' '))
    .filter((pid) => pid !== '')
    .map(Number);
}

/** By what the supervisor told it; the name is not there where there is one of the service. */
function isInstance(pid: number, name: string): boolean {
  try {
    const told = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
    const command = readFileSync(`/proc/${pid}/cmdline`, 'utf8');
    return (
      told.includes(`PORTCULLIS_INSTANCE=${name}`) ||
      (!told.some((each) => each.startsWith('PORTCULLIS_INSTANCE=')) && command.includes(`/apps/${name}/`))
    );
  } catch {
    // It ended between being listed and being looked at.
    return false;
  }
}
