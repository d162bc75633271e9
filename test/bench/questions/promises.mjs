import { Redis } from 'ioredis';
import { verifyOnce } from '../world.mjs';

/** What crawlers leave behind in Redis. */
export async function anonymous({ world, add, keep }) {
  const redis = new Redis(world.socket);
  const before = new Set(await redis.keys('*'));
  for (let i = 0; i < 2000; i += 50) await Promise.all(Array.from({ length: 50 }, () => verifyOnce(world.port, '')));
  const keys = (await redis.keys('*')).filter((key) => !before.has(key)).length;
  redis.disconnect();
  keep('keysAfterAnonymous', keys);
  add('keys in Redis after 2,000 anonymous requests', String(keys), '0');
}

/** Whether a sign-out stands while verifies of the same session are on their way. */
export async function logout({ world, add, keep }) {
  let survived = 0;
  for (let i = 0; i < 20; i++) {
    const { cookie } = await world.signIn(`user${i}`);
    let open = true;
    const inFlight = Array.from({ length: 16 }, async () => {
      while (open) await verifyOnce(world.port, cookie);
    });
    const out = await fetch(`http://127.0.0.1:${world.port}/api/logout`, {
      method: 'POST',
      body: '{}',
      headers: { 'Content-Type': 'application/json', 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'auth.example.com', Cookie: cookie },
    });
    if (out.status !== 200) throw new Error(`logout answered ${out.status}`);
    open = false;
    await Promise.all(inFlight);
    if ((await verifyOnce(world.port, cookie)) === 200) survived++;
  }
  keep('signedInAfterLogout', survived);
  add('still signed in after a sign-out with 16 verifies in flight', `${survived} of 20`, '0 of 20');
}
