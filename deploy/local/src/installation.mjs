import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { findProgram, getPart, lineToType } from './parts.mjs';
import { privateRedis, privateRedisPaths, redisInDocker } from './redis.mjs';
import { run } from './run.mjs';
import { readScale } from './scale.mjs';
import { serviceSpecs } from './services.mjs';
import { readSettings } from './settings.mjs';
import { supervise } from './supervise.mjs';
import { Refusal } from './terminal.mjs';
import { validate } from './validate.mjs';
import { cacheDir, inRoot } from './workspace.mjs';

const makeSecret = () => randomBytes(48).toString('base64url');

/** A private Redis: one that is found, got, or run from an image; its spec for the supervisor. */
async function privateRedisSpec(terminal, paths) {
  const program = await getPart(terminal, 'redis', { mayInstall: true });
  const found = program ? { command: program } : await dockerRedis(paths);
  if (!found) {
    throw new Refusal(
      `There is no Redis, and none could be got. Type this, then start again:\n  ${lineToType('redis')}\nor name one under session.redis.`,
    );
  }
  return privateRedis(found, paths);
}

async function dockerRedis(paths) {
  if (process.platform !== 'linux' || !findProgram('docker')) return undefined;
  const { code } = await run('docker', ['info']);
  return code === 0 ? redisInDocker(paths) : undefined;
}

/** `session.secret` must be there with any Redis: where the file has none, the one that the services make beside it, made here first. */
async function keptSecret(directory) {
  const { ensureSecretFile } = await import(inRoot('libs/platform/config/dist/index.js'));
  return ensureSecretFile(path.join(directory, 'portcullis.session_secret'), makeSecret).secret;
}

/**
 * Runs an installation until it is stopped; resolves to the exit code. `extra` are specs that start and stop with the services.
 * Nothing is made or started for a configuration that is refused.
 */
export async function runInstallation(terminal, { configFiles, env, cwd, scale = readScale(''), isApart = false, extra = [], onReady }) {
  for (const file of configFiles) {
    if (!existsSync(file)) throw new Refusal(`There is no ${file}.`);
  }
  const reading = { configFiles, env, cwd, scale, isApart };
  const [settings, warnings] = await terminal.step('Check the configuration', () => Promise.all([readSettings(reading), validate(reading)]));
  if (warnings) terminal.print(warnings);
  if (settings.taken.length > 0) throw new Refusal(`${settings.taken.join('\n')}\n\nNothing was started.`);
  const paths = privateRedisPaths(settings.directory);
  const redis = settings.hasRedis ? [] : [await privateRedisSpec(terminal, paths)];
  const variables = {
    // Services start in less time where Node finds their compiled code, and are smaller where malloc keeps fewer arenas.
    NODE_COMPILE_CACHE: path.join(cacheDir, 'node'),
    MALLOC_ARENA_MAX: '2',
    ...env,
    PORTCULLIS_SUPERVISED: '1',
    ...(settings.hasRedis ? {} : { PORTCULLIS_SESSION_REDIS_HOST: paths.socket }),
    ...(settings.hasSecret ? {} : { PORTCULLIS_SESSION_SECRET: await keptSecret(settings.directory) }),
  };
  const specs = serviceSpecs({ configFiles, env: variables, cwd, instances: settings.instances });
  const isGateway = ({ service }) => service === 'verify-gateway';
  const others = specs.filter((spec) => !isGateway(spec));
  return supervise(terminal, [redis, others, specs.filter(isGateway), extra], (print) => onReady(print, settings));
}
