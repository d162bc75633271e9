import { bar, compare, load, shown } from '../measure.mjs';
import { stop, withChildren } from '../processes.mjs';
import { browserHead, startCaddy, startHaproxy, startNginx } from '../proxies.mjs';

const PROXIES = [
  { name: 'nginx', start: startNginx },
  { name: 'Caddy', start: startCaddy },
  { name: 'HAProxy', start: startHaproxy, variable: 'HAPROXY_PATH' },
];

/** A verify behind each proxy, as a share of the same proxy in front of the bare runtime. */
export async function proxies({ world, bare, cookie, rounds, ms, add, keep, chart, skip }) {
  const measured = {};
  for (const { name, start, variable } of PROXIES) {
    if (variable && !process.env[variable]) {
      skip(`behind ${name}`, `${name} is not here (${variable})`);
      continue;
    }
    const ours = await start(world.port, true);
    const theirs = await start(bare.port, false);
    const head = browserHead(cookie);
    const pidsOf = ({ child }, gate) => [...withChildren([child.pid]), ...gate];
    measured[name] = await compare(
      name,
      () => load(ours.port, head, pidsOf(ours, world.pids), { ms }),
      () => load(theirs.port, head, pidsOf(theirs, bare.pids), { ms }),
      rounds,
    );
    add(`verify behind ${name}, share of ${name} in front of bare`, shown(measured[name]), name === 'HAProxy' ? '' : '>= 0.90');
    await stop(ours.child);
    await stop(theirs.child);
  }
  keep('proxies', measured);
  chart('proxies', {
    title: 'Verify behind a proxy, as a share of that proxy in front of bare node:http',
    bars: Object.entries(measured).map(([name, { share }]) => bar(name, share)),
    mark: { value: 1, label: 'bare node:http' },
  });
}
