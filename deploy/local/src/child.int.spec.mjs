import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { nodeScript } from './child.mjs';

const LOOK = `process.stdout.write(require('node:fs').readFileSync('/proc/self/limits', 'latin1')); process.stdout.write(String(process.ppid))`;

it.skipIf(process.platform !== 'linux').each([0, 10])('a service (niceness %i) leaves no core dump, and is our own child', (niceness) => {
  const { command, args } = nodeScript('-e', [LOOK], { niceness });
  const { stdout } = spawnSync(command, args, { encoding: 'latin1' });
  expect(stdout).toMatch(/^Max core file size\s+0\s+0\s/m);
  expect(stdout).toMatch(new RegExp(`\\b${process.pid}$`));
});
