import { round } from '../measure.mjs';
import { pssMegabytes } from '../processes.mjs';
import { verifyOnce } from '../world.mjs';

const SAMPLE_MS = 10_000;
/** Heaps find their size in the first part, which does not count. */
const WARM_UP = 0.3;

/** `minutes` of sessions made, used and ended: what memory does meanwhile. */
export async function soak({ world, minutes, add, keep, chart, tell }) {
  const wire = world.sessions();
  const processes = Object.entries({ ...world.pidsByName, redis: world.redisPid });
  const look = () => Object.fromEntries(processes.map(([name, pid]) => [name, pssMegabytes([pid])]));
  const samples = [];
  const startedAt = performance.now();
  const endsAt = startedAt + minutes * 60_000;
  let made = 0;
  const person = async (lane) => {
    while (performance.now() < endsAt) {
      const i = 2_000_000 + lane * 1_000_000 + made++;
      const { id, handle } = await wire.create(i);
      for (let k = 0; k < 20; k++)
        if ((await verifyOnce(world.port, `authelia_session=${id}`)) !== 200) throw new Error('a live session was refused');
      await wire.session.endByHandle({ username: `someone${i}`, handle, reason: 'logout' });
    }
  };
  const people = Promise.all(Array.from({ length: 8 }, (_, lane) => person(lane)));
  while (performance.now() < endsAt) {
    await new Promise((f) => setTimeout(f, SAMPLE_MS));
    const each = look();
    samples.push({ minute: (performance.now() - startedAt) / 60_000, mb: Object.values(each).reduce((sum, mb) => sum + mb, 0), each });
    tell(`  soak ${round(samples.at(-1).minute, 1)} of ${minutes} min: ${Math.round(samples.at(-1).mb)} MB, ${made} sessions`);
  }
  await people;
  wire.close();
  const counted = samples.slice(Math.floor(samples.length * WARM_UP));
  const measured = {
    minutes,
    sessions: made,
    firstMb: Math.round(counted[0].mb),
    lastMb: Math.round(counted.at(-1).mb),
    slopeMbPerMinute: round(slope(counted), 3),
    slopes: Object.fromEntries(processes.map(([name]) => [name, round(slope(counted.map(({ minute, each }) => ({ minute, mb: each[name] }))), 2)])),
  };
  keep('soak', { ...measured, samples: samples.map(({ minute, mb }) => [round(minute, 2), round(mb, 1)]) });
  const perPoint = Math.ceil(samples.length / 12);
  chart('soak', {
    title: `Memory of all processes over ${minutes} minutes of sessions made and ended`,
    unit: ' MB',
    bars: samples
      .filter((_, i) => i % perPoint === perPoint - 1)
      .map(({ minute, mb }) => ({ label: `after ${round(minute, 1)} min`, value: Math.round(mb) })),
  });
  add(
    `memory over ${minutes} minutes of sessions made and ended`,
    `${measured.firstMb} to ${measured.lastMb} MB, ${measured.slopeMbPerMinute} MB a minute (${processes.map(([name]) => `${name} ${measured.slopes[name]}`).join(', ')}) over ${made} sessions and ${made * 20} verifies`,
    'flat',
  );
}

/** Least squares, MB a minute. */
function slope(points) {
  const mean = (field) => points.reduce((sum, point) => sum + point[field], 0) / points.length;
  const [x, y] = [mean('minute'), mean('mb')];
  const over = points.reduce((sum, { minute, mb }) => sum + (minute - x) * (mb - y), 0);
  return over / points.reduce((sum, { minute }) => sum + (minute - x) ** 2, 0);
}
