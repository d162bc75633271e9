import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse, stringify } from 'yaml';
import { describeWith, freePorts, http, root, type RunningPortcullis, startPortcullis, startProcess, until } from '../support/index.js';
import { peopleOf, signIn, SITE, verifyStatus } from './site.js';

interface Status {
  readonly instances: readonly { readonly service: string; readonly instance: string; readonly hash: string; readonly differs: boolean }[];
}
interface Kept {
  readonly configurations: readonly {
    readonly hash: string;
    readonly by: string;
    readonly taken: boolean;
    readonly isNow: boolean;
    readonly changes: readonly string[] | null;
  }[];
}

describeWith(['redis'], 'the configuration of several gateways', () => {
  let portcullis: RunningPortcullis;
  beforeAll(async () => {
    const services = ['verify-gateway', 'verify-gateway', 'identity', 'session', 'notifier'] as const;
    const envOf = { 'verify-gateway-2': { PORTCULLIS_INSTANCE: 'verify-gateway-2' } };
    portcullis = await startPortcullis({ config: SITE, users: await peopleOf('alice'), services, envOf });
  });

  const ask = async (...words: readonly string[]): Promise<{ readonly code: number | null; readonly answer: unknown }> => {
    const { code, stdout } = await portcullis.cli(...words, '--json');
    return { code, answer: JSON.parse(stdout) };
  };
  const history = async () => ((await ask('config', 'history')).answer as Kept).configurations;
  const gatewaysOf = ({ instances }: Status) => instances.filter(({ service }) => service === 'verify-gateway');
  const withPolicy = (text: string, policy: string): string => text.replace(/(- one\.annex\.test\n\s+policy: ).*/u, `$1${policy}`);
  const edit = (policy: string): void => {
    writeFileSync(portcullis.configFile, withPolicy(readFileSync(portcullis.configFile, 'utf8'), policy));
  };
  const everyGateway = (cookie: string, wanted: number) =>
    until(async () => (await Promise.all(portcullis.gateways.map((base) => verifyStatus(base, cookie)))).every((status) => status === wanted), {
      timeoutMs: 20_000,
      what: `every gateway answers ${wanted}`,
    });

  it('is kept by whoever took it, not while it is invalid, and what is brought back is what they decide by', async () => {
    const cookie = (await signIn(portcullis.client({ host: 'auth.site.test' }), 'alice')).cookieHeader();
    await everyGateway(cookie, 200);
    const [first, ...more] = await until(async () => (await history()).length > 0 && (await history()), { what: 'the configuration of the start' });
    expect([first?.isNow, first?.changes, more]).toEqual([true, null, []]);
    expect(first?.by).toMatch(/^verify-gateway.* on /u);
    const start = readFileSync(portcullis.configFile, 'utf8');

    edit('two_factor');
    await everyGateway(cookie, 302);
    const second = await until(async () => ((await history()).length === 2 ? (await history())[0] : undefined), { what: 'the second to be kept' });
    expect([second.isNow, second.changes]).toEqual([true, ['access_control.rules']]);

    edit('three_factor');
    await until(() => portcullis.logs().split('the one before stays in force').length > 2, { timeoutMs: 20_000, what: 'the refusal of both' });
    await everyGateway(cookie, 302);
    expect((await history()).map(({ hash, isNow }) => [hash, isNow])).toEqual([
      [second.hash, false],
      [first?.hash, false],
    ]);

    const restored = await ask('config', 'restore', '--last-good', '--yes');
    expect(restored).toEqual({ code: 0, answer: expect.objectContaining({ hash: second.hash }) });
    await ask('config', 'restore', first?.hash.slice(0, 12) ?? '', '--yes');
    expect(readFileSync(portcullis.configFile, 'utf8')).toBe(start);
    await everyGateway(cookie, 200);
    const { answer } = await ask('status');
    expect(gatewaysOf(answer as Status).map(({ hash, differs }) => [hash, differs])).toEqual([
      [first?.hash, false],
      [first?.hash, false],
    ]);
    expect(
      (await history()).filter(({ taken }) => !taken),
      'the invalid one is put aside',
    ).toHaveLength(1);
  });

  it('is written down in the audit trail by each that took it, and by each that refused it', async () => {
    interface Row {
      readonly kind: string;
      readonly time: string;
      readonly user: string;
      readonly actor: string;
      readonly detail: { readonly hash: string; readonly instance: string; readonly host: string };
    }
    const start = readFileSync(portcullis.configFile, 'utf8');
    const since = new Date().toISOString();
    const rows = (kind: string, count: number) =>
      until(
        async () => {
          const { answer } = await ask('audit', '--kind', kind, '--since', since);
          return (answer as readonly Row[]).length >= count && (answer as readonly Row[]);
        },
        { timeoutMs: 20_000, what: `${count} rows of ${kind}` },
      );
    const instances = ['verify-gateway', 'verify-gateway-2'];

    edit('deny');
    const taken = await rows('rules_changed', 2);
    const { answer } = await ask('status');
    const hashes = gatewaysOf(answer as Status).map(({ hash }) => hash);
    expect(taken.map(({ detail }) => detail.instance).sort()).toEqual(instances);
    expect(taken.map(({ detail }) => detail.hash)).toEqual(hashes);
    for (const { user, actor, time, detail } of taken) {
      expect([user, actor, detail.host]).toEqual(['', 'system', hostname()]);
      expect(time >= since).toBe(true);
    }

    edit('three_factor');
    const refused = await rows('rules_refused', 2);
    expect(refused.map(({ detail }) => detail.instance).sort()).toEqual(instances);
    for (const { detail } of refused) expect(hashes).not.toContain(detail.hash);
    writeFileSync(portcullis.configFile, start);
    await rows('rules_changed', 4);
  });

  it('that one of them does not run is shown by status, until it does', async () => {
    const dir = join(portcullis.dir, 'elsewhere');
    const file = join(dir, 'configuration.yml');
    const port = await freePorts(2);
    const same = readFileSync(portcullis.configFile, 'utf8');
    const own = parse(withPolicy(same, 'two_factor')) as { server: Record<string, string>; telemetry: { metrics: Record<string, string> } };
    own.server['address'] = `tcp://127.0.0.1:${port}/`;
    own.telemetry.metrics['address'] = `tcp://127.0.0.1:${port + 1}/metrics`;
    mkdirSync(dir);
    writeFileSync(file, stringify(own));
    await startProcess(process.execPath, [join(root, 'apps/verify-gateway/dist/main.js'), '--config', file], {
      name: 'verify-gateway-3',
      cwd: dir,
      env: { HOME: dir, PORTCULLIS_INSTANCE: 'elsewhere' },
      ready: async () => (await http(`http://127.0.0.1:${port + 1}`, { path: '/health/ready', timeoutMs: 1000 })).status === 200,
    });
    const look = async () => {
      const { code, answer } = await ask('status');
      const status = answer as Status;
      return { code, differ: status.instances.filter(({ differs }) => differs).map(({ instance }) => instance), gateways: gatewaysOf(status).length };
    };
    expect(await look()).toEqual({ code: 1, differ: ['elsewhere'], gateways: 3 });
    expect((await portcullis.cli('status')).stdout).toMatch(/elsewhere .* {2}differs$/mu);

    writeFileSync(file, withPolicy(stringify(own), 'one_factor'));
    await until(async () => (await look()).code === 0, { timeoutMs: 20_000, what: 'the same everywhere, wherever each listens' });
    expect(await look()).toEqual({ code: 0, differ: [], gateways: 3 });
  });
});
