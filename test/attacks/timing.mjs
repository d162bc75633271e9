// node test/attacks/timing.mjs URL USER DISABLED BANNED [--count 200]: how long a gate takes to refuse a sign-in, by the reason. Prints, judges nothing.
// URL is the gate itself (http://127.0.0.1:9091), the host of its portal in PORTAL_HOST (default auth.example.com); the three names are of its users file.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';

const { values, positionals } = parseArgs({ allowPositionals: true, options: { count: { type: 'string', default: '200' } } });
const [base, user, disabled, banned] = positionals;
if (banned === undefined) {
  console.error('node test/attacks/timing.mjs URL USER DISABLED BANNED [--count 200]');
  process.exit(2);
}
const host = process.env.PORTAL_HOST ?? 'auth.example.com';
const names = { unknown: () => `nobody-${randomInt(1e9)}`, disabled: () => disabled, wrong: () => user, banned: () => banned };

/** Milliseconds of one refusal, from an address of its own. */
async function refuse(username) {
  const from = `10.${randomInt(256)}.${randomInt(256)}.${randomInt(1, 255)}`;
  const headers = { 'Content-Type': 'application/json', 'X-Forwarded-Host': host, 'X-Forwarded-Proto': 'https', 'X-Forwarded-For': from };
  const startedAt = performance.now();
  const answer = await fetch(new URL('/api/firstfactor', base), { method: 'POST', headers, body: JSON.stringify({ username, password: 'wrong' }) });
  await answer.arrayBuffer();
  if (answer.status !== 401) throw new Error(`${username} was answered ${answer.status}, not 401`);
  return performance.now() - startedAt;
}

const times = Object.fromEntries(Object.keys(names).map((kind) => [kind, []]));
// In turn, so that a busy moment falls on all of them.
for (let round = 0; round < Number(values.count); round += 1)
  for (const [kind, name] of Object.entries(names)) times[kind].push(await refuse(name()));

const at = (sorted, share) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
/** The median and its 95 % interval, by the order of the samples. */
function row(kind) {
  const sorted = times[kind].toSorted((a, b) => a - b);
  const half = (1.96 * Math.sqrt(sorted.length)) / 2 / sorted.length;
  const shown = { p10: 0.1, 'p50 from': 0.5 - half, p50: 0.5, 'p50 to': 0.5 + half, p90: 0.9, p99: 0.99 };
  return Object.fromEntries(Object.entries(shown).map(([name, share]) => [name, Number(at(sorted, share).toFixed(2))]));
}
console.table(Object.fromEntries(Object.keys(names).map((kind) => [kind, row(kind)])));
