// How a figure is taken: a load, two of them side by side, medians and their spread.
import { join } from 'node:path';
import { cpuMicros, start } from './processes.mjs';

export const tell = (text) => process.stderr.write(`${text}\n`);
export const round = (value, digits = 2) => Number(value.toFixed(digits));

const sorted = (values) => [...values].sort((a, b) => a - b);
/** @param q 0 to 1 */
export const quantile = (values, q) => sorted(values)[Math.min(values.length - 1, Math.floor(values.length * q))];
export const median = (values) => quantile(values, 0.5);

/** Median, and the middle half of the rounds: what the noise of the machine was. */
export const spread = (values, digits = 3) => ({
  median: round(median(values), digits),
  low: round(quantile(values, 0.25), digits),
  high: round(quantile(values, 0.75), digits),
});

export async function inOrder(works) {
  const results = [];
  for (const work of works) results.push(await work());
  return results;
}

/**
 * One load of `ms` on a port, or on several at once, from one process: requests and latencies, and the CPU time in microseconds that a request cost in
 * `pids`, and in the load itself. `heads`: the requests, taken in turn. `expect`: the status of every answer; anything else ends the run.
 */
export async function load(ports, heads, pids, { ms, connections = 32, expect = '200' }) {
  const before = cpuMicros(pids);
  const args = [join(import.meta.dirname, 'load.mjs'), [ports].flat().join(), String(connections), String(ms)];
  const { cpuMicros: loadMicros, statuses, ...measured } = await resultOf(start(process.execPath, args, { input: [heads].flat().join('\0') }));
  if (Object.keys(statuses).some((status) => status !== expect)) throw new Error(`the load met answers that it must not: ${JSON.stringify(statuses)}`);
  return { ...measured, cpuMicros: (cpuMicros(pids) - before) / measured.requests, loadMicros };
}

/** Its line is the end of a load: a Node process may wait for itself at its exit for ever (seen with glibc 2.36, whose bug 25847 would explain it), and is not waited for. */
async function resultOf(child) {
  await new Promise((resolve, reject) => {
    child.stdout.on('data', () => {
      if (child.output.endsWith('\n')) resolve();
    });
    child.on('close', () => {
      reject(new Error(`the load ended without a result\n${child.output}`));
    });
  });
  child.kill('SIGKILL');
  return JSON.parse(child.output.trim().split('\n').at(-1));
}

/** Interleaves two loads, ours and another; the share round by round, and the medians of each. */
export async function compare(name, ours, theirs, rounds) {
  const pairs = [];
  await ours();
  await theirs();
  for (let i = 0; i < rounds; i++) {
    const [a, b] = i % 2 === 0 ? [await ours(), await theirs()] : (await inOrder([theirs, ours])).reverse();
    pairs.push([a, b]);
    tell(
      `  ${name} ${i + 1}/${rounds}: ${Math.round(a.perSecond)} of ${Math.round(b.perSecond)} a second, ${round(a.cpuMicros, 1)} and ${round(b.cpuMicros, 1)} us CPU`,
    );
  }
  const of = (side, field) => median(pairs.map((pair) => pair[side][field]));
  return {
    share: spread(pairs.map(([a, b]) => a.perSecond / b.perSecond)),
    perSecond: Math.round(of(0, 'perSecond')),
    barePerSecond: Math.round(of(1, 'perSecond')),
    cpuMicros: round(of(0, 'cpuMicros'), 1),
    bareCpuMicros: round(of(1, 'cpuMicros'), 1),
    p99Ms: round(of(0, 'p99Ms'), 3),
  };
}

/** A comparison in a cell of the table. */
export const shown = ({ share, perSecond, barePerSecond, cpuMicros: ours, bareCpuMicros: bare }) =>
  `${share.median} (${share.low} to ${share.high}); ${perSecond} of ${barePerSecond} req/s, ${ours} and ${bare} us CPU`;

/** A share as a bar of a chart. */
export const bar = (label, { median: value, low, high }) => ({ label, value, low, high });
