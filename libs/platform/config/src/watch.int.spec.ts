import { createHash } from 'node:crypto';
import { linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, unlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as immediate, setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFiles } from './watch.js';

let directory: string;
let file: string;
let stop: AbortController;
let seen: string[];

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'watch-'));
  file = join(directory, 'configuration.yml');
  writeFileSync(file, 'a: 1\n');
  stop = new AbortController();
  seen = [];
});
afterEach(() => {
  stop.abort();
  rmSync(directory, { recursive: true });
});

const watch = (paths: readonly string[], read: () => string = () => readFileSync(file, 'utf8')) =>
  watchFiles(
    paths,
    () => {
      seen.push(read());
    },
    { signal: stop.signal, intervalMs: 25 },
  );

async function until(isDone: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!isDone()) {
    if (Date.now() > deadline) throw new Error(`not in time; seen: ${JSON.stringify(seen)}`);
    await delay(10);
  }
}

/** A second change behind the one that must be ignored: when it is seen, the first one was. */
async function expectOnly(content: string): Promise<void> {
  writeFileSync(file, content);
  await until(() => seen.length > 0);
  expect(seen).toEqual([content]);
}

describe('watchFiles', () => {
  it('sees a file that is written in place', async () => {
    await watch([file]);
    writeFileSync(file, 'a: 2\n');
    await until(() => seen.length === 1);
    writeFileSync(file, 'a: 3\n');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a: 2\n', 'a: 3\n']);
  });

  it('sees an editor that renames a new file over the old one', async () => {
    await watch([file]);
    writeFileSync(join(directory, 'new'), 'a: 2\n');
    renameSync(join(directory, 'new'), file);
    await until(() => seen.length === 1);
    expect(seen).toEqual(['a: 2\n']);
  });

  it('sees an editor that moves the old file away and writes a new one', async () => {
    await watch([file]);
    renameSync(file, `${file}~`);
    writeFileSync(file, 'a: 2\n');
    await until(() => seen.length === 1);
    expect(seen).toEqual(['a: 2\n']);
  });

  it('sees what is written through another name of the same file, as into a bind mount', async () => {
    const outside = join(directory, 'outside.yml');
    linkSync(file, outside);
    await watch([file]);
    writeFileSync(outside, 'a: 2\n');
    await until(() => seen.length === 1);
    expect(seen).toEqual(['a: 2\n']);
  });

  it('sees the symlink swap of a mounted ConfigMap', async () => {
    for (const [version, content] of Object.entries({ '..1': 'a: 1\n', '..2': 'a: 2\n' })) {
      mkdirSync(join(directory, version));
      writeFileSync(join(directory, version, 'configuration.yml'), content);
    }
    unlinkSync(file);
    symlinkSync('..1', join(directory, '..data'));
    symlinkSync('..data/configuration.yml', file);
    await watch([file]);
    symlinkSync('..2', join(directory, '..data_tmp'));
    renameSync(join(directory, '..data_tmp'), join(directory, '..data'));
    await until(() => seen.length === 1);
    expect(seen).toEqual(['a: 2\n']);
  });

  it('sees a change that keeps size and time', async () => {
    const moment = new Date('2020-01-01T00:00:00Z');
    utimesSync(file, moment, moment);
    await watch([file]);
    writeFileSync(file, 'a: 2\n');
    utimesSync(file, moment, moment);
    await until(() => seen.length === 1);
    expect(seen).toEqual(['a: 2\n']);
  });

  it('does nothing for a touch, nor for the same content in a new file', async () => {
    await watch([file]);
    utimesSync(file, new Date(), new Date());
    writeFileSync(join(directory, 'new'), 'a: 1\n');
    renameSync(join(directory, 'new'), file);
    await expectOnly('a: 2\n');
  });

  it('does not call for each of many writes, and in the end has seen the last', async () => {
    await watch([file]);
    for (let part = 0; part < 500; part += 1) {
      writeFileSync(file, `a: ${part}\n`);
      await immediate();
    }
    await until(() => seen.at(-1) === 'a: 499\n');
    expect(seen.length).toBeLessThan(50);
  });

  it('sees a file that comes later, and one that goes', async () => {
    const overlay = join(directory, 'portcullis.yml');
    await watch([file, overlay], () => 'called');
    writeFileSync(overlay, 'b: 1\n');
    await until(() => seen.length === 1);
    unlinkSync(overlay);
    await until(() => seen.length === 2);
  });

  it('sees changes and new files in a directory, but not what is no YAML', async () => {
    await watch([directory]);
    writeFileSync(join(directory, 'notes.txt'), 'x');
    await expectOnly('a: 2\n');
    writeFileSync(join(directory, 'more.yml'), 'b: 1\n');
    await until(() => seen.length === 2);
  });

  it('never runs its listener twice at once', async () => {
    let running = 0;
    let most = 0;
    await watchFiles(
      [file],
      async () => {
        most = Math.max(most, (running += 1));
        await delay(150);
        running -= 1;
        seen.push(readFileSync(file, 'utf8'));
      },
      { signal: stop.signal, intervalMs: 25 },
    );
    writeFileSync(file, 'a: 2\n');
    await until(() => running === 1);
    writeFileSync(file, 'a: 3\n');
    await until(() => seen.at(-1) === 'a: 3\n' && running === 0);
    expect(most).toBe(1);
  });

  it('sees a change back to what it saw last, when another was read meanwhile', async () => {
    await watchFiles(
      [file],
      () => {
        const isFirst = seen.length === 0;
        if (isFirst) writeFileSync(file, 'a: 3\n');
        seen.push(readFileSync(file, 'utf8'));
        if (isFirst) writeFileSync(file, 'a: 2\n');
      },
      { signal: stop.signal, intervalMs: 25 },
    );
    writeFileSync(file, 'a: 2\n');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a: 3\n', 'a: 2\n']);
  });

  it('goes by what others of its process have read of the file, where it is told', async () => {
    let taken = '';
    const read = (): string => {
      const text = readFileSync(file, 'utf8');
      taken = createHash('sha256').update(text).digest('hex');
      return text;
    };
    read();
    await watchFiles(
      [file],
      () => {
        seen.push(read());
      },
      { signal: stop.signal, intervalMs: 25, taken: () => taken },
    );
    writeFileSync(file, 'a: 2\n');
    await until(() => seen.length === 1);
    writeFileSync(file, 'a: 1\n');
    read();
    writeFileSync(file, 'a: 2\n');
    await until(() => seen.length === 2);
    expect(seen).toEqual(['a: 2\n', 'a: 2\n']);
  });

  it('ends with its signal', async () => {
    await watch([file]);
    stop.abort();
    writeFileSync(file, 'a: 2\n');
    const second = new AbortController();
    let isSeen = false;
    await watchFiles(
      [file],
      () => {
        isSeen = true;
      },
      { signal: second.signal, intervalMs: 25 },
    );
    writeFileSync(file, 'a: 3\n');
    await until(() => isSeen);
    second.abort();
    expect(seen).toEqual([]);
  });
});
