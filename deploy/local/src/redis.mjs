import { lstatSync, mkdirSync, rmSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { guarded } from './child.mjs';
import { Refusal } from './terminal.mjs';
import { digestOf } from './workspace.mjs';

const ASK_MS = 500;
/** A Redis whose supervisor was just killed saves and ends within this. */
const LEAVING_MS = 3000;
/** The kernel's limit for a socket's path, less a margin. */
const LONGEST_SOCKET_PATH = 100;

/** One private Redis for each folder with a configuration: its data beside the configuration, its socket where the path is short. */
export function privateRedisPaths(configDir, tmpDir = os.tmpdir(), uid = process.getuid()) {
  const name = path.join(`portcullis-${uid}-${digestOf(path.resolve(configDir)).slice(0, 12)}`, 'redis.sock');
  const wanted = path.join(tmpDir, name);
  return {
    dataDir: path.join(path.resolve(configDir), 'portcullis-redis'),
    socket: wanted.length > LONGEST_SOCKET_PATH ? path.join('/tmp', name) : wanted,
  };
}

/** A folder that is ours alone, made where it is missing; one that others can enter, or made by another, is refused. */
export function ownDirectory(dir, uid = process.getuid()) {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
  } catch (error) {
    throw new Refusal(`${dir} cannot be made (${error.code}): make it writable, or name a Redis of your own under session.redis.`);
  }
  const found = lstatSync(dir);
  if (!found.isDirectory() || found.uid !== uid || (found.mode & 0o077) !== 0) {
    throw new Refusal(
      `${dir} is not a folder of yours alone (owner ${found.uid}, mode ${(found.mode & 0o777).toString(8)}): remove it, or chmod 700 it.`,
    );
  }
}

/** Appendonly, nothing evicted, no TCP port. */
export const redisArgs = ({ dataDir, socket }) => [
  ...['--port', '0', '--unixsocket', socket, '--unixsocketperm', '700', '--daemonize', 'no', '--pidfile', ''],
  ...['--dir', dataDir, '--appendonly', 'yes', '--appendfsync', 'everysec', '--save', '', '--maxmemory-policy', 'noeviction'],
  ...['--logfile', path.join(dataDir, 'redis.log'), '--loglevel', 'notice'],
];

/** Sends one command; the first piece of the answer, or why there is none. */
function ask(socket, command) {
  return new Promise((resolve) => {
    const connection = net.connect(socket);
    const end = (answer) => {
      connection.destroy();
      resolve(answer);
    };
    connection.setTimeout(ASK_MS, () => end({ error: 'no answer' }));
    connection.on('error', (error) => end({ error: error.code }));
    connection.on('data', (data) => end({ text: data.toString() }));
    connection.write(`${command}\r\n`);
  });
}

/** Ready to be asked: true, or what is missing. */
export async function isRedisReady(socket) {
  const { text, error } = await ask(socket, 'PING');
  return text?.startsWith('+PONG') ? true : (error ?? text.trim());
}

/** Refuses where another start already runs a Redis on the same folder. */
async function refuseSecond(socket) {
  const deadline = performance.now() + LEAVING_MS;
  for (;;) {
    const { text, error } = await ask(socket, 'INFO server');
    if (error === 'ENOENT' || error === 'ECONNREFUSED') return;
    if (performance.now() > deadline) {
      const pid = /process_id:(\d+)/.exec(text ?? '')?.[1];
      throw new Refusal(
        `This configuration already runs on this machine: its private Redis${pid ? ` (process ${pid})` : ''} answers on ${socket}. Stop that one first.`,
      );
    }
    await pause(100);
  }
}

/** Beside the configuration a link to the socket, for the command line. */
function leaveTheWay({ dataDir, socket }) {
  const link = path.join(dataDir, 'redis.sock');
  rmSync(link, { force: true });
  symlinkSync(socket, link);
}

/** The spec of a private Redis, run by `program` ({ command, args } that go before Redis' own), for the supervisor. */
export async function privateRedis(program, paths) {
  ownDirectory(paths.dataDir);
  ownDirectory(path.dirname(paths.socket));
  await refuseSecond(paths.socket);
  leaveTheWay(paths);
  return {
    name: 'redis',
    ...guarded(program.command, [...(program.args ?? []), ...redisArgs(paths)]),
    cwd: paths.dataDir,
    env: process.env,
    ready: () => isRedisReady(paths.socket),
  };
}

/** Redis from a container image, with this user's rights and no network; Linux only, where a socket crosses the mount. */
export function redisInDocker({ dataDir, socket }) {
  const mounts = [dataDir, path.dirname(socket)].flatMap((dir) => ['-v', `${dir}:${dir}`]);
  const user = `${process.getuid()}:${process.getgid()}`;
  return { command: 'docker', args: ['run', '--rm', '--init', '--network', 'none', '--user', user, ...mounts, 'valkey/valkey:8', 'valkey-server'] };
}
