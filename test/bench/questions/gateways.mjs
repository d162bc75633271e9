import { load, median, round } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { verifyHead, verifyOnce } from '../world.mjs';

const REVOKED = 200;

/** One to three gateways on one Redis: throughput, and how long after a revocation the others still let somebody in. */
export async function gateways({ world, cookie, rounds, ms, add, keep, chart }) {
  const head = verifyHead('app.example.com', cookie);
  const measured = { perSecond: {}, cpuMicros: {} };
  const ports = [world.port];
  const pids = [...world.pids];
  const more = [];
  for (const count of [1, 2, 3]) {
    if (count > 1) {
      const { port, child } = await world.addGateway();
      more.push(child);
      ports.push(port);
      pids.push(child.pid);
    }
    await load(ports, head, pids, { ms });
    const each = [];
    for (let i = 0; i < rounds; i++) each.push(await load(ports, head, pids, { ms }));
    measured.perSecond[count] = Math.round(median(each.map((one) => one.perSecond)));
    measured.cpuMicros[count] = round(median(each.map((one) => one.cpuMicros)), 1);
  }
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
  for (const child of more) await stop(child);
  const sorted = latencies.sort((a, b) => a - b);
  measured.revokeMs = { p50: round(sorted[REVOKED / 2], 2), p99: round(sorted[Math.floor(REVOKED * 0.99)], 2), max: round(sorted.at(-1), 2) };
  const share = (count) => round(measured.perSecond[count] / measured.perSecond[1], 2);
  add(
    'verifies a second with 1, 2, 3 gateways (the load on the same cores)',
    `${Object.values(measured.perSecond).join(', ')}: ${share(2)} and ${share(3)} of one`,
    '>= 1.25 with two',
  );
  add(
    'CPU of a verify with 2 and 3 gateways, share of one',
    `${[2, 3].map((count) => round(measured.cpuMicros[count] / measured.cpuMicros[1], 2)).join(' and ')} (${Object.values(measured.cpuMicros).join(', ')} us)`,
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
    bars: Object.entries(measured.perSecond).map(([count, value]) => ({ label: `${count}`, value })),
  });
}

async function untilRefused(port, cookie) {
  const deadline = performance.now() + 5000;
  while ((await verifyOnce(port, cookie)) === 200) if (performance.now() > deadline) throw new Error('a revoked session was let in for five seconds');
}
