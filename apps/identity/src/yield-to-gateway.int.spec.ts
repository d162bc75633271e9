import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';

// In a process of its own: niceness cannot be taken back without rights.
const SCRIPT = `
  const { readdirSync, readFileSync, promises } = require('node:fs');
  promises.readFile(process.execPath).then(async () => {
    const { yieldToGateway } = await import(process.argv[1]);
    yieldToGateway();
    const threads = readdirSync('/proc/self/task').map((thread) => readFileSync('/proc/self/task/' + thread + '/stat', 'utf8'));
    console.log(JSON.stringify(threads.map((stat) => Number(stat.split(') ')[1].split(' ')[16]))));
  });`;

it.runIf(existsSync('/proc/self/task'))('every thread that may hash gives way', () => {
  const built = join(import.meta.dirname, '../dist/yield-to-gateway.js');
  const { stdout, stderr } = spawnSync(process.execPath, ['-e', SCRIPT, built], { encoding: 'utf8' });
  expect(stderr).toBe('');
  const niceness = JSON.parse(stdout) as number[];
  expect(niceness.length).toBeGreaterThan(4);
  expect(new Set(niceness)).toEqual(new Set([10]));
});
