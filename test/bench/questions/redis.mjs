import { load, round } from '../measure.mjs';
import { signIn, verifyHead, verifyOnce } from '../world.mjs';

const FROZEN_MS = 3000;

/** Redis frozen for three seconds and let go again: what signed-in people and visitors of open sites are told meanwhile. */
export async function redisAway({ world, ms, add, keep, chart }) {
  const { cookie } = await world.signIn('user0');
  const quiet = await load(world.port, verifyHead('app.example.com', cookie), world.pids, { ms });
  process.kill(world.redisPid, 'SIGSTOP');
  const told = { signedIn: {}, open: {} };
  const until = performance.now() + FROZEN_MS;
  while (performance.now() < until) {
    const [signedIn, open] = await Promise.all([verifyOnce(world.port, cookie), verifyOnce(world.port, '', 'open.example.com')]);
    told.signedIn[signedIn] = (told.signedIn[signedIn] ?? 0) + 1;
    told.open[open] = (told.open[open] ?? 0) + 1;
  }
  process.kill(world.redisPid, 'SIGCONT');
  const backAt = performance.now();
  const backMs = async (asked) => {
    while ((await asked()) !== 200) if (performance.now() - backAt > 20_000) throw new Error('not back after 20 s');
    return round(performance.now() - backAt, 0);
  };
  const verifyBackMs = await backMs(() => verifyOnce(world.port, cookie));
  const signInBackMs = await backMs(async () => (await signIn(world.port, 'user1')).status);
  const measured = { ...told, backMs: verifyBackMs, signInBackMs, quietPerSecond: Math.round(quiet.perSecond) };
  keep('redisFrozen', measured);
  chart('redis', {
    title: 'After Redis was frozen for three seconds, until',
    unit: ' ms',
    bars: [
      { label: 'verifies are answered', value: verifyBackMs },
      { label: 'signing in works', value: signInBackMs },
    ],
  });
  const words = (counts) =>
    Object.entries(counts)
      .map(([status, count]) => `${count} times ${status}`)
      .join(', ');
  add(
    'Redis frozen for 3 s: people signed in',
    `${words(told.signedIn)}; back after ${verifyBackMs} ms, signing in after ${signInBackMs} ms`,
    '503 only once it is known; never 302',
  );
  add('Redis frozen for 3 s: sites that are open to all', words(told.open), '200 only');
}
