import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { freePort, freePorts, startProcess, tempDir, until, untilListening } from './index.js';

const script = (code: string): readonly string[] => ['-e', code];
const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('startProcess', () => {
  it('is ready when the log says so, and keeps what it printed', async () => {
    const running = await startProcess(process.execPath, script('console.error("up"); setInterval(() => {}, 1000)'), { ready: /^up$/m });
    expect(running.logs()).toBe('up\n');
    expect(running.exit()).toBeUndefined();
    expect(await running.stop()).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('is ready when a check says so', async () => {
    const port = await freePort();
    const code = `setTimeout(() => require('node:net').createServer().listen(${port}, '127.0.0.1'), 50)`;
    await startProcess(process.execPath, script(code), {
      ready: async () => {
        await untilListening(port, { timeoutMs: 50 });
        return true;
      },
    });
  });

  it('tells what a program printed that ended before it was ready', async () => {
    const starting = startProcess(process.execPath, script('console.log("no such file"); process.exit(7)'), { name: 'app', ready: 'up' });
    await expect(starting).rejects.toThrow('app ended before it was ready (7)\nno such file');
  });

  it('tells what a program printed that never became ready', async () => {
    const starting = startProcess(process.execPath, script('console.log("thinking"); setInterval(() => {}, 1000)'), {
      ready: 'up',
      readyTimeoutMs: 1000,
    });
    await expect(starting).rejects.toThrow(/waited 1000 ms for node to be ready[^]*thinking/);
  });

  it('names a program that is not there', async () => {
    await expect(startProcess('/no/such/program', [])).rejects.toThrow('there is no program /no/such/program');
  });

  it('kills who does not listen, after the grace period', async () => {
    const code = 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)';
    const running = await startProcess(process.execPath, script(code), { ready: 'up' });
    expect(await running.stop(50)).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('passes on no variable but those it is given and a few plain ones', async () => {
    const running = await startProcess(process.execPath, script('console.log(Object.keys(process.env).sort().join())'), { env: { MINE: '1' } });
    await running.exited;
    expect(running.logs()).toBe('LANG,MINE,NODE_COMPILE_CACHE,PATH,TZ\n');
  });
});

describe('what a test started', () => {
  let pid = 0;
  let dir = '';

  it('runs while the test does', async () => {
    dir = tempDir();
    writeFileSync(join(dir, 'file'), 'x');
    ({ pid } = await startProcess(process.execPath, script('console.log("up"); setInterval(() => {}, 1000)'), { ready: 'up' }));
    process.kill(pid, 'SIGSTOP');
    expect([alive(pid), existsSync(dir)]).toEqual([true, true]);
  });

  it('is gone with it, even paused', () => {
    expect([alive(pid), existsSync(dir)]).toEqual([false, false]);
  });
});

describe('a run of the harness in which a test fails', () => {
  it('ends every process and keeps their logs', async () => {
    const dir = tempDir();
    const support = new URL('index.js', import.meta.url).pathname.replace(/js$/, 'ts');
    const results = join(dir, 'results');
    const spec = `
      import { beforeAll, it } from 'vitest';
      import { startProcess } from ${JSON.stringify(support)};
      const start = (name) => startProcess(process.execPath, ['-e', 'console.log("I am ' + name + '", process.pid); setInterval(() => {}, 1000)'], { name, ready: 'I am' });
      beforeAll(() => start('shared'));
      it('fails after a start', async () => { await start('own'); throw new Error('on purpose'); });
    `;
    writeFileSync(join(dir, 'failing.spec.ts'), spec);
    writeFileSync(
      join(dir, 'vitest.config.mjs'),
      `export default { test: { include: ['*.spec.ts'], env: { TEST_RESULTS_DIR: ${JSON.stringify(results)} } } };`,
    );
    const vitest = join(support, '../../../node_modules/vitest/vitest.mjs');
    const run = await startProcess(process.execPath, [vitest, 'run', '--root', dir], { cwd: dir });
    expect((await run.exited).code).toBe(1);
    expect(run.logs()).toContain('on purpose');
    const logOf = (name: string): string => readFileSync(join(results, 'failing.spec.ts', 'fails-after-a-start', `${name}-1.log`), 'utf8');
    for (const name of ['own', 'shared']) {
      const pid = Number(new RegExp(`I am ${name} (\\d+)`).exec(logOf(name))?.[1]);
      await until(() => !alive(pid), { what: `${name} to be gone` });
    }
  });
});

describe('freePorts', () => {
  it('finds neighbours', async () => {
    const first = await freePorts(4);
    expect(first).toBeGreaterThan(1024);
    for (const port of [0, 1, 2, 3]) await expect(untilListening(first + port, { timeoutMs: 1 })).rejects.toThrow('ECONNREFUSED');
  });
});
