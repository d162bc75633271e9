import http from 'node:http';
import { Redis } from 'ioredis';
import { median, quantile, round } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { verifyHead, verifyOnce } from '../world.mjs';

const TIMES = 50;
const MOST_MS = 10_000;

/** What somebody changes, and how long until the last of three gateways goes by it: groups and a disabled user, in the file and by a command; an emptied Redis. */
export async function reach({ world, add, keep }) {
  const more = [await world.addGateway(), await world.addGateway()];
  const ports = [world.port, ...more.map(({ port }) => port)];
  const redis = new Redis(world.socket);
  const measured = {};
  const measure = async (name, what, wanted, once) => {
    const took = [];
    for (let i = 0; i < TIMES; i++) took.push(await once(i));
    measured[name] = { p50: round(median(took)), p99: round(quantile(took, 0.99)), times: TIMES };
    add(what, `p50 ${measured[name].p50} ms, p99 ${measured[name].p99} ms of ${TIMES}`, wanted);
  };
  const everywhere = async (test) => {
    const startedAt = performance.now();
    await Promise.all(ports.map((port) => until(() => test(port))));
    return performance.now() - startedAt;
  };

  let { cookie } = await world.signIn('user0');
  await measure('groups', 'groups changed in the users file to seen by all three gateways', '<= 2 s', async (i) => {
    const groups = [`team${i}`, 'ops'];
    world.writeUsers(groups);
    return everywhere(async (port) => (await groupsAt(port, cookie)) === groups.join(','));
  });
  await measure('disabled', 'disabled in the users file to refused by all three gateways', '<= 2 s', async () => {
    world.writeUsers(undefined, true);
    const took = await everywhere(async (port) => (await verifyOnce(port, cookie)) !== 200);
    world.writeUsers();
    await until(async () => {
      const again = await world.signIn('user0');
      cookie = again.cookie;
      return again.status === 200;
    });
    return took;
  });
  const admin = world.admin();
  const set = (edit) => admin.identity.editUsers({ edits: [{ kind: 'set', username: 'user0', ...edit }], dryRun: false });
  await measure('groupsByCommand', 'groups changed by `portcullis users` to seen by all three gateways', '<= 1 s; 50 ms', async (i) => {
    const groups = [`crew${i}`, 'ops'];
    const edited = set({ groups });
    const took = await everywhere(async (port) => (await groupsAt(port, cookie)) === groups.join(','));
    await edited;
    return took;
  });
  await measure('disabledByCommand', 'disabled by `portcullis users` to refused by all three gateways', '<= 1 s; 50 ms', async () => {
    const edited = set({ disabled: true });
    const took = await everywhere(async (port) => (await verifyOnce(port, cookie)) !== 200);
    await edited;
    await set({ disabled: false });
    cookie = (await world.signIn('user0')).cookie;
    return took;
  });
  admin.close();
  await measure('flush', 'Redis emptied to refused by all three gateways', '<= 1 s; 50 ms', async () => {
    const { cookie: shown } = await world.signIn('user1');
    await Promise.all(ports.map((port) => verifyOnce(port, shown)));
    const flushed = redis.flushall();
    const took = await everywhere(async (port) => (await verifyOnce(port, shown)) !== 200);
    await flushed;
    await until(async () => (await world.signIn('user1')).status === 200);
    return took;
  });
  redis.disconnect();
  for (const { child } of more) await stop(child);
  keep('reach', measured);
}

async function until(test) {
  // A sign-in that is refused for the moment is tried again.
  for (const deadline = performance.now() + MOST_MS; !(await test().catch(() => false));) {
    if (performance.now() > deadline) throw new Error(`a change was not seen within ${MOST_MS} ms`);
  }
}

/** Remote-Groups of a verify. */
function groupsAt(port, cookie) {
  const [, ...lines] = verifyHead('app.example.com', cookie).trim().split(/\r?\n/);
  const headers = Object.fromEntries(lines.map((line) => line.split(/: (.*)/s)));
  return new Promise((resolve, reject) => {
    const sent = http.get({ host: '127.0.0.1', port, path: '/api/authz/forward-auth', headers }, (response) => {
      response.resume();
      response.on('end', () => resolve(response.headers['remote-groups']));
    });
    sent.on('error', reject);
  });
}
