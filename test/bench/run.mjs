// npm run bench: what a verify costs, and what else one asks before choosing a gate. Side by side with the bare runtime, interleaved, medians.
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import Table from 'cli-table3';
import { barChart } from './chart.mjs';
import { tell } from './measure.mjs';
import { freePort, start, stopAll, until } from './processes.mjs';
import { cost } from './questions/cost.mjs';
import { direct } from './questions/direct.mjs';
import { gateways } from './questions/gateways.mjs';
import { anonymous, logout } from './questions/promises.mjs';
import { profile } from './questions/profile.mjs';
import { proxies } from './questions/proxies.mjs';
import { reach } from './questions/reach.mjs';
import { redisAway } from './questions/redis.mjs';
import { rules } from './questions/rules.mjs';
import { sessions } from './questions/sessions.mjs';
import { sizing } from './questions/sizing.mjs';
import { soak } from './questions/soak.mjs';
import { ready } from './questions/start.mjs';
import { storm } from './questions/storm.mjs';
import { startWorld } from './world.mjs';

/** In this order: what fills memory or stops Redis comes last. */
const QUESTIONS = {
  direct,
  cost,
  profile,
  proxies,
  rules,
  storm,
  anonymous,
  logout,
  gateways,
  reach,
  start: ready,
  sizing,
  redis: redisAway,
  sessions,
  soak,
};

const USAGE = `npm run bench -- [options]

  --only A,B      of ${Object.keys(QUESTIONS).join(', ')}; without it all but soak
  --rounds 9      of each comparison
  --ms 2000       each load of a round
  --soak 10       minutes of sessions made and ended, besides
  --peer URL      another server's forward-auth endpoint beside ours (an http address on this machine), with
  --cookie C      the cookie of somebody signed in there
  --docs          writes the pictures and the table into docs/performance

It takes about ten minutes and wants a quiet machine: what counts are the shares within one run.`;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '9' },
    ms: { type: 'string', default: '2000' },
    only: { type: 'string' },
    soak: { type: 'string', default: '0' },
    peer: { type: 'string' },
    cookie: { type: 'string', default: '' },
    docs: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
  },
});

/** Loopback alone: a load is never sent to anybody else's machine. */
function peerOf(address, cookie) {
  const url = new URL(address);
  if (url.protocol !== 'http:' || !['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname))
    throw new Error(`--peer takes an http address of this machine, not ${address}`);
  return { name: url.host, port: Number(url.port || 80), cookie, expect: cookie === '' ? '302' : '200' };
}

function machine() {
  const [cpu] = os.cpus();
  const release = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? os.type();
  return {
    cores: os.cpus().length,
    cpu: cpu.model.trim(),
    memoryGb: Math.round(os.totalmem() / 2 ** 30),
    system: release,
    node: process.versions.node,
  };
}

async function startBare(flags = []) {
  const port = await freePort();
  const child = start(process.execPath, [...flags, join(import.meta.dirname, 'bare.mjs'), String(port)]);
  await until('the bare server', async () => (await fetch(`http://127.0.0.1:${port}/`)).status === 200);
  return { port, child, pids: [child.pid] };
}

function asked() {
  const names = options.only?.split(',') ?? Object.keys(QUESTIONS).filter((name) => name !== 'soak' || options.soak !== '0');
  const unknown = names.filter((name) => !(name in QUESTIONS));
  if (unknown.length > 0) throw new Error(`there is no question ${unknown.join(', ')}: choose of ${Object.keys(QUESTIONS).join(', ')}`);
  return names;
}

function writeDocs({ rows, charts, result }) {
  const dir = join('docs', 'performance');
  mkdirSync(dir, { recursive: true });
  for (const [name, chart] of charts) writeFileSync(join(dir, `${name}.svg`), barChart(chart));
  const { machine: m, at, rounds, msPerRound } = result;
  const lines = [
    '# Figures',
    '',
    `Written by \`npm run bench -- --docs\` on ${at.slice(0, 10)}: ${m.cores} cores (${m.cpu}), ${m.memoryGb} GB, ${m.system}, Node ${m.node}; gate, proxies, Redis and the load on the same cores.`,
    `${rounds} rounds of ${msPerRound} ms, ours and the bare one in turn; a share is the median of the rounds, in brackets the middle half of them. CPU is of all processes of that side.`,
    '',
    '| what | measured | we reach for |',
    '| --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
    ...charts.map(([name, { title }]) => `![${title}](${name}.svg)\n`),
  ];
  writeFileSync(join(dir, 'figures.md'), `${lines.join('\n').trimEnd()}\n`);
  tell(`written to ${dir}`);
}

async function run() {
  const names = asked();
  const result = {
    at: new Date().toISOString(),
    machine: machine(),
    rounds: Number(options.rounds),
    msPerRound: Number(options.ms),
    connections: 32,
  };
  const rows = [];
  const charts = [];
  tell('starting the installation and the bare server');
  const world = await startWorld();
  const bare = await startBare();
  const { cookie } = await world.signIn('user0');
  const bench = {
    world,
    bare,
    startBare,
    cookie,
    tell,
    rounds: result.rounds,
    ms: result.msPerRound,
    minutes: Number(options.soak) || 10,
    peer: options.peer ? peerOf(options.peer, options.cookie) : undefined,
    add: (what, measured, reach) => rows.push([what, measured, reach]),
    keep: (name, value) => {
      result[name] = value;
    },
    chart: (name, chart) => charts.push([name, chart]),
    skip: (what, why) => rows.push([what, `not measured: ${why}`, '']),
  };
  for (const [i, name] of names.entries()) {
    tell(`${name} (${i + 1} of ${names.length})`);
    await QUESTIONS[name](bench).catch((error) => {
      process.exitCode = 1;
      bench.skip(name, error.message);
    });
  }
  const table = new Table({ head: ['what', 'measured', 'we reach for'], colWidths: [44, 62, 26], wordWrap: true, style: { head: [], border: [] } });
  table.push(...rows);
  console.log(table.toString());
  mkdirSync('test-results', { recursive: true });
  writeFileSync(join('test-results', 'bench.json'), `${JSON.stringify(result, null, 2)}\n`);
  tell('written to test-results/bench.json');
  if (options.docs) writeDocs({ rows, charts, result });
  await stopAll();
  world.remove();
}

for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => void stopAll().then(() => process.exit(130)));
if (options.help) console.log(USAGE);
else {
  await run().catch(async (error) => {
    console.error(error.message);
    await stopAll();
    process.exitCode = 1;
  });
  // A question that broke off may have left a connection open.
  process.exit();
}
