import { ensureSecretFile, formatProblems, hasErrors } from '@portcullis/platform-config';
import { createLogger, openManagement, shareProcess, stopAtSignal } from '@portcullis/platform-telemetry';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { everySection, makeSecret, ownEnvironment, prepareServices, readConfigurationAlone, useFilters } from './config.js';
import { ALL_IN_ONE } from './doctor-services.js';
import { Failure, misused } from './failure.js';

/** Each waits for nobody; the gateway is last, so that whoever finds the port open is answered. */
const SERVICES = ['session', 'identity', 'notifier', 'verify-gateway'] as const;
const REDIS_WAIT_MS = 10_000;
const STOP_MS = 30_000;

/**
 * Every service in this process: their own starts, one after the other, over the same wire as ever. What each would have alone, a port for
 * metrics and health and an end, they share. Reached by path, as `--once` reaches identity: nobody imports an app.
 */
export async function runAllInOne(args: readonly string[]): Promise<void> {
  beSmall();
  const { files, filters } = optionsOf(args);
  if (filters !== undefined) useFilters(filters.join(','));
  const { value, directory } = readWhole(files);
  const redis = value.redis === null ? await startRedis(directory) : undefined;
  const sessionSecret =
    value.session.secrets.length === 0 ? ensureSecretFile(join(directory, 'portcullis.session_secret'), makeSecret).secret : undefined;
  const isSupervised = prepareServices({ redisSocket: redis?.socket, sessionSecret });
  process.argv.splice(2, process.argv.length, ...files.flatMap((file) => ['--config', file]));

  const one = shareProcess();
  const logger = createLogger({ ...value.log, filePath: value.log.filePath ?? undefined, service: 'all-in-one' });
  for (const name of SERVICES) {
    await import(new URL(`../../${name}/dist/start.js`, import.meta.url).href);
    if (process.exitCode !== undefined) process.exit();
  }
  const management = await openManagement({
    ...value.telemetry.addresses.gateway,
    registry: { contentType: 'text/plain; version=0.0.4; charset=utf-8', metrics: () => one.metrics() },
    ready: one.ready,
    instance: () => ({ service: ALL_IN_ONE }),
    metricsPath: value.telemetry.metricsPath,
    setting: 'telemetry.metrics.address',
  });
  const close = async (): Promise<void> => {
    await one.close();
    await management.close();
    await redis?.stop();
  };
  stopAtSignal({ supervised: isSupervised, logger: { ...logger, reopen: one.reopen.bind(one) }, close, deadlineMs: STOP_MS });
}

/** Takes the place of this process with one that keeps less memory, which Node is told only at its start: 60 MB of 210. */
function beSmall(): void {
  if (process.execve === undefined || process.execArgv.some((flag) => flag.startsWith('--max-semi-space-size'))) return;
  const args = [process.execPath, '--max-semi-space-size=2', '--disable-warning=ExperimentalWarning', ...process.execArgv, ...process.argv.slice(1)];
  process.removeAllListeners('warning');
  process.execve(process.execPath, args, { MALLOC_ARENA_MAX: '2', ...ownEnvironment() });
}

interface Options {
  readonly files: readonly string[];
  readonly filters: readonly string[] | undefined;
}

/** `--config FILE` and the filters, repeatable, with `all-in-one` before or behind them. */
function optionsOf(args: readonly string[]): Options {
  const { values, positionals } = parse(args);
  const other = positionals.find((word) => word !== 'all-in-one');
  if (other !== undefined) throw misused(`all-in-one does not know what to do with ${other}.`);
  return { files: values.config ?? [], filters: values['config.experimental.filters'] };
}

function parse(args: readonly string[]) {
  const names = { type: 'string', multiple: true } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { config: { ...names, short: 'c' }, 'config.experimental.filters': names },
      allowPositionals: true,
    });
  } catch (error) {
    if (error instanceof TypeError) throw misused(error.message);
    throw error;
  }
}

/** The whole configuration. What is wrong with it is told here, once for all services. */
function readWhole(files: readonly string[]) {
  const { value, problems, directory } = readConfigurationAlone(files, everySection);
  if (value === null || hasErrors(problems)) throw new Failure(formatProblems(problems));
  if (problems.length > 0) process.stderr.write(`${formatProblems(problems)}\n`);
  return { value, directory };
}

interface PrivateRedis {
  readonly socket: string;
  stop(): Promise<void>;
}

interface Child {
  start(): void;
  stop(deadlineMs: number): Promise<void>;
}

interface Spec {
  readonly ready: () => Promise<true | string>;
}

/** The parts of `npm start` that do this, plain JavaScript without dependencies. */
interface LocalParts {
  /** What a person can mend. */
  readonly Refusal: new () => Error;
  readonly findPart: (name: string) => string | undefined;
  readonly privateRedisPaths: (directory: string) => { readonly socket: string };
  readonly privateRedis: (program: { readonly command: string }, paths: object) => Promise<Spec>;
  readonly createChild: (spec: Spec, events: { readonly onLine: (line: string) => void; readonly onEnd: () => boolean }) => Child;
}

/** A private Redis beside the configuration, as `npm start` runs it: it ends with this process, and is started again when it dies. */
async function startRedis(directory: string): Promise<PrivateRedis> {
  const { findPart, privateRedisPaths, privateRedis, createChild, Refusal } = await loadParts();
  const command = findPart('redis');
  if (command === undefined) {
    throw new Failure(
      'session.redis is not configured, and there is no redis-server or valkey-server on PATH: install one, or name a Redis of your own.',
    );
  }
  const paths = privateRedisPaths(directory);
  const spec = await privateRedis({ command }, paths).catch((error: unknown) => {
    throw error instanceof Refusal ? new Failure(error.message) : error;
  });
  const child = createChild(spec, { onLine: () => undefined, onEnd: () => true });
  child.start();
  const deadline = performance.now() + REDIS_WAIT_MS;
  for (let answer = await spec.ready(); answer !== true; answer = await spec.ready()) {
    if (performance.now() > deadline)
      throw new Failure(`The private Redis does not start (${answer}): see portcullis-redis/redis.log beside the configuration.`);
    await setTimeout(20);
  }
  return { socket: paths.socket, stop: () => child.stop(5000) };
}

async function loadParts(): Promise<LocalParts> {
  const load = async (name: string): Promise<object> =>
    (await import(new URL(`../../../deploy/local/src/${name}.mjs`, import.meta.url).href)) as object;
  const modules = await Promise.all(['parts', 'redis', 'child', 'terminal'].map(load));
  return Object.assign({}, ...modules) as LocalParts;
}
