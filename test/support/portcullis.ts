import { join } from 'node:path';
import { client, type Client, type ClientOptions } from './client.js';
import { root } from './config.js';
import { freePort, freePorts } from './free-port.js';
import { http } from './http.js';
import { type FilesOptions, writePortcullisFiles, type WrittenFiles } from './portcullis-files.js';
import { keepAtEnd } from './lifetime.js';
import { type RunningRedis, startRedis } from './redis.js';
import { type CommandOptions, type CommandResult, runCommand } from './run-command.js';
import { type RunningProcess, startProcess } from './start-process.js';
import { tempDir } from './temp-dir.js';

export const serviceNames = ['verify-gateway', 'identity', 'session', 'notifier'] as const;
export type ServiceName = (typeof serviceNames)[number];

export interface PortcullisOptions extends FilesOptions {
  /** Default: a Redis of its own, on a unix socket. `false`: the configuration says which, or none. */
  readonly redis?: RunningRedis | false;
  /** For every service. */
  readonly env?: Readonly<Record<string, string>>;
  /** For one of them alone: all replicas of a service, or an instance by its name. */
  readonly envOf?: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Which to start, default each once. A name that comes twice is a second replica, called `identity-2`. */
  readonly services?: readonly ServiceName[];
}

export interface RunningPortcullis extends Omit<WrittenFiles, 'prefix'> {
  /** The first gateway, without a path. */
  readonly base: string;
  /** Every gateway, in the order of its replicas. */
  readonly gateways: readonly string[];
  /** A path below the configured prefix, on the first gateway. */
  url(path: string): string;
  readonly dir: string;
  readonly redis: RunningRedis | undefined;
  /** By instance: `identity`, `identity-2`. */
  readonly processes: Readonly<Record<string, RunningProcess>>;
  /** Metrics and health of an instance. */
  management(instance: string): string;
  /** Someone at a host behind the proxy, e.g. `client({ host: 'auth.example.com' })`. */
  client(options: ClientOptions): Client;
  /** The command line on this installation: `cli('storage', 'bans', 'list')`. */
  cli(...args: readonly string[]): Promise<CommandResult>;
  restart(instance: string): Promise<void>;
  kill(instance: string): Promise<void>;
  start(instance: string): Promise<void>;
  stop(): Promise<void>;
  /** Of one instance, or of all. */
  logs(instance?: string): string;
}

interface Instance {
  readonly name: string;
  readonly service: ServiceName;
  readonly managementPort: number;
  /** Only of a gateway. */
  readonly port: number | undefined;
  readonly env: Readonly<Record<string, string>>;
}

/** The variable that moves metrics and health of a service, as `telemetry.metrics.…` names it. */
const managementVariable: Readonly<Record<ServiceName, string>> = {
  'verify-gateway': 'PORTCULLIS_TELEMETRY_METRICS_ADDRESS',
  identity: 'PORTCULLIS_TELEMETRY_METRICS_IDENTITY_ADDRESS',
  session: 'PORTCULLIS_TELEMETRY_METRICS_SESSION_ADDRESS',
  notifier: 'PORTCULLIS_TELEMETRY_METRICS_NOTIFIER_ADDRESS',
};

/** The first of a service listens where the file says; a further one is told by variables to listen elsewhere. */
async function planInstances(services: readonly ServiceName[], port: number, managementPort: number, path: string): Promise<readonly Instance[]> {
  const counts = new Map<ServiceName, number>();
  const instances: Instance[] = [];
  for (const service of services) {
    const count = (counts.get(service) ?? 0) + 1;
    counts.set(service, count);
    const isGateway = service === 'verify-gateway';
    if (count === 1) {
      const ownManagement = managementPort + serviceNames.indexOf(service);
      instances.push({ name: service, service, managementPort: ownManagement, port: isGateway ? port : undefined, env: {} });
    } else {
      const own = await freePorts(2);
      const env = {
        [managementVariable[service]]: `tcp://127.0.0.1:${own + 1}/metrics`,
        ...(isGateway ? { PORTCULLIS_SERVER_ADDRESS: `tcp://127.0.0.1:${own}${path}` } : {}),
      };
      instances.push({ name: `${service}-${count}`, service, managementPort: own + 1, port: isGateway ? own : undefined, env });
    }
  }
  return instances;
}

const answers200 = async (base: string, path: string): Promise<boolean> => (await http(base, { path, timeoutMs: 1000 })).status === 200;

/** The real apps as they are built, on random ports with a real Redis; resolves when each says that it is ready. */
export async function startPortcullis(options: PortcullisOptions): Promise<RunningPortcullis> {
  const { services = serviceNames, env = {}, envOf = {} } = options;
  const dir = tempDir('portcullis');
  const atEnd = keepAtEnd();
  const redis = options.redis === false ? undefined : (options.redis ?? (await startRedis({ unix: true })));
  const port = await freePort();
  const managementPort = await freePorts(4);
  const { prefix, ...files } = writePortcullisFiles(options, { dir, port, managementPort, redis: redis?.settings });
  const instances = await planInstances(services, port, managementPort, prefix);
  const processes: Record<string, RunningProcess> = {};
  const local = (localPort: number): string => `http://127.0.0.1:${localPort}`;
  const named = (name: string): Instance => {
    const found = instances.find((instance) => instance.name === name);
    if (!found) throw new Error(`no instance is called ${name}; there are ${instances.map((each) => each.name).join(', ')}`);
    return found;
  };
  const start = async ({ name, service, managementPort: own, env: ownEnv }: Instance): Promise<void> => {
    processes[name] = await startProcess(process.execPath, [join(root, 'apps', service, 'dist/main.js'), '--config', files.configFile], {
      name,
      cwd: dir,
      env: { HOME: dir, ...env, ...envOf[service], ...envOf[name], ...ownEnv },
      ready: () => answers200(local(own), '/health/ready'),
      readyTimeoutMs: 30_000,
      atEnd,
    });
  };
  await Promise.all(instances.map(start));

  const cliOptions: CommandOptions = { cwd: dir, env: { HOME: dir, ...env } };
  return {
    ...files,
    dir,
    redis,
    processes,
    base: local(port),
    gateways: instances.flatMap(({ port: listener }) => (listener === undefined ? [] : [local(listener)])),
    url: (path) => `${local(port)}${prefix}${path}`,
    management: (name) => local(named(name).managementPort),
    client: (who) => client(local(port), who),
    cli: (...args) => runCommand(process.execPath, [join(root, 'apps/cli/dist/main.js'), ...args, '--config', files.configFile], cliOptions),
    restart: async (name) => {
      await processes[named(name).name]?.stop();
      await start(named(name));
    },
    kill: async (name) => {
      await processes[named(name).name]?.kill();
    },
    start: (name) => start(named(name)),
    stop: async () => {
      await Promise.all(Object.values(processes).map((running) => running.stop()));
    },
    logs: (name) =>
      Object.values(processes)
        .filter((running) => name === undefined || running.name === name)
        .map((running) => `--- ${running.name}\n${running.logs()}`)
        .join('\n'),
  };
}
