// node test/attacks/timing.mjs [--rounds 150 | --long] [--write]: can a refusal's reason be told by how long it takes? Starts an installation of its own, with
// digests as they are in earnest, asks in random order, and prints the distributions; with --write into docs/security/timing.md. It judges nothing.
// Needs redis-server, by REDIS_SERVER_PATH or on PATH, and the apps built.
import { randomInt } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { createDigests } from '@portcullis/platform-digests';
import { freePort, start, stop, until } from '../bench/processes.mjs';

const { values } = parseArgs({ options: { rounds: { type: 'string', default: '150' }, long: { type: 'boolean' }, write: { type: 'boolean' } } });
const rounds = values.long ? 1000 : Number(values.rounds);
/** Between two requests. */
const PAUSE_MS = 15;
const root = join(import.meta.dirname, '..', '..');
const ARGON2 = { algorithm: 'argon2', variant: 'argon2id', iterations: 3, memoryKib: 65536, parallelism: 4, keyLength: 32, saltLength: 16 };
const PASSWORD = 'Timing-Passw0rd!';
// A name is asked at most four times: then comes a ban, or the limit of links for one name.
const namesOf = (letter) => Array.from({ length: Math.ceil((rounds * 2) / 4) + 1 }, (_, i) => `${letter}${i}`);
const [wrongNames, disabledNames, muteNames] = ['w', 'd', 'm'].map(namesOf);

const dir = mkdtempSync(join(tmpdir(), 'portcullis-timing-'));
const port = await freePort();
const socket = join(dir, 'redis.sock');
const digests = createDigests();
const digest = await digests.make(ARGON2, PASSWORD).finally(() => digests.close());
const person = (name, more = '') => `  ${name}: { displayname: '${name}', password: '${digest}', email: '${name}@example.com'${more} }\n`;
writeFileSync(
  join(dir, 'users.yml'),
  [
    'users:\n',
    person('disabled', ', disabled: true'),
    person('banned'),
    ...wrongNames.map((name) => person(name)),
    ...disabledNames.map((name) => person(name, ', disabled: true')),
    ...muteNames.map((name) => `  ${name}: { displayname: '${name}', password: '${digest}' }\n`),
  ].join(''),
);
writeFileSync(
  join(dir, 'configuration.yml'),
  `server: { address: 'tcp://127.0.0.1:${port}/' }
log: { level: error }
telemetry: { metrics: { enabled: true, address: 'tcp://127.0.0.1:${await freePort()}/metrics' } }
session:
  secret: 'a_timing_secret_of_enough_characters_0123456789'
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
  redis: { host: '${socket}' }
storage: { encryption_key: 'a_timing_key_of_enough_characters_0123456789', local: { path: '${join(dir, 'db.sqlite3')}' } }
identity_validation: { reset_password: { jwt_secret: 'a_timing_jwt_secret_of_enough_characters_0123456789' } }
notifier: { filesystem: { filename: '${join(dir, 'notification.txt')}' } }
authentication_backend: { file: { path: '${join(dir, 'users.yml')}' } }
regulation: { max_retries: 5, find_time: 12h, ban_time: 12h }
access_control: { default_policy: deny, rules: [{ domain: app.example.com, policy: one_factor }] }
`,
);

/** Of each an address of its own, so that no limit of an address is met. */
const address = () => `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
const base = `http://127.0.0.1:${port}`;
const portal = () => ({ 'X-Forwarded-Host': 'auth.example.com', 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': address() });
const post = (path, body) => ({ path, method: 'POST', headers: { 'Content-Type': 'application/json', ...portal() }, body: JSON.stringify(body) });
const signIn = (username, password = 'wrong') => post('/api/firstfactor', { username, password });
const reset = (username) => post('/api/reset-password/identity/start', { username });
const finish = (token) => post('/api/reset-password/identity/finish', { token });
const basic = (username) => ({
  path: '/api/verify',
  method: 'GET',
  headers: {
    'X-Forwarded-Host': 'app.example.com',
    'X-Forwarded-Proto': 'https',
    'X-Forwarded-URI': '/',
    'X-Forwarded-Method': 'GET',
    'X-Forwarded-For': address(),
    'Proxy-Authorization': `Basic ${Buffer.from(`${username}:wrong`).toString('base64')}`,
  },
});

/** `before`: another request that is sent first; what is timed comes right behind its answer. */
async function timed({ before, path, ...request }) {
  if (before !== undefined) await timed(before);
  const startedAt = performance.now();
  const answer = await fetch(base + path, request);
  const text = await answer.text();
  return { ms: performance.now() - startedAt, answered: `${answer.status} ${text}`.trim() };
}

const turns = new Map();
/** Each in turn. */
function next(names) {
  const turn = turns.get(names) ?? 0;
  turns.set(names, turn + 1);
  return names[turn % names.length];
}
const wrongName = () => next(wrongNames);
const unknown = () => `nobody${randomInt(1e9)}`;
const base64url = (length) =>
  Array.from({ length }, () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'[randomInt(64)]).join('');

/** The first of each is what the others are held against. */
const GROUPS = {
  'sign-in': {
    'wrong password': () => signIn(wrongName()),
    'unknown name': () => signIn(unknown()),
    'disabled, wrong password': () => signIn('disabled'),
    'disabled, right password': () => signIn('disabled', PASSWORD),
    'banned, wrong password': () => signIn('banned'),
    'banned, right password': () => signIn('banned', PASSWORD),
  },
  'name and password in a header': {
    'wrong password': () => basic(wrongName()),
    'unknown name': () => basic(unknown()),
    disabled: () => basic('disabled'),
    banned: () => basic('banned'),
  },
  'link for a new password, asked for': {
    'known name': () => reset(next(wrongNames)),
    'unknown name': () => reset(unknown()),
    disabled: () => reset(next(disabledNames)),
    'known, without an address': () => reset(next(muteNames)),
  },
  'any request, right behind that for a link': {
    'known name': () => ({ ...finish(base64url(43)), before: reset(next(wrongNames)) }),
    'unknown name': () => ({ ...finish(base64url(43)), before: reset(unknown()) }),
  },
  'link for a new password, opened': {
    'made up, as ours look': () => finish(base64url(43)),
    'made up, of another length': () => finish(base64url(20)),
    'three parts and dots': () => finish(`${base64url(36)}.${base64url(120)}.${base64url(43)}`),
  },
};

const median = (sorted) => sorted[sorted.length >> 1];
const quantile = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];

/** 95 % interval of the difference of the medians, in percent of the first's: by drawing again. */
function difference(reference, other) {
  const drawn = (list) => median(Array.from(list, () => list[randomInt(list.length)]).toSorted((a, b) => a - b));
  const seen = Array.from({ length: 1000 }, () => {
    const from = drawn(reference);
    return (100 * (drawn(other) - from)) / from;
  }).toSorted((a, b) => a - b);
  const point = (100 * (median(other) - median(reference))) / median(reference);
  return { point, from: quantile(seen, 0.025), to: quantile(seen, 0.975) };
}

/** How often one of these takes longer than one of those; a half where they cannot be told apart. */
const longer = (reference, other) =>
  other.reduce((sum, ms) => sum + reference.filter((each) => each < ms).length, 0) / (reference.length * other.length);

const shuffled = (list) =>
  list
    .map((each) => [randomInt(2 ** 47), each])
    .sort(([a], [b]) => a - b)
    .map(([, each]) => each);

async function measure(group, kinds) {
  const times = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, []]));
  const answers = Object.fromEntries(Object.keys(kinds).map((kind) => [kind, new Map()]));
  // In an order drawn anew: a busy moment falls on all of them, and each follows each. What the one before left to be done is done by then.
  const kindsInTurn = shuffled(Object.keys(kinds).flatMap((kind) => Array.from({ length: rounds }, () => kind)));
  for (const [i, kind] of kindsInTurn.entries()) {
    await setTimeout(PAUSE_MS);
    const { ms, answered } = await timed(kinds[kind]());
    times[kind].push(ms);
    answers[kind].set(answered, (answers[kind].get(answered) ?? 0) + 1);
    if (i % 500 === 0) process.stderr.write(`${group}: ${i} of ${kindsInTurn.length}\n`);
  }
  const sorted = Object.fromEntries(Object.entries(times).map(([kind, list]) => [kind, list.toSorted((a, b) => a - b)]));
  const [reference] = Object.values(sorted);
  const same = new Set(Object.values(answers).flatMap((each) => [...each.keys()]));
  if (same.size > 1) console.log(answers);
  const rows = Object.entries(sorted).map(([kind, list], index) => {
    const fixed = (value) => value.toFixed(2);
    const { point, from, to } = difference(reference, list);
    const signed = (value) => `${value >= 0 ? '+' : ''}${value.toFixed(1)}`;
    const apart = index === 0 ? ['', ''] : [`${signed(point)} (${signed(from)} to ${signed(to)})`, longer(reference, list).toFixed(3)];
    return [kind, ...[0.1, 0.5, 0.9, 0.99].map((share) => fixed(quantile(list, share))), ...apart];
  });
  return { group, rows, answers: [...same] };
}

const HEAD = ['reason', 'p10', 'p50', 'p90', 'p99', 'p50 apart, %', 'takes longer than the first'];
const tableOf = ({ group, rows, answers }) =>
  [
    `## ${group[0].toUpperCase()}${group.slice(1)}`,
    '',
    `Answered in ${answers.length === 1 ? 'the same words' : `${answers.length} ways`}: ${answers.map((each) => `\`${each}\``).join(', ')}.`,
    '',
    ...[HEAD, HEAD.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
    '',
  ].join('\n');

const redis = start(process.env.REDIS_SERVER_PATH ?? 'redis-server', ['--port', '0', '--unixsocket', socket, '--save', '', '--dir', dir]);
const processes = [redis];
try {
  for (const app of ['session', 'identity', 'notifier', 'verify-gateway'])
    processes.unshift(start(process.execPath, [join(root, 'apps', app, 'dist/main.js'), '--config', join(dir, 'configuration.yml')]));
  await until('the gate being ready', async () => (await fetch(`${base}/health/ready`)).status === 200);
  await until('a sign-in being looked at', async () => (await timed(signIn('disabled'))).answered.startsWith('401'));
  for (let each = 0; each < 8; each += 1) await timed(signIn('banned'));
  const banned = await timed(signIn('banned', PASSWORD));
  if (!banned.answered.startsWith('401')) throw new Error(`the person to be banned was answered ${banned.answered}`);
  const results = [];
  for (const [group, kinds] of Object.entries(GROUPS)) {
    results.push(await measure(group, kinds));
    console.log(tableOf(results.at(-1)));
  }
  if (values.write) {
    const machine = `${cpus().length} cores (${cpus()[0].model.trim()}), Node ${process.versions.node}`;
    writeFileSync(
      join(root, 'docs/security/timing.md'),
      `# How long a refusal takes

Whether the reason of a refusal can be told by its time. Written by \`node test/attacks/timing.mjs --long --write\`: an installation of its own with argon2id digests as they are made by
default (64 MiB, three passes), each reason asked in turn in random order, ${rounds} times, one request at a time. Milliseconds, on ${machine}. \`p50 apart\`: the
difference of the medians in percent of the first row's, with its 95 % interval; a difference is seen where the interval does not hold 0. \`takes longer\`: how often a refusal of that
reason takes longer than one of the first row's; 0.500 where nobody can tell.

${results.map(tableOf).join('\n')}`,
    );
  }
} finally {
  for (const child of processes) await stop(child);
  rmSync(dir, { recursive: true, force: true });
}
