import { bar, compare, load, shown } from '../measure.mjs';
import { stop } from '../processes.mjs';
import { rulesOf, startWorld, stopWorld, verifyHead } from '../world.mjs';

/** Rules that stand before the one that decides, of each kind; none of them may be skipped by looking at its host alone but the first. */
const KINDS = {
  'exact hosts': (i) => `{ domain: 'site${i}.example.com', policy: two_factor, subject: 'group:team${i % 50}' }`,
  'wildcard hosts': (i) => `{ domain: '*.zone${i}.example.com', policy: two_factor }`,
  'paths on this host': (i) => `{ domain: app.example.com, policy: deny, resources: ['^/area${i}([/?].*)?$'] }`,
  'groups on this host': (i) => `{ domain: app.example.com, policy: two_factor, subject: 'group:team${i}' }`,
  'networks on this host': (i) => `{ domain: app.example.com, policy: deny, networks: ['10.${(i >> 8) & 255}.${i & 255}.0/24'] }`,
  'patterns of hosts': (i) => `{ domain_regex: '^app${i}\\.example\\.com$', policy: two_factor }`,
};
const SIZES = [10, 100, 1000, 10_000];

/** From 10 to 10,000 rules of each kind, against 10. The kinds that must be looked at one by one are named for what they are. */
export async function rules({ world, cookie, rounds, ms, add, keep, chart, tell }) {
  const other = await startWorld();
  const otherHead = verifyHead('app.example.com', (await other.signIn('user0')).cookie);
  const head = verifyHead('app.example.com', cookie);
  const measured = {};
  for (const [kind, ruleAt] of Object.entries(KINDS)) {
    measured[kind] = {};
    for (const size of SIZES.slice(1)) {
      tell(`  ${size} rules, ${kind}`);
      await other.writeRules(rulesOf(size, ruleAt));
      measured[kind][size] = await compare(
        `${size} ${kind}`,
        () => load(other.port, otherHead, other.pids, { ms: Math.min(ms, 1000) }),
        () => load(world.port, head, world.pids, { ms: Math.min(ms, 1000) }),
        Math.min(rounds, 3),
      );
    }
    add(`10,000 rules against 10: ${kind}`, shown(measured[kind][10_000]), kind === 'exact hosts' ? '>= 0.95' : '');
  }
  keep('rules', measured);
  chart('rules', {
    title: '10,000 rules, as a share of the speed with 10',
    bars: Object.entries(measured).map(([kind, sizes]) => bar(kind, sizes[10_000].share)),
    mark: { value: 1, label: '10 rules' },
  });
  await stopWorld(other, stop);
}
