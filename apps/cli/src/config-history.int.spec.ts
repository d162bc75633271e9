import { keepConfiguration } from '@portcullis/platform-config';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ended, portcullis } from './command.fixture.js';
import { readPlain } from './config.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const configuration = (policy: string, more = ''): string => `# the household
session:
  secret: '${SECRET}'
  cookies: [{ domain: example.com, authelia_url: 'https://auth.example.com' }]
storage: { encryption_key: '${SECRET}' }
authentication_backend: { file: { path: '/nowhere/users.yml' } }
notifier: { filesystem: { filename: '/nowhere/notification.txt' } }
identity_validation: { reset_password: { jwt_secret: '${SECRET}' } }
${more}
access_control: { default_policy: ${policy} } # as it was
`;

let directory: string;
let file: string;
let overlay: string;
let kept: string;
let clockMs: number;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'portcullis-history-'));
  file = join(directory, 'configuration.yml');
  overlay = join(directory, 'portcullis.yml');
  kept = join(directory, 'portcullis-configurations');
  clockMs = Date.UTC(2026, 10, 26, 18, 40);
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

/** What a gateway does with a configuration that it takes. */
async function take(text: string): Promise<string> {
  writeFileSync(file, text, { mode: 0o640 });
  const { texts, hash } = readPlain([file]);
  clockMs += 60_000;
  await keepConfiguration(kept, { texts, base: directory, hash, by: 'verify-gateway on a machine', taken: true, atMs: clockMs }, 20);
  return hash;
}
const history = (...words: readonly string[]): Promise<Ended> => portcullis(['config', 'history', '--config', file, ...words]);
const restore = (...words: readonly string[]): Promise<Ended> => portcullis(['config', 'restore', '--config', file, ...words]);
const content = (): string => readFileSync(file, 'utf8');

describe('config history', () => {
  it('shows what was taken, newest first, and in a line what each changed', async () => {
    await take(configuration('two_factor'));
    await take(configuration('one_factor', 'log: { level: warn }'));
    const hash = await take(configuration('one_factor', '# quiet\nlog: { level: warn }'));
    const { code, out, err } = await history();
    expect([code, err]).toEqual([0, '']);
    expect(out.split('\n').map((line) => line.replaceAll(/ {2,}/g, '|'))).toEqual([
      'Kept|Configuration|By|Changed',
      `2026-11-26 18:43:00|${hash.slice(0, 12)}|verify-gateway on a machine|comments or layout|as the files are now`,
      `2026-11-26 18:42:00|${hash.slice(0, 12)}|verify-gateway on a machine|access_control.default_policy, log`,
      expect.stringMatching(/^2026-11-26 18:41:00\|[0-9a-f]{12}\|verify-gateway on a machine\|the first that is kept$/),
      '',
    ]);
    const { configurations } = JSON.parse((await history('--json')).out) as { configurations: readonly Record<string, unknown>[] };
    expect(configurations.map(({ taken, isNow, changes }) => [taken, isNow, changes])).toEqual([
      [true, true, []],
      [true, false, ['access_control.default_policy', 'log']],
      [true, false, null],
    ]);
  });

  it('says where configurations would be kept, and how, while none is', async () => {
    writeFileSync(file, configuration('two_factor'));
    const { code, out } = await history();
    expect([code, out]).toEqual([0, expect.stringContaining(`No configuration is kept in ${kept} yet.`)]);
    expect(out).toContain('configuration_history:\n  directory: /var/lib/portcullis/configurations');
    writeFileSync(file, configuration('two_factor', 'configuration_history: { keep: 0 }'));
    expect((await history()).out).toBe('No configuration is kept: configuration_history.keep is 0.\n');
  });

  it('works while the files are broken, and says that they are none of these', async () => {
    await take(configuration('two_factor'));
    writeFileSync(file, 'access_control: [');
    const { code, out } = await history();
    expect([code, out]).toEqual([0, expect.stringContaining('The files are as none of these now')]);
    expect(out).toContain('2026-11-26 18:41:00');
  });
});

describe('config restore', () => {
  it('brings back the last good one where an edit broke the files, and keeps what it takes away', async () => {
    await take(configuration('one_factor'));
    await take(configuration('two_factor'));
    const good = content();
    writeFileSync(file, 'access_control: [');
    const shown = await restore('--last-good');
    expect([shown.code, shown.err]).toEqual([1, '']);
    expect(shown.out).toMatch(/^-access_control: \[\n/m);
    expect(shown.out).toMatch(/\nNothing was written: --yes does\.\n$/);
    expect(content()).toBe('access_control: [');

    const done = await restore('--last-good', '--yes');
    expect([done.code, done.err, content()]).toEqual([0, '', good]);
    expect(statSync(file).mode & 0o777).toBe(0o640);
    const [, aside] = /^Restored\. The files of before are kept in (\S+)\. /m.exec(done.out) ?? [];
    expect(readFileSync(join(aside ?? '', 'configuration.yml'), 'utf8')).toBe('access_control: [');
    expect(done.out, 'what runs is what was taken last').not.toContain('restart');
    expect((await history()).out).toContain('put aside, not taken');
  });

  it('of one that was taken and not meant, the last good one is the one before', async () => {
    await take(configuration('two_factor'));
    const good = content();
    await take(configuration('bypass', 'log: { level: warn }'));
    const { code, out } = await restore('--last-good', '--yes', '--json');
    expect([code, JSON.parse(out)]).toEqual([0, expect.objectContaining({ restored: true, needRestart: ['log'] })]);
    expect(content()).toBe(good);
    expect(readdirSync(kept), 'both were kept already').toHaveLength(2);
  });

  it('goes by the beginning of a hash, and to the same hash with other comments', async () => {
    const hash = await take(configuration('two_factor', '# older'));
    const older = content();
    await take(configuration('two_factor', '# newer'));
    expect((await restore(hash.slice(0, 8), '--yes')).code).toBe(0);
    expect(content()).toBe(older);
    expect(await restore('0123456789ab')).toMatchObject({ code: 1, err: expect.stringContaining('None of that hash is kept') });
    expect((await restore()).code).toBe(2);
    expect((await restore(hash, '--last-good')).code).toBe(2);
  });

  it('takes away a file that was not there, and brings back one that is gone', async () => {
    await take(configuration('two_factor'));
    const alone = content();
    writeFileSync(overlay, 'log: { level: debug }\n');
    const hash = await take(configuration('two_factor'));
    expect((await restore('--last-good', '--yes')).out).toContain('+++ /dev/null');
    expect([existsSync(overlay), content()]).toEqual([false, alone]);
    expect((await restore(hash.slice(0, 12), '--yes')).code).toBe(0);
    expect(readFileSync(overlay, 'utf8')).toBe('log: { level: debug }\n');
    expect(statSync(overlay).mode & 0o777).toBe(0o600);
  });

  it('does not bring back what is not valid here, unless it must', async () => {
    const hash = await take(configuration('two_factor', 'regulation: { max_retries: many }'));
    await take(configuration('one_factor'));
    const refused = await restore(hash, '--yes');
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/^That one is not valid here[^]*regulation\.max_retries/)]);
    expect((await restore('--last-good', '--yes')).err).toContain('No other configuration that was taken and is valid is kept');
    expect((await restore(hash, '--yes', '--force')).code).toBe(0);
    expect(content()).toContain('many');
  });

  it('takes back what it wrote before a file that cannot be written', async () => {
    mkdirSync(join(directory, 'rules'));
    await take(configuration('two_factor'));
    const { texts, hash } = readPlain([file]);
    const files = [...texts, { file: join(directory, 'gone/rules.yml'), text: 'log: {}\n' }];
    await keepConfiguration(kept, { texts: files, base: directory, hash: `f${hash}`, by: 'a gateway', taken: true, atMs: clockMs + 1 }, 20);
    writeFileSync(file, configuration('bypass'));
    const { code, err } = await restore(`f${hash}`, '--yes');
    expect([code, err]).toEqual([1, expect.stringMatching(/gone\/rules\.yml cannot be written, so the files are as they were/)]);
    expect(content()).toBe(configuration('bypass'));
  });
});
