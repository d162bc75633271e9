import { median, round } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { startWorld, stopWorld } from '../world.mjs';

const TIMES = 5;

/** From the start of the four processes to the first verify that would be answered. */
export async function ready({ add, keep, chart, tell }) {
  const times = [];
  for (let i = 0; i < TIMES; i++) {
    tell(`  start ${i + 1}/${TIMES}`);
    const world = await startWorld();
    times.push(world.readyMs);
    await stopWorld(world, stop);
  }
  const measured = { medianMs: Math.round(median(times)), maxMs: Math.round(Math.max(...times)) };
  keep('startMs', measured);
  chart('start', {
    title: 'From the start of the four processes to the first verify',
    unit: ' ms',
    bars: times.map((value, i) => ({ label: `start ${i + 1}`, value: Math.round(value) })),
  });
  add(
    'start of all four services to ready',
    `${round(measured.medianMs / 1000, 2)} s (at most ${round(measured.maxMs / 1000, 2)} s of ${TIMES})`,
    '<= 3 s',
  );
}
