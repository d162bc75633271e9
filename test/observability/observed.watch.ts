import { randomBytes } from 'node:crypto';
import { copyFileSync, readFileSync, writeFileSync } from 'node:fs';
import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, http, startPortcullis } from '../support/index.js';
import { passwordOf, peopleOf, signIn, SITE, verify, verifyStatus } from '../integration/site.js';
import { dashboards, problemsOn } from './dashboards.js';
import { certificateFor, instanceOf, needsNoReplica, startWatchedSite, type WatchedSite } from './watched-site.js';

const PORTAL = { host: 'auth.site.test' };
const verifyWithPassword = (base: string) =>
  http(base, {
    path: '/api/authz/forward-auth',
    headers: {
      'X-Forwarded-Proto': 'https',
      'X-Forwarded-Host': 'one.site.test',
      'X-Forwarded-URI': '/',
      'X-Forwarded-Method': 'GET',
      Authorization: `Basic ${Buffer.from(`ann:${passwordOf('ann')}`).toString('base64')}`,
    },
  });
const BUDGET_ALERTS = ['PortcullisVerifyBudgetBurnsFast', 'PortcullisVerifyBudgetBurns', 'PortcullisVerifyBudgetBurnsSlowly'];

describeWith(['redis', 'prometheus'], 'a real Prometheus that watches real services', () => {
  let site: WatchedSite;
  const startedMs = Date.now();
  const atPortal = () => site.portcullis.client(PORTAL);
  const askForReset = (username: string) => atPortal().post('/api/reset-password/identity/start', { username });
  /** What goes on in a house where all is well. */
  const visit = async (): Promise<void> => {
    const ann = await signIn(atPortal(), 'ann');
    const sites = Array.from({ length: 20 }, (_, index) => (index % 2 === 0 ? 'open.site.test' : 'one.site.test'));
    for (const host of sites) await verifyStatus(site.portcullis.base, ann.cookieHeader(), host);
    await ann.post('/api/logout');
    await verifyWithPassword(site.portcullis.base);
  };
  /** Somebody whose session no memory holds. */
  const visitUnknown = () => verify(site.portcullis.base, `authelia_session=${randomBytes(32).toString('base64url')}`);

  beforeAll(async () => {
    site = await startWatchedSite();
    await visit();
  }, 120_000);

  describe('sees that', { timeout: 240_000 }, () => {
    it('a service ended, and that it is back', async () => {
      const { portcullis, fires, clears } = site;
      await portcullis.kill('notifier');
      await fires('PortcullisServiceDown');
      await portcullis.start('notifier');
      await clears('PortcullisServiceDown');
    });

    it('Redis does not answer, and that it does again', async () => {
      const { redis, fires, clears } = site;
      redis.pause();
      await fires('PortcullisSessionsUnavailable');
      redis.resume();
      await clears('PortcullisSessionsUnavailable');
    });

    it('verifies are 503 because the connections to Redis are cut, and that they are answered again', async () => {
      const { portcullis, redisRoad, fires, clears } = site;
      const ann = await signIn(atPortal(), 'ann');
      redisRoad.close();
      for (const alert of BUDGET_ALERTS) await fires(alert, () => verifyStatus(portcullis.base, ann.cookieHeader()));
      redisRoad.open();
      for (const alert of BUDGET_ALERTS) await clears(alert, visit);
    });

    it('Redis is slow: endings arrive late, verifies take longer than they may; and that it is quick again', async () => {
      const { redisRoad, fires, clears } = site;
      redisRoad.delayMs = 150;
      for (const alert of ['PortcullisInvalidationSlow', ...BUDGET_ALERTS]) await fires(alert, visitUnknown);
      redisRoad.delayMs = 0;
      for (const alert of ['PortcullisInvalidationSlow', ...BUDGET_ALERTS]) await clears(alert, visit);
    });

    it('endings cannot be replayed, because Redis was started anew and takes no write, and that they are', async () => {
      const { redis, fires, clears } = site;
      await redis.restart();
      await fires('PortcullisEndingsNotReplayed');
      await needsNoReplica(redis);
      await clears('PortcullisEndingsNotReplayed');
    });

    it('a change of the configuration was refused, and that the next one was not', async () => {
      const { portcullis, fires, clears } = site;
      const before = readFileSync(portcullis.configFile, 'utf8');
      writeFileSync(portcullis.configFile, before.replace('policy: bypass', 'policy: everybody'));
      await fires('PortcullisReloadRefused');
      writeFileSync(portcullis.configFile, before);
      await clears('PortcullisReloadRefused');
    });

    it('two gateways run different configurations, until one of them is gone', async () => {
      const { redis, prometheus, instances, fires, clears } = site;
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
      const { portcullis, fires, clears } = site;
      const before = readFileSync(portcullis.usersFile, 'utf8');
      writeFileSync(portcullis.usersFile, 'users: [');
      await fires('PortcullisUsersFileInvalid');
      writeFileSync(portcullis.usersFile, before);
      await clears('PortcullisUsersFileInvalid');
    });

    it('the certificate ends soon, and that there is another', async () => {
      const { certificate, prometheus, instances, withTls, fires, clears } = site;
      prometheus.watch([withTls]);
      const show = async (days: number): Promise<void> => {
        const next = await certificateFor(days);
        copyFileSync(next.keyFile, certificate.keyFile);
        copyFileSync(next.certFile, certificate.certFile);
      };
      await show(13);
      await fires('PortcullisCertificateExpires');
      await show(90);
      await clears('PortcullisCertificateExpires');
      prometheus.watch(instances);
    });

    it('mails wait while the mail server is away, and that they have gone', async () => {
      const { smtp, smtpRoad, fires, clears } = site;
      smtpRoad.close();
      await askForReset('ben');
      await fires('PortcullisNoticesWait');
      smtpRoad.open();
      await clears('PortcullisNoticesWait');
      await smtp.mail(({ to }) => to.includes('ben@site.test'));
    });

    it('a mail was given up because the mail server will never take it, until somebody sees to it as the runbook says', async () => {
      const { portcullis, smtp, fires, clears } = site;
      smtp.receive({ refuse: 550 });
      await askForReset('ann');
      await fires('PortcullisNoticesGivenUp');
      smtp.receive('take');
      const { stdout } = await portcullis.cli('notices', 'list', '--state', 'failed', '--json');
      for (const { id } of JSON.parse(stdout) as readonly { id: string }[])
        expect(await portcullis.cli('notices', 'drop', id)).toMatchObject({ code: 0 });
      await clears('PortcullisNoticesGivenUp');
    });

    it('passwords are tried, and that it is over', async () => {
      const { fires, clears } = site;
      const attempt = (username: string) => atPortal().post('/api/firstfactor', { username, password: 'x' });
      await fires('PortcullisSignInsFail', () => Promise.all(['nobody', 'no-one', 'ben'].map(attempt)));
      await clears('PortcullisSignInsFail');
    });

    it('more people sign in than can be hashed, and that they are through', async () => {
      const { fires, clears } = site;
      let storm = true;
      const signInAgainAndAgain = async (): Promise<void> => {
        while (storm) await atPortal().post('/api/firstfactor', { username: 'storm', password: passwordOf('storm') });
      };
      const people = Array.from({ length: 64 }, signInAgainAndAgain);
      await fires('PortcullisPasswordsWait').finally(() => {
        storm = false;
      });
      await Promise.all(people);
      await clears('PortcullisPasswordsWait');
    });

    it('nobody answers who is asked for passwords, and that somebody does', async () => {
      const { portcullis, fires, clears } = site;
      const identities = ['identity', 'identity-2'];
      for (const name of identities) await portcullis.kill(name);
      await fires('PortcullisRequestsBetweenServicesFail', () =>
        atPortal().post('/api/firstfactor', { username: 'ann', password: passwordOf('ann') }),
      );
      for (const name of identities) await portcullis.start(name);
      await clears('PortcullisRequestsBetweenServicesFail');
      await visit();
    });

    it('no session can be made, because Redis is full, and that it can', async () => {
      const { redis, fires, clears } = site;
      await redis.cli('CONFIG', 'SET', 'maxmemory', '1');
      await fires('PortcullisRequestsBetweenServicesFail', () =>
        atPortal().post('/api/firstfactor', { username: 'ann', password: passwordOf('ann') }),
      );
      await redis.cli('CONFIG', 'SET', 'maxmemory', '0');
      await clears('PortcullisRequestsBetweenServicesFail');
      await visit();
    });

    it('nobody reads what a gateway writes, and that somebody does', async () => {
      const { portcullis, fires, clears } = site;
      const gateway = portcullis.processes['verify-gateway'];
      gateway?.listen(false);
      await fires('PortcullisLogLinesLost', () =>
        Promise.all(Array.from({ length: 500 }, () => verifyStatus(portcullis.base, '', 'open.site.test'))),
      );
      gateway?.listen(true);
      await clears('PortcullisLogLinesLost');
    });
  });

  // After all of the above there is nothing that was not to be seen.
  it.each(dashboards)('has drawn something on each panel of $title, and each line has a name of its own', async (dashboard) => {
    expect(await problemsOn(dashboard, site.prometheus, startedMs)).toEqual([]);
  });
});
