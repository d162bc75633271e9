import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  describeWith,
  root,
  type RunningPortcullis,
  type RunningPrometheus,
  serviceNames,
  startPortcullis,
  startPrometheus,
  startRedis,
  until,
  type WatchedInstance,
  type RunningRedis,
} from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from '../integration/site.js';

interface Dashboard {
  readonly title: string;
  readonly panels: readonly { readonly title: string; readonly targets: readonly { readonly expr: string }[] }[];
}

const dashboards = join(root, 'deploy/grafana/dashboards');
const queries = readdirSync(dashboards).flatMap((file) => {
  const { title, panels } = JSON.parse(readFileSync(join(dashboards, file), 'utf8')) as Dashboard;
  return panels.flatMap((panel) =>
    panel.targets.map(({ expr }) => ({
      where: `${title} / ${panel.title}`,
      expr: expr.replaceAll('$instance', '.*').replaceAll('$__rate_interval', '10s'),
    })),
  );
});
/** What an installation on which nothing fails has none of. */
const MAY_BE_EMPTY = /Certificate|Faults between services|Alerts|Bans|Requests between services/;

describeWith(['redis', 'prometheus'], 'a real Prometheus that watches real services', () => {
  let redis: RunningRedis;
  let portcullis: RunningPortcullis;
  let prometheus: RunningPrometheus;
  let instances: readonly WatchedInstance[];
  let mail: string;

  const instanceOf = (world: RunningPortcullis, name: string): WatchedInstance => ({ service: name, target: new URL(world.management(name)).host });
  const fires = (alert: string): Promise<unknown> =>
    until(async () => (await prometheus.firing()).includes(alert), { what: `${alert} to fire`, timeoutMs: 60_000, everyMs: 250 });
  const clears = (alert: string): Promise<unknown> =>
    until(async () => !(await prometheus.firing()).includes(alert), { what: `${alert} to clear`, timeoutMs: 60_000, everyMs: 250 });

  beforeAll(async () => {
    redis = await startRedis({ appendonly: true });
    portcullis = await startPortcullis({
      config: { ...SITE, access_control: { ...SITE.access_control } },
      users: await peopleOf('ann', 'ben'),
      redis,
    });
    mail = portcullis.mailFile;
    instances = serviceNames.map((name) => instanceOf(portcullis, name));
    prometheus = await startPrometheus(instances);
    await until(async () => (await prometheus.query('sum(up)'))[0]?.value === 4, { what: 'four instances to be up', timeoutMs: 30_000 });
  });

  it('finds an answer to every query of every dashboard', async () => {
    const unanswered = async (): Promise<readonly string[]> => {
      const ann = await signIn(portcullis.client({ host: 'auth.site.test' }), 'ann');
      for (const host of ['open.site.test', 'one.site.test']) await verifyStatus(portcullis.base, ann.cookieHeader(), host);
      await ann.post('/api/logout');
      const asked = await Promise.all(queries.map(async ({ where, expr }) => ({ where, expr, found: (await prometheus.query(expr)).length })));
      return asked.filter(({ where, found }) => found === 0 && !MAY_BE_EMPTY.test(where)).map(({ where, expr }) => `${where}: ${expr}`);
    };
    await until(
      async () => {
        const left = await unanswered();
        if (left.length > 0) throw new Error(left.join('\n'));
        return true;
      },
      { what: 'every query to be answered', timeoutMs: 60_000, everyMs: 1000 },
    );
  });

  describe('sees that', () => {
    it('a service ended, and that it is back', async () => {
      await portcullis.kill('notifier');
      await fires('PortcullisServiceDown');
      await portcullis.start('notifier');
      await clears('PortcullisServiceDown');
    });

    it('Redis does not answer, and that it does again', async () => {
      redis.pause();
      await fires('PortcullisSessionsUnavailable');
      redis.resume();
      await clears('PortcullisSessionsUnavailable');
    });

    it('a change of the configuration was refused, and that the next one was not', async () => {
      const before = readFileSync(portcullis.configFile, 'utf8');
      writeFileSync(portcullis.configFile, before.replace('policy: bypass', 'policy: everybody'));
      await fires('PortcullisReloadRefused');
      writeFileSync(portcullis.configFile, before);
      await clears('PortcullisReloadRefused');
    });

    it('two gateways run different configurations, until one of them is gone', async () => {
      const other = await startPortcullis({
        config: { ...SITE, access_control: { default_policy: 'deny', rules: [{ domain: 'open.site.test', policy: 'one_factor' }] } },
        users: await peopleOf('ann'),
        redis,
        services: ['verify-gateway'],
      });
      prometheus.watch([...instances, instanceOf(other, 'verify-gateway')]);
      await fires('PortcullisConfigurationsDiffer');
      prometheus.watch(instances);
      await other.stop();
      await clears('PortcullisConfigurationsDiffer');
    });

    it('the users file is not valid, and that it is again', async () => {
      const before = readFileSync(portcullis.usersFile, 'utf8');
      writeFileSync(portcullis.usersFile, 'users: [');
      await fires('PortcullisUsersFileInvalid');
      writeFileSync(portcullis.usersFile, before);
      await clears('PortcullisUsersFileInvalid');
    });

    it('mails wait while nobody delivers them, and that they have gone', async () => {
      await portcullis.kill('notifier');
      await portcullis.client({ host: 'auth.site.test' }).post('/api/reset-password/identity/start', { username: 'ben' });
      await fires('PortcullisNoticesWait');
      await portcullis.start('notifier');
      await clears('PortcullisNoticesWait');
      expect(readFileSync(mail, 'utf8')).toContain('ben@site.test');
    });

    it('passwords are tried, and that it is over', async () => {
      const stranger = portcullis.client({ host: 'auth.site.test' });
      await until(
        async () => {
          await Promise.all([1, 2, 3].map(() => stranger.post('/api/firstfactor', { username: 'nobody', password: 'x' })));
          return (await prometheus.firing()).includes('PortcullisSignInsFail');
        },
        { what: 'PortcullisSignInsFail to fire', timeoutMs: 60_000 },
      );
      await clears('PortcullisSignInsFail');
    });
  });
});
