import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, constants, mkdtempSync, openSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { createLogger } from './logger.js';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'logger-'));
});
afterEach(() => {
  rmSync(dir, { recursive: true, force: true });
});

/** Lets Node run our TypeScript as it is: it strips the types, but looks for `./x.js` where `./x.ts` is. */
const resolveTypeScript = `import { registerHooks } from 'node:module';
registerHooks({ resolve: (name, context, next) => next(context.parentURL?.endsWith('.ts') && name.startsWith('.') ? name.replace(/js$/, 'ts') : name, context) });`;

function startLoggingProcess(body: string, stdout: 'pipe' | number): ChildProcess {
  const hook = `data:text/javascript,${encodeURIComponent(resolveTypeScript)}`;
  const script = `import { createLogger } from ${JSON.stringify(new URL('logger.ts', import.meta.url).href)};\n${body}`;
  const child = spawn(process.execPath, ['--import', hook, '--input-type=module', '-e', script], { stdio: ['ignore', stdout, 'inherit', 'ipc'] });
  onTestFinished(() => {
    child.kill('SIGKILL');
  });
  return child;
}

/** A kernel pipe whose reader reads only when asked to; `spawn`'s own 'pipe' is a socket. */
function kernelPipe(): { readonly writeEnd: number; reader(): Readable } {
  const path = join(dir, 'pipe');
  execFileSync('mkfifo', [path]);
  const readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return { writeEnd: openSync(path, 'w'), reader: () => new Socket({ fd: readEnd, writable: false }) };
}

const flood = `
const logger = createLogger({ level: 'info', format: 'text', service: 'test' });
let turns = 0;
const work = () => {
  for (let line = 0; line < 100; line++) logger.info('x'.repeat(200), { turn: turns });
  if (++turns < 200) return setImmediate(work);
  process.send(logger.dropped());
};
work();
process.once('message', async () => { logger.info('last'); await logger.flush(10000); process.disconnect(); });
`;

describe('a process whose standard output nobody reads', () => {
  it.each(['a socket', 'a kernel pipe'])('goes on working on %s, and the reader who comes back learns how many lines are missing', async (kind) => {
    const pipe = kind === 'a socket' ? undefined : kernelPipe();
    const child = startLoggingProcess(flood, pipe?.writeEnd ?? 'pipe');
    if (pipe) closeSync(pipe.writeEnd);
    const [dropped] = (await once(child, 'message')) as [number];
    expect(dropped).toBeGreaterThan(0);

    const output = text(pipe ? pipe.reader() : child.stdout!);
    child.send('read again');
    const lines = (await output).trimEnd().split('\n');
    expect(lines.every((line) => /^time="[^"]+" level=\w+ msg=.* service=test$/.test(line))).toBe(true);
    const notices = lines.filter((line) => line.includes('Log lines were lost'));
    expect(notices).toHaveLength(1);
    expect(notices[0]).toContain(` level=warning `);
    expect(notices[0]).toContain(` lines=${dropped} `);
    expect(lines.length + dropped).toBe(200 * 100 + 1 + notices.length);
    expect(lines.filter((line) => line.includes('msg=last'))).toHaveLength(1);
  });

  it('ends when told to', async () => {
    const child = startLoggingProcess(`${flood} process.once('message', () => process.exit(3));`, 'pipe');
    await once(child, 'message');
    child.send('exit');
    expect((await once(child, 'exit'))[0]).toBe(3);
  });

  it('survives a reader who goes away', async () => {
    const child = startLoggingProcess(
      `const logger = createLogger({ level: 'info', format: 'text', service: 'test' });
       logger.info('hello');
       process.once('message', () => {
         const write = () => (logger.info('anyone?'), logger.dropped() > 1 ? process.exit(4) : setImmediate(write));
         write();
       });`,
      'pipe',
    );
    await once(child.stdout!, 'data');
    child.stdout!.destroy();
    child.send('go on');
    expect((await once(child, 'exit'))[0]).toBe(4);
  });
});

describe('the last lines of a process', () => {
  const lastWords = (options: string): string => `
    const logger = createLogger({ level: 'info', format: 'json', service: 'test', ${options} });
    logger.error('last words', { code: 7 });
    process.exit(7);`;

  it('reach a pipe', async () => {
    const child = startLoggingProcess(lastWords(''), 'pipe');
    expect(await text(child.stdout!)).toContain('"msg":"last words"');
  });

  it('reach the file that standard output is, after what is in it', async () => {
    const path = join(dir, 'stdout');
    const child = startLoggingProcess(lastWords(''), openSync(path, 'a'));
    await once(child, 'exit');
    expect(readFileSync(path, 'utf8')).toContain('"msg":"last words"');
  });

  it('reach the log file, and standard output only where that is kept', async () => {
    const filePath = join(dir, 'log');
    const child = startLoggingProcess(lastWords(`filePath: ${JSON.stringify(filePath)}`), 'pipe');
    expect(await text(child.stdout!)).toBe('');
    expect(readFileSync(filePath, 'utf8')).toContain('"msg":"last words"');

    const keeping = startLoggingProcess(lastWords(`filePath: ${JSON.stringify(filePath)}, keepStdout: true`), 'pipe');
    expect(await text(keeping.stdout!)).toContain('"msg":"last words"');
    expect(readFileSync(filePath, 'utf8').trimEnd().split('\n')).toHaveLength(2);
  });
});

describe('a log file', () => {
  it('gets what its level lets through, for its owner only', async () => {
    const filePath = join(dir, 'log');
    const logger = createLogger({ level: 'warn', format: 'text', filePath, service: 'test' });
    logger.error('one');
    logger.warn('two');
    logger.info('three');
    await logger.flush();
    expect(readFileSync(filePath, 'utf8').replaceAll(/time="[^"]+" /g, '')).toBe(
      'level=error msg=one service=test\nlevel=warning msg=two service=test\n',
    );
    expect(statSync(filePath).mode & 0o777).toBe(0o600);
    expect([logger.enabled('warn'), logger.enabled('info')]).toEqual([true, false]);
  });

  it('is opened again after it was moved away, and loses no line', async () => {
    const filePath = join(dir, 'log');
    const logger = createLogger({ level: 'info', format: 'text', filePath, service: 'test' });
    logger.info('before');
    await logger.flush();
    renameSync(filePath, `${filePath}.1`);
    logger.info('moved');
    await logger.flush();
    logger.reopen();
    logger.info('after');
    await logger.flush();
    expect(readFileSync(`${filePath}.1`, 'utf8').match(/msg=\w+/g)).toEqual(['msg=before', 'msg=moved']);
    expect(readFileSync(filePath, 'utf8').match(/msg=\w+/g)).toEqual(['msg=after']);
  });

  it('stays in use when it cannot be opened again', async () => {
    const filePath = join(dir, 'sub', 'log');
    execFileSync('mkdir', [join(dir, 'sub')]);
    const logger = createLogger({ level: 'info', format: 'text', filePath, service: 'test' });
    renameSync(join(dir, 'sub'), join(dir, 'moved'));
    logger.reopen();
    await logger.flush();
    expect(readFileSync(join(dir, 'moved', 'log'), 'utf8')).toMatch(/level=error msg="The log file could not be opened again[^\n]*ENOENT/);
  });

  it('that cannot be opened at the start is an error that names it', () => {
    const filePath = join(dir, 'missing', 'log');
    expect(() => createLogger({ level: 'info', format: 'text', filePath, service: 'test' })).toThrow(filePath);
  });

  it('that is a full FIFO holds nobody back', async () => {
    const filePath = join(dir, 'fifo');
    execFileSync('mkfifo', [filePath]);
    const readEnd = openSync(filePath, constants.O_RDONLY | constants.O_NONBLOCK);
    const logger = createLogger({ level: 'info', format: 'text', filePath, service: 'test' });
    for (let line = 0; line < 20; line++) logger.info('x'.repeat(100_000));
    await logger.flush(50);
    expect(logger.dropped()).toBeGreaterThan(0);
    const reader = new Socket({ fd: readEnd, writable: false });
    onTestFinished(() => void reader.destroy());
    let read = '';
    reader.on('data', (bytes) => (read += bytes.toString()));
    await vi.waitFor(() => {
      expect(read).toContain('Log lines were lost');
    }, 5000);
  });
});
