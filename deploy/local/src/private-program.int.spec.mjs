import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { libraryDirs, linkProgram } from './private-program.mjs';
import { tempDir } from './supervise.fixture.mjs';

let stack;
let root;
beforeEach(() => {
  stack = new AsyncDisposableStack();
  root = path.join(tempDir(stack), "it's here");
});
afterEach(() => stack.disposeAsync());

function put(file, text = '', mode = 0o644) {
  mkdirSync(path.dirname(path.join(root, file)), { recursive: true });
  writeFileSync(path.join(root, file), text, { mode });
}

it('a program runs from where it was unpacked, with its libraries and its arguments', () => {
  put('usr/lib/x86_64-linux-gnu/liba.so.1');
  put('usr/lib/x86_64-linux-gnu/pulseaudio/libb-16.1.so');
  put('usr/sbin/server', '#!/bin/sh\necho "$LD_LIBRARY_PATH|$1"\n', 0o755);
  const script = linkProgram(root, 'server', path.join(root, 'bin'));
  const [libraries, argument] = execFileSync(script, ['one argument'], { encoding: 'utf8', env: {} }).trim().split('|');
  expect(libraries.split(':')).toEqual(['usr/lib/x86_64-linux-gnu', 'usr/lib/x86_64-linux-gnu/pulseaudio'].map((dir) => path.join(root, dir)));
  expect(argument).toBe('one argument');
});

it('folders without a library are not searched', () => {
  put('usr/lib/systemd/system/server.service');
  expect(libraryDirs(root)).toEqual([]);
});

it('a package without the program has nothing to run', () => {
  put('usr/bin/other', '', 0o755);
  expect(linkProgram(root, 'server', path.join(root, 'bin'))).toBeUndefined();
});
