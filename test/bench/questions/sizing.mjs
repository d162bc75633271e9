import { request } from 'node:http';
import { stop } from '../processes.mjs';
import { startCaddy, startNginx } from '../proxies.mjs';

const GROUPS = [10, 50, 100, 200, 300, 400, 600, 800, 1200];
const WIDER = 'proxy_buffer_size 32k; proxy_buffers 8 32k;';
const PROXIES = {
  'nginx as it comes': startNginx,
  [`nginx with \`${WIDER}\``]: (port) => startNginx(port, true, WIDER),
  'Caddy as it comes': startCaddy,
};

/** How many groups (of ten characters) one person may have before a proxy no longer takes the answer. */
export async function sizing({ world, add, keep, chart, tell }) {
  const running = Object.fromEntries(await Promise.all(Object.entries(PROXIES).map(async ([name, start]) => [name, await start(world.port, true)])));
  const most = {};
  for (const count of GROUPS) {
    const groups = Array.from({ length: count }, (_, i) => `group-${String(i).padStart(4, '0')}`);
    world.writeUsers(groups);
    tell(`  ${count} groups`);
    await untilCarried(world, groups.at(-1));
    const { cookie } = await world.signIn('user0');
    for (const [name, { port }] of Object.entries(running))
      if ((await statusThrough(port, cookie)) === 200) most[name] = { groups: count, headerBytes: groups.join(',').length };
  }
  world.writeUsers(['dev', 'ops']);
  await untilCarried(world, 'ops');
  for (const { child } of Object.values(running)) await stop(child);
  keep('groups', most);
  chart('sizing', {
    title: 'Groups of ten characters one person can carry',
    bars: Object.entries(most).map(([label, { groups }]) => ({ label: label.replace(/ with .*/, ', wider buffers'), value: groups })),
  });
  for (const [name, { groups, headerBytes }] of Object.entries(most))
    add(
      `groups of ten characters one person can carry through ${name}`,
      `${groups === GROUPS.at(-1) ? 'at least ' : ''}${groups} (${headerBytes} bytes of Remote-Groups)`,
      '',
    );
}

async function untilCarried(world, group) {
  const until = performance.now() + 20_000;
  for (;;) {
    const { cookie } = await world.signIn('user0');
    if ((await groupsOf(world.port, cookie)).split(',').at(-1) === group) return;
    if (performance.now() > until) throw new Error(`the group ${group} was not carried within 20 s`);
  }
}

const HEADERS = { 'X-Forwarded-Proto': 'https', 'X-Forwarded-Host': 'app.example.com', 'X-Forwarded-Uri': '/', 'X-Forwarded-Method': 'GET' };

function ask(port, path, headers) {
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, headers, maxHeaderSize: 262_144 }, (response) => {
      response.resume().on('end', () => resolve(response));
    });
    asked.on('error', reject);
    asked.end();
  });
}

const groupsOf = async (port, cookie) => (await ask(port, '/api/authz/forward-auth', { ...HEADERS, Cookie: cookie })).headers['remote-groups'] ?? '';
const statusThrough = async (port, cookie) => (await ask(port, '/', { Host: 'app.example.com', Cookie: cookie })).statusCode;
