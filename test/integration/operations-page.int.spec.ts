import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { certificates, describeWith, http, root, type RunningPortcullis, serviceNames, startPortcullis, until } from '../support/index.js';
import { passwordOf, peopleOf, signIn, SITE } from './site.js';

const read = (file: string): string => readFileSync(join(root, file), 'utf8');
const page = read('docs/operations.md');
/** Where metrics are asked for or explained. */
const asked = ['docs/monitoring.md', 'deploy/prometheus/portcullis-alerts.yml', 'deploy/prometheus/portcullis-recording.yml'].map(read).join('\n');

describeWith(['redis'], 'what docs/operations.md says', () => {
  let portcullis: RunningPortcullis;
  beforeAll(async () => {
    portcullis = await startPortcullis({ config: SITE, users: await peopleOf('alice') });
  });
  const at = (ip: string) => portcullis.client({ host: 'auth.site.test', ip });

  it('the fail2ban filter takes the address of each refused sign-in, whatever was typed as a name, and of nothing else', async () => {
    const failregex = /^failregex = (.*)$/m.exec(page)?.[1] ?? '';
    // <ADDR> as fail2ban reads it: an address of either family.
    const filter = new RegExp(failregex.replace('<ADDR>', '(?<address>[\\da-fA-F.:]+)'));
    const forged = `x" error="authentication failed" method=POST path=/ remote_ip=192.0.2.66 service=identity`;
    await at('192.0.2.1').post('/api/firstfactor', { username: 'alice', password: 'wrong' });
    await at('2001:db8::2').post('/api/firstfactor', { username: 'nobody', password: 'wrong' });
    await at('192.0.2.3').post('/api/firstfactor', { username: forged, password: 'wrong' });
    await at('192.0.2.4').post('/api/firstfactor', { username: `${forged}\n`, password: passwordOf('alice') });
    await signIn(at('192.0.2.6'), 'alice');
    const alice = await signIn(at('192.0.2.5'), 'alice');
    await alice.post('/api/secondfactor/totp', { token: '000000' });

    const found = (): readonly string[] =>
      portcullis
        .logs('identity')
        .split('\n')
        .flatMap((line) => filter.exec(line)?.groups?.['address'] ?? []);
    await until(() => found().length >= 5, { timeoutMs: 5000, what: 'the lines of the log' });
    expect([...new Set(found())].sort()).toEqual(['192.0.2.1', '192.0.2.3', '192.0.2.4', '192.0.2.5', '2001:db8::2']);
  });

  it('each metric that a rule or docs/monitoring.md names is there to be scraped, at the four targets of the page', async () => {
    const { certFile, keyFile } = await certificates();
    const withTls = await startPortcullis({
      config: { ...SITE, server: { tls: { certificate: certFile, key: keyFile } } },
      users: await peopleOf('alice'),
      redis: portcullis.redis!,
      services: ['verify-gateway'],
    });
    const targets = [...serviceNames.map((name) => portcullis.management(name)), withTls.management('verify-gateway')];
    const scraped = await Promise.all(targets.map(async (target) => (await http(target, { path: '/metrics' })).body));
    const there = new Set(
      scraped
        .join('\n')
        .match(/^# TYPE \w+/gm)
        ?.map((line) => line.slice('# TYPE '.length)),
    );
    const named = new Set(asked.match(/portcullis_\w+/g)?.map((name) => name.replace(/_(?:bucket|count)$/, '')));
    expect([...named].filter((name) => !there.has(name))).toEqual([]);
    expect(named.size).toBeGreaterThan(10);

    const blocks = [...page.matchAll(/^```yaml\n(.*?)^```/gms)].map(([, text = '']) => parse(text) as Record<string, unknown>);
    const scrape = blocks.find((block) => 'scrape_configs' in block)?.['scrape_configs'] as [{ static_configs: [{ targets: string[] }] }];
    const ports = scrape[0].static_configs[0].targets.map((target) => Number(target.split(':')[1]));
    expect(ports.map((port) => port - (ports[0] ?? 0))).toEqual([0, 1, 2, 3]);
  });

  it('each command of the page is one that is there', async () => {
    const commands = [...page.matchAll(/`portcullis ([a-z][a-z\d-]*(?: [a-z][a-z\d-]*)*)/g)].map(([, words = '']) => words.split(' '));
    expect(commands.length).toBeGreaterThan(5);
    for (const words of commands) expect((await portcullis.cli(...words, '--help')).stdout).toContain(`Usage: portcullis ${words.join(' ')}`);
  });
});
