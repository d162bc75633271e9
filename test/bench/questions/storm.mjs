import { inOrder, load, median, round } from '../measure.mjs';
import { pssMegabytes, withChildren } from '../processes.mjs';
import { signIn, verifyHead } from '../world.mjs';

/** 32 sign-ins in flight for `ms`; how many came through a second. */
async function loginStorm(port, ms) {
  let done = 0;
  let busy = 0;
  const end = Date.now() + ms;
  const one = async (i) => {
    while (Date.now() < end) {
      const { status } = await signIn(port, `user${i}`);
      if (status === 200) done++;
      else busy++;
    }
  };
  const startedAt = performance.now();
  await Promise.all(Array.from({ length: 32 }, (_, i) => one(i)));
  return { perSecond: done / ((performance.now() - startedAt) / 1000), refusedAsBusy: busy };
}

/** Sign-ins by the dozen: how many, what they do to verifies, and to memory. */
export async function storm({ world, cookie, add, keep, chart }) {
  const head = verifyHead('app.example.com', cookie);
  const all = () => withChildren([...world.pids, world.redisPid]);
  const idleMb = Math.round(pssMegabytes(all()));
  // A load that leaves the machine room, so that what is seen is the waiting and not the queue of the load itself.
  const quiet = await inOrder(Array.from({ length: 3 }, () => () => load(world.port, head, world.pids, { ms: 3000, connections: 4 })));
  const logins = loginStorm(world.port, 12_000);
  await new Promise((f) => setTimeout(f, 1000));
  const busy = [];
  let peak = 0;
  for (let i = 0; i < 3; i++) {
    busy.push(await load(world.port, head, world.pids, { ms: 3000, connections: 4 }));
    peak = Math.max(peak, pssMegabytes(all()));
  }
  const underVerifies = await logins;
  const alone = await loginStorm(world.port, 8000);
  const measured = {
    quietP99Ms: round(median(quiet.map((r) => r.p99Ms)), 3),
    stormP99Ms: round(median(busy.map((r) => r.p99Ms)), 3),
    loginsPerSecond: round(alone.perSecond, 1),
    loginsPerSecondUnderVerifies: round(underVerifies.perSecond, 1),
    refusedAsBusy: alone.refusedAsBusy,
    idleMb,
    stormMb: Math.round(peak),
  };
  keep('storm', measured);
  const { quietP99Ms, stormP99Ms } = measured;
  add(
    'verify p99 with 32 sign-ins in flight against quiet',
    `${round(stormP99Ms / quietP99Ms, 1)} times (${quietP99Ms} to ${stormP99Ms} ms)`,
    '<= 3 times',
  );
  add(
    'sign-ins a second, 32 in flight, argon2id 64 MiB t=3 p=4',
    `${measured.loginsPerSecond} (${measured.loginsPerSecondUnderVerifies} beside full verifies)`,
    '>= 12',
  );
  chart('storm', {
    title: 'Verify p99, with nobody and with 32 people signing in at once',
    unit: ' ms',
    bars: [
      { label: 'nobody', value: quietP99Ms },
      { label: '32 sign-ins in flight', value: stormP99Ms },
    ],
  });
  add('memory (PSS of the services and Redis), idle / 32 sign-ins', `${idleMb} / ${measured.stormMb} MB`, '<= 400 / 550 MB');
}
