import { load, round } from '../measure.mjs';
import { cpuMicros, pssMegabytes } from '../processes.mjs';
import { verifyHead } from '../world.mjs';

const LOAD_MS = 5000;

/** What a thousand verifies cost each process, in milliseconds of CPU, and whether its memory grows by them. */
export async function cost({ world, cookie, add, keep, chart }) {
  const head = verifyHead('app.example.com', cookie);
  const processes = { ...world.pidsByName, redis: world.redisPid };
  await load(world.port, head, world.pids, { ms: LOAD_MS });
  const before = taken(processes);
  const { requests } = await load(world.port, head, world.pids, { ms: LOAD_MS });
  const after = taken(processes);
  const measured = Object.fromEntries(
    Object.keys(processes).map((name) => [
      name,
      {
        cpuMsPerThousand: round((after[name].cpu - before[name].cpu) / requests, 2),
        mb: round(after[name].mb, 0),
        grownMb: round(after[name].mb - before[name].mb, 1),
      },
    ]),
  );
  keep('cost', { requests, processes: measured });
  const cells = Object.entries(measured);
  add('CPU of a thousand warm verifies, by process', cells.map(([name, { cpuMsPerThousand }]) => `${name} ${cpuMsPerThousand} ms`).join(', '), '');
  add(
    `memory (PSS) by process, and what ${requests.toLocaleString('en')} verifies added`,
    cells.map(([name, { mb, grownMb }]) => `${name} ${mb} MB (${grownMb < 0 ? '' : '+'}${grownMb})`).join(', '),
    '',
  );
  chart('cost', {
    title: 'CPU of a thousand verifies, by process',
    unit: ' ms',
    bars: cells.map(([label, { cpuMsPerThousand }]) => ({ label, value: cpuMsPerThousand })),
  });
}

const taken = (processes) =>
  Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, { cpu: cpuMicros([pid]), mb: pssMegabytes([pid]) }]));
