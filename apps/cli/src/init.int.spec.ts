import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Ended, portcullis } from './command.fixture.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'cli-init-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const init = (...flags: readonly string[]): Promise<Ended> => portcullis(['init', directory, '--yes', '--domain', 'example.com', ...flags]);
const read = (name: string): string => readFileSync(join(directory, name), 'utf8');

describe('init', () => {
  it('makes an installation that is valid, with secrets of its own that are for its owner alone', async () => {
    const { code, out } = await init('--proxy', 'nginx');
    expect(code).toBe(0);
    const files = ['configuration.yml', 'users_database.yml', 'nginx/sites.conf', 'nginx/portcullis-location.conf'];
    for (const name of files) expect(out).toContain(`  ${join(directory, name)}\n`);
    for (const name of files.slice(0, 2)) expect(statSync(join(directory, name)).mode & 0o777).toBe(0o600);
    const secrets = read('configuration.yml').match(/(?:secret|key): "([\w-]{64})"/gu);
    expect(new Set(secrets).size).toBe(3);
    const checked = await portcullis(['validate-config', '--config', join(directory, 'configuration.yml')]);
    expect(checked.out).toBe('Configuration parsed and loaded successfully without errors.\n');
    expect(out).toMatch(/Next:\n {2}1\. npm start -- --config \S+\n {2}2\. nginx: .*\n {2}3\. npx --no-install portcullis doctor --config/);
  });

  it('makes a password where none is given, and tells it once', async () => {
    const { out } = await init('--proxy', 'none', '--user', 'jane');
    const password = /Sign in as 'jane' with the password (\w{20})/.exec(out)?.[1] ?? '';
    const digest = /password: "(.*)"/.exec(read('users_database.yml'))?.[1] ?? '';
    expect(digest).toMatch(/^\$argon2id\$v=19\$m=65536,t=3,p=4\$/);
    expect((await portcullis(['crypto', 'hash', 'validate', '--password', password, '--', digest])).code).toBe(0);
  });

  it('takes the mail server, the place of the gate and the rest from flags', async () => {
    const { code, out } = await init(
      ...['--proxy', 'caddy', '--portal', 'login.example.com', '--site', 'wiki.example.com', '--backend', 'http://10.0.0.5:3000'],
      ...['--address', '127.0.0.1:9191', '--policy', 'one_factor', '--password', 'Horse-battery-9', '--json'],
      ...['--smtp', 'submissions://mail.example.com:465', '--smtp-username', 'gate', '--smtp-password', 'a mail password'],
    );
    expect(code).toBe(0);
    expect(JSON.parse(out)).not.toHaveProperty('password');
    expect(read('configuration.yml')).toMatch(
      /address: "submissions:\/\/mail\.example\.com:465"[^]*username: "gate"\n {4}password: "a mail password"/,
    );
    expect(read('configuration.yml')).toContain('policy: one_factor');
    expect(read('caddy/portcullis.caddy')).toContain('forward_auth 127.0.0.1:9191 {');
    expect(read('caddy/Caddyfile')).toContain('wiki.example.com {\n\timport protected\n\treverse_proxy 10.0.0.5:3000\n}');
    expect(read('caddy/Caddyfile')).toContain('login.example.com {\n\timport portal\n}');
  });

  it('keeps what is there, and adds what is missing', async () => {
    await init('--proxy', 'none');
    const before = read('configuration.yml');
    rmSync(join(directory, 'users_database.yml'));
    const { code, out } = await init('--proxy', 'none');
    expect({ code, kept: out.includes(`Kept as they were:\n  ${join(directory, 'configuration.yml')}\n`) }).toEqual({ code: 0, kept: true });
    expect(out).toContain(`Made:\n  ${join(directory, 'users_database.yml')}\n`);
    expect(read('configuration.yml')).toBe(before);
    const again = await portcullis(['init', directory]);
    expect({ code: again.code, made: again.out.includes('Made') }).toEqual({ code: 0, made: false });
  });

  it('says so where what is there makes no installation', async () => {
    writeFileSync(join(directory, 'configuration.yml'), 'theme: dark\n');
    const { code, err } = await init('--proxy', 'none');
    expect(code).toBe(1);
    expect(err).toContain('The files do not make an installation yet:');
    expect(err).toContain('session.cookies is required');
    expect(read('configuration.yml')).toBe('theme: dark\n');
  });

  it.each([
    [['--yes'], '--domain is wanted.'],
    [['--yes', '--domain', 'https://example.com'], "The domain 'https://example.com' must be a domain, not an address; write example.com."],
    [['--yes', '--domain', 'example.com', '--portal', 'auth.example.org'], 'Write a host below example.com in lower case'],
    [['--yes', '--domain', 'example.com', '--site', 'auth.example.com'], 'That is the portal itself, which is never protected.'],
    [['--yes', '--domain', 'example.com', '--proxy', 'apache'], "argument 'apache' is invalid"],
    [['--yes', '--domain', 'example.com', '--password', ''], 'The password is empty.'],
    [['--yes', '--domain', 'example.com', '--smtp', 'mail'], 'Write for instance submission://mail.example.com:587.'],
    [['--domain', 'example.com'], 'No terminal to ask at'],
  ])('typed with %j makes nothing', async (flags, message) => {
    const { code, err } = await portcullis(['init', join(directory, 'new'), ...flags]);
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(statSync(join(directory, 'new'), { throwIfNoEntry: false })).toBeUndefined();
  });
});
