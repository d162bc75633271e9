import { load, median, round } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { verifyHead, verifyOnce } from '../world.mjs';

const REVOKED = 200;

/** One to three gateways on one Redis, beside as many bare servers: throughput, and how long after a revocation the others still let somebody in. */
export async function gateways({ world, bare, startBare, cookie, rounds, ms, add, keep, chart }) {
  const more = [await world.addGateway(), await world.addGateway()];
  const bares = [bare, await startBare()];
  const ports = [world.port, ...more.map(({ port }) => port)];
  const measured = await measureCounts({ world, more, ports, bares, head: verifyHead('app.example.com', cookie), rounds, ms });
  await stop(bares[1].child);
  const wire = world.sessions();
  const latencies = [];
  for (let i = 0; i < REVOKED; i++) {
    const { id, handle } = await wire.create(900_000 + i);
    const shown = `authelia_session=${id}`;
    await Promise.all(ports.map((port) => verifyOnce(port, shown)));
    const startedAt = performance.now();
    const ended = wire.session.endByHandle({ username: `someone${900_000 + i}`, handle, reason: 'revoked' });
    await Promise.all(ports.map((port) => untilRefused(port, shown)));
    latencies.push(performance.now() - startedAt);
    await ended;
  }
  wire.close();
  for (const { child } of more) await stop(child);
  const sorted = latencies.sort((a, b) => a - b);
  measured.revokeMs = { p50: round(sorted[REVOKED / 2], 2), p99: round(sorted[Math.floor(REVOKED * 0.99)], 2), max: round(sorted.at(-1), 2) };
  const { ours, bare: theirs } = measured;
  const share = (of, count) => round(median(of[count].perSecond.map((value, round) => value / of[1].perSecond[round])), 2);
  const rates = (of) => Object.values(of).map((one) => Math.round(median(one.perSecond)));
  const cpu = (of, field) => Object.values(of).map((one) => round(median(one[field]), 1));
  add(
    'verifies a second with 1, 2, 3 gateways (32 connections in all, from one process on the same cores)',
    `${rates(ours).join(', ')}: ${share(ours, 2)} and ${share(ours, 3)} of one`,
    '>= 1.25 with two',
  );
  add('the same of 1 and 2 bare servers', `${rates(theirs).join(', ')}: ${share(theirs, 2)} of one`, '');
  add(
    'CPU of a verify with 2 and 3 gateways, share of one',
    `${[2, 3].map((count) => round(median(ours[count].cpuMicros) / median(ours[1].cpuMicros), 2)).join(' and ')} (${cpu(ours, 'cpuMicros').join(', ')} us, and the load ${cpu(ours, 'loadMicros').join(', ')}; bare ${cpu(theirs, 'cpuMicros').join(', ')}, its load ${cpu(theirs, 'loadMicros').join(', ')})`,
    'within 10 % with two',
  );
  add(
    'revoked to refused by all three gateways',
    `p50 ${measured.revokeMs.p50} ms, p99 ${measured.revokeMs.p99} ms, max ${measured.revokeMs.max} ms of ${REVOKED}`,
    '<= 1 s; p99 50 ms',
  );
  keep('gateways', measured);
  chart('gateways', {
    title: 'Verifies a second by gateways on one Redis',
    bars: rates(ours).map((value, index) => ({ label: `${index + 1}`, value })),
  });
}

/** Every count in every round, so that what the machine does otherwise falls on all of them: the values of the rounds. */
async function measureCounts({ world, more, ports, bares, head, rounds, ms }) {
  const loads = {
    ours: Object.fromEntries(
      [1, 2, 3].map((count) => [count, [ports.slice(0, count), [...world.pids, ...more.slice(0, count - 1).map(({ child }) => child.pid)]]]),
    ),
    bare: Object.fromEntries(
      [1, 2].map((count) => [count, [bares.slice(0, count).map(({ port }) => port), bares.slice(0, count).flatMap(({ pids }) => pids)]]),
    ),
  };
  const measured = { ours: {}, bare: {} };
  // The first round warms.
  for (let i = 0; i <= rounds; i++) {
    for (const [side, counts] of Object.entries(loads)) {
      for (const [count, [to, pids]] of Object.entries(counts)) {
        const one = await load(to, head, pids, { ms });
        const kept = (measured[side][count] ??= { perSecond: [], cpuMicros: [], loadMicros: [] });
        if (i > 0) for (const field of Object.keys(kept)) kept[field].push(round(one[field], 2));
      }
    }
  }
  return measured;
}

async function untilRefused(port, cookie) {
  const deadline = performance.now() + 5000;
  while ((await verifyOnce(port, cookie)) === 200) if (performance.now() > deadline) throw new Error('a revoked session was let in for five seconds');
}
