import { beforeAll, describe, expect, it } from 'vitest';
import { describeWith, http, needs, runCommand, type RunningPortcullis, serviceNames, startPortcullis, until } from '../support/index.js';
import { giveSecondFactor, giveDevices, peopleOf, SECRET, signIn, SITE, verifyStatus } from './site.js';

describeWith(['redis', 'promtool'], 'the metrics of services that have worked', () => {
  let portcullis: RunningPortcullis;

  const metricsOf = async (service: string): Promise<string> => (await http(portcullis.management(service), { path: '/metrics' })).body;
  const untilShown = (service: string, ...lines: readonly RegExp[]): Promise<unknown> =>
    until(
      async () => {
        const text = await metricsOf(service);
        const missing = lines.filter((line) => !line.test(text));
        if (missing.length > 0) throw new Error(`no line of ${service} is like ${missing.join(', ')}`);
        return true;
      },
      { what: `the metrics of ${service}`, timeoutMs: 20_000 },
    );

  beforeAll(async () => {
    portcullis = await startPortcullis({ config: SITE, users: await peopleOf('ann') });
    await giveDevices(portcullis, { ann: SECRET });
    const ann = await signIn(portcullis.client({ host: 'auth.site.test' }), 'ann');
    await giveSecondFactor(ann);
    await ann.post('/api/reset-password/identity/start', { username: 'ann' });
    for (const host of ['open.site.test', 'one.site.test', 'two.site.test', 'made-up.site.test'])
      await verifyStatus(portcullis.base, ann.cookieHeader(), host);
  });

  it.each(serviceNames)('of %s are as Prometheus wants them', async (service) => {
    const { code, stdout, stderr } = await runCommand(needs('promtool'), ['check', 'metrics'], { input: await metricsOf(service) });
    expect({ code, said: stdout + stderr }).toEqual({ code: 0, said: '' });
  });

  it.each(serviceNames)('of %s say what is running', async (service) => {
    expect(await metricsOf(service)).toMatch(new RegExp(`^portcullis_build_info\\{service="${service}",version="[^"]+",node="[^"]+"\\} 1$`, 'm'));
  });

  describe('tell', () => {
    it('verifies by endpoint and outcome, and decisions by policy, rule and host', async () => {
      await untilShown(
        'verify-gateway',
        /^portcullis_verify_duration_seconds_bucket\{le="0.005",endpoint="[^"]+",outcome="allowed",password="none"\} [1-9]/m,
        /^portcullis_decisions_by_policy_total\{policy="two_factor",outcome="allowed"\} 1$/m,
        /^portcullis_decisions_by_rule_total\{rule="#3",outcome="allowed"\} 1$/m,
        /^portcullis_decisions_by_rule_total\{rule="default",outcome="forbidden"\} 1$/m,
        /^portcullis_decisions_by_host_total\{host="two.site.test",outcome="allowed"\} 1$/m,
        /^portcullis_decisions_by_host_total\{host="other",outcome="forbidden"\} 1$/m,
      );
    });

    it('how often memory knew a session, and how long a change takes to reach it', async () => {
      await untilShown(
        'verify-gateway',
        /^portcullis_gateway_session_lookups_total\{result="hit"\} [1-9]/m,
        /^portcullis_gateway_session_lookups_total\{result="miss"\} [1-9]/m,
        /^portcullis_gateway_session_cache_coherent 1$/m,
        /^portcullis_gateway_invalidation_lag_seconds_count [1-9]/m,
      );
    });

    it('which configuration is in force, and how its last change went', async () => {
      await untilShown(
        'verify-gateway',
        /^portcullis_configuration_generation 1$/m,
        /^portcullis_configuration_last_reload_successful 1$/m,
        /^portcullis_configuration_reloads_total\{result="refused"\} 0$/m,
      );
    });

    it('sign-ins by factor and outcome, and what hashing costs', async () => {
      await untilShown(
        'identity',
        /^portcullis_identity_sign_ins_total\{factor="password",outcome="success"\} 1$/m,
        /^portcullis_identity_sign_ins_total\{factor="totp",outcome="success"\} 1$/m,
        /^portcullis_identity_hash_seconds_count [1-9]/m,
        /^portcullis_identity_hash_waiting 0$/m,
      );
    });

    it('sessions that live, that began and that ended, by reason', async () => {
      await untilShown(
        'session',
        /^portcullis_sessions_live 1$/m,
        /^portcullis_sessions_created_total 1$/m,
        /^portcullis_sessions_ended_total\{reason="logout"\} 0$/m,
      );
    });

    it('requests between services on both sides, by operation', async () => {
      await untilShown('verify-gateway', /^portcullis_rpc_duration_seconds_count\{side="client",operation="session\.v1\.create"\} 1$/m);
      await untilShown('session', /^portcullis_rpc_duration_seconds_count\{side="server",operation="session\.v1\.create"\} 1$/m);
    });

    it('notices that were sent, and those that wait', async () => {
      await untilShown(
        'notifier',
        /^portcullis_notifier_deliveries_total\{outcome="delivered"\} [1-9]/m,
        /^portcullis_notifier_queued 0$/m,
        /^portcullis_notifier_oldest_seconds 0$/m,
      );
    });
  });
});

describeWith(['redis'], 'with telemetry.metrics.authelia_names', () => {
  it('what dashboards for Authelia ask for is served too', async () => {
    const portcullis = await startPortcullis({
      config: SITE,
      overlay: { telemetry: { metrics: { authelia_names: true } } },
      users: await peopleOf('ann'),
    });
    await giveDevices(portcullis, { ann: SECRET });
    const ann = await giveSecondFactor(await signIn(portcullis.client({ host: 'auth.site.test' }), 'ann'));
    await verifyStatus(portcullis.base, ann.cookieHeader(), 'two.site.test');
    const metricsOf = async (service: string): Promise<string> => (await http(portcullis.management(service), { path: '/metrics' })).body;
    const gateway = await metricsOf('verify-gateway');
    expect(gateway).toMatch(/^authelia_authz\{code="200"\} 1$/m);
    expect(gateway).toMatch(/^authelia_request\{code="200",method="POST"\} 2$/m);
    expect(gateway).toMatch(/^authelia_request_duration_bucket\{le="60",code="200"\} [3-9]/m);
    const identity = await metricsOf('identity');
    expect(identity).toMatch(/^authelia_authn\{success="true",banned="false"\} 1$/m);
    expect(identity).toMatch(/^authelia_authn_duration_bucket\{le="60",success="true"\} 1$/m);
    expect(identity).toMatch(/^authelia_authn_second_factor\{success="true",banned="false",type="totp"\} 1$/m);
  });
});
