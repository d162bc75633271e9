import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { load, round } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { verifyHead } from '../world.mjs';

const LOAD_MS = 5000;
const WARM_MS = 2000;

/** Where a sample was taken, by the first that fits: the name of the part, and what tells it. */
const PARTS = [
  ['policy', ({ url }) => url.includes('libs/domain/policy')],
  ['the session, from the cache', ({ url }) => /verify-gateway\/dist\/sessions|libs\/domain\/session-rules/.test(url)],
  ['metrics, log', ({ url }) => /libs\/platform\/telemetry|decision-log/.test(url)],
  ['request and answer, with what is inlined into them', ({ url }) => url.startsWith('file:')],
  ['garbage collection', ({ functionName }) => functionName === '(garbage collector)'],
  ['Node: HTTP, streams, timers', ({ url }) => url.startsWith('node:')],
  ['Node and the kernel: parser, sockets, system calls', () => true],
];

/** Where the time of one verify goes, from socket to socket, ours beside the bare runtime: samples of the processor, each tenth of a millisecond. */
export async function profile({ world, startBare, cookie, add, keep, chart }) {
  const head = verifyHead('app.example.com', cookie);
  const sides = {
    verify: await sampled((flags) => world.addGateway(flags), world.dir, 'verify', head),
    bare: await sampled(startBare, world.dir, 'bare', head),
  };
  keep('profile', sides);
  for (const [name] of PARTS) {
    const [ours, bare] = [sides.verify, sides.bare].map(({ micros }) => round(micros[name] ?? 0, 2));
    add(`one verify: ${name}`, `${ours} us (bare ${bare})`, '');
  }
  chart('profile', {
    title: 'Where the time of one verify goes, beside bare node:http',
    unit: ' us',
    bars: PARTS.flatMap(([name]) => [
      { label: name, value: round(sides.verify.micros[name] ?? 0, 2) },
      { label: 'bare', value: round(sides.bare.micros[name] ?? 0, 2) },
    ]),
  });
  for (const [side, { bytes }] of Object.entries(sides)) add(`memory taken and given back by one request: ${side}`, `${bytes} bytes`, '');
}

async function sampled(startOne, dir, name, head) {
  const folder = join(dir, `profile-${name}`);
  const spawnedAt = performance.now();
  const { port, child } = await startOne(['--cpu-prof', `--cpu-prof-dir=${folder}`, '--cpu-prof-interval=100', '--trace-gc']);
  let text = '';
  child.stdout.on('data', (data) => (text += data));
  await load(port, head, [child.pid], { ms: WARM_MS });
  text = '';
  const from = performance.now() - spawnedAt;
  const { requests } = await load(port, head, [child.pid], { ms: LOAD_MS });
  const to = performance.now() - spawnedAt;
  const bytes = Math.round(takenIn(text) / requests);
  await stop(child);
  const [file] = readdirSync(folder);
  return { requests, micros: byPart(JSON.parse(readFileSync(join(folder, file), 'utf8')), from * 1000, to * 1000, requests), bytes };
}

/** Bytes of new objects between the collections that V8 tells of: `… 5.3 (7.1) -> 3.2 (8.1) MB …`. */
function takenIn(text) {
  const collections = [...text.matchAll(/(\d+\.\d+) \(\d+\.\d+\) -> (\d+\.\d+) \(\d+\.\d+\) MB/g)].map(([, before, after]) => [
    Number(before),
    Number(after),
  ]);
  return collections.slice(1).reduce((sum, [before], i) => sum + Math.max(0, before - collections[i][1]), 0) * 2 ** 20;
}

/** Microseconds a request by part; of what was sampled between `from` and `to` (microseconds since the start). */
function byPart({ nodes, samples, timeDeltas }, from, to, requests) {
  const partOf = new Map(
    nodes.map(({ id, callFrame }) => [id, callFrame.functionName === '(idle)' ? null : PARTS.find(([, fits]) => fits(callFrame))[0]]),
  );
  const sums = {};
  let at = 0;
  for (const [i, id] of samples.entries()) {
    at += timeDeltas[i];
    const part = partOf.get(id);
    if (part !== null && at >= from && at <= to) sums[part] = (sums[part] ?? 0) + timeDeltas[i] / requests;
  }
  return sums;
}
