import { bar, compare, load, shown } from '../measure.mjs';
import { PASSWORD, verifyHead } from '../world.mjs';

/** A verify, directly: each kind of session beside the bare runtime, and another server where `--peer` names one. */
export async function direct({ world, bare, cookie, rounds, ms, peer, add, keep, chart }) {
  const second = await world.signInTwice('user1');
  const basic = `Authorization: Basic ${Buffer.from(`user0:${PASSWORD}`).toString('base64')}\n`;
  const bareHead = verifyHead('app.example.com', cookie);
  const kinds = [
    { name: 'one factor', head: verifyHead('app.example.com', cookie) },
    { name: 'two factors', head: verifyHead('two.example.com', second.cookie) },
    { name: 'bypass, signed in', head: verifyHead('open.example.com', cookie) },
    { name: 'bypass, nobody', head: verifyHead('open.example.com', '') },
    { name: 'nobody, sent to sign in', head: verifyHead('app.example.com', ''), expect: '302' },
  ];
  const measured = {};
  for (const { name, head, expect = '200' } of kinds) {
    measured[name] = await compare(
      name,
      () => load(world.port, head, world.pids, { ms, expect }),
      () => load(bare.port, bareHead, bare.pids, { ms }),
      rounds,
    );
    const reach = name === 'one factor' ? '0.85, never below 0.75' : '';
    add(`verify, direct: ${name}, share of bare node:http`, shown(measured[name]), reach);
  }
  if (peer) {
    measured.peer = await compare(
      'the peer',
      () => load(peer.port, verifyHead('app.example.com', peer.cookie), [], { ms, expect: peer.expect }),
      () => load(bare.port, bareHead, bare.pids, { ms }),
      rounds,
    );
    add(`verify, direct: ${peer.name}, share of bare node:http`, shown(measured.peer), '');
  }
  const hashed = await load(world.port, verifyHead('app.example.com', '', basic), world.pids, { ms: Math.max(ms, 2000), connections: 2 });
  measured.basic = { perSecond: Math.round(hashed.perSecond), p50Ms: Math.round(hashed.p50Ms) };
  add('verify with a password in the header (argon2id 64 MiB each time)', `${measured.basic.perSecond} a second, p50 ${measured.basic.p50Ms} ms`, '');
  keep('direct', measured);
  chart('direct', {
    title: 'Verify, as a share of bare node:http',
    bars: [...kinds.map(({ name }) => bar(name, measured[name].share)), ...(peer ? [bar(peer.name, measured.peer.share)] : [])],
    mark: { value: 1, label: 'bare node:http' },
  });
}
