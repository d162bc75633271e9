import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, statSync, symlinkSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { findPart } from './parts.mjs';
import { isRedisReady, ownDirectory, privateRedis, privateRedisPaths } from './redis.mjs';
import { isAlive, tempDir, until } from './supervise.fixture.mjs';

let stack;
beforeEach(() => {
  stack = new AsyncDisposableStack();
});
afterEach(() => stack.disposeAsync());

/** The spec's process as the supervisor runs it: it ends when its standard input is closed. */
function launch(spec) {
  const child = spawn(spec.command, spec.args, { cwd: spec.cwd, stdio: ['pipe', 'ignore', 'ignore'] });
  const ended = new Promise((resolve) => child.on('exit', resolve));
  const leave = () => {
    child.stdin.destroy();
    return ended;
  };
  stack.defer(leave);
  return { leave };
}

function ask(socket, command) {
  return new Promise((resolve, reject) => {
    const connection = net.connect(socket, () => connection.write(`${command}\r\n`));
    connection.on('error', reject);
    connection.on('data', (data) => {
      connection.destroy();
      resolve(data.toString());
    });
  });
}

/** Paths whose socket lies in the temporary folder too. */
const pathsIn = (dir) => privateRedisPaths(path.join(dir, 'configuration'), dir);

// Where there is no Redis, `npm test` names it, and is red where CI is set.
describe.skipIf(!findPart('redis'))('the private Redis', () => {
  const start = async (paths) => {
    const spec = await privateRedis({ command: findPart('redis') }, paths);
    const running = launch(spec);
    await until('Redis', async () => (await spec.ready()) === true);
    return running;
  };

  it('is reached by its owner alone, and by no port', async () => {
    const paths = pathsIn(tempDir(stack));
    await start(paths);
    expect(statSync(path.dirname(paths.socket)).mode & 0o777).toBe(0o700);
    expect(statSync(paths.socket).mode & 0o777).toBe(0o700);
    expect(await ask(paths.socket, 'CONFIG GET port')).toContain('\r\n0\r\n');
    expect(await ask(paths.socket, 'CONFIG GET maxmemory-policy')).toContain('noeviction');
  });

  it('ends with whoever started it, and has kept what it knew', async () => {
    const paths = pathsIn(tempDir(stack));
    const first = await start(paths);
    await ask(paths.socket, 'SET kept yes');
    const pid = Number(/process_id:(\d+)/.exec(await ask(paths.socket, 'INFO server'))[1]);
    await first.leave();
    expect(isAlive(pid)).toBe(false);
    await start(paths);
    expect(await ask(paths.socket, 'GET kept')).toContain('yes');
  });

  it('refuses a second start on the same configuration, naming the process', async () => {
    const paths = pathsIn(tempDir(stack));
    await start(paths);
    await expect(privateRedis({ command: findPart('redis') }, paths)).rejects.toThrow(
      /already runs on this machine: its private Redis \(process \d+\)/,
    );
  });
});

describe('where the private Redis lives', () => {
  it('has a socket path short enough for the kernel', () => {
    const { socket } = privateRedisPaths('/etc/portcullis', `/var/folders/${'x'.repeat(90)}`, 501);
    expect(socket).toMatch(/^\/tmp\/portcullis-501-[0-9a-f]{12}\/redis\.sock$/);
  });

  it('is another one for each folder with a configuration', () => {
    expect(privateRedisPaths('/a', '/tmp', 0).socket).not.toBe(privateRedisPaths('/b', '/tmp', 0).socket);
  });

  it('says what it waits for', async () => {
    expect(await isRedisReady(path.join(tempDir(stack), 'redis.sock'))).toBe('ENOENT');
  });
});

describe('a folder that is ours alone', () => {
  it('is made so', () => {
    const dir = path.join(tempDir(stack), 'a/b');
    ownDirectory(dir);
    expect(statSync(dir).mode & 0o777).toBe(0o700);
  });

  it('is refused where others can enter it', () => {
    const dir = path.join(tempDir(stack), 'open');
    mkdirSync(dir);
    chmodSync(dir, 0o755);
    expect(() => ownDirectory(dir)).toThrow(/mode 755/);
  });

  it('is refused where another made it', () => {
    const dir = path.join(tempDir(stack), 'theirs');
    mkdirSync(dir, { mode: 0o700 });
    expect(() => ownDirectory(dir, process.getuid() + 1)).toThrow(/is not a folder of yours alone/);
  });

  it('is refused where it is a link', () => {
    const dir = tempDir(stack);
    mkdirSync(path.join(dir, 'elsewhere'), { mode: 0o700 });
    symlinkSync(path.join(dir, 'elsewhere'), path.join(dir, 'link'));
    expect(() => ownDirectory(path.join(dir, 'link'))).toThrow(/is not a folder of yours alone/);
  });
});
