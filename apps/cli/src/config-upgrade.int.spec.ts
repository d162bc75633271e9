import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { portcullis } from './command.fixture.js';
import { everySection, readConfiguration } from './config.js';

// A process each.
vi.setConfig({ testTimeout: 60_000 });

const SECRET = 'abcdefghijklmnopqrstuvwxyz0123456789';
const OLD = `---
# Portal of the household
theme:   dark        # easy on the eyes


# for links in mails
jwt_secret: "${SECRET}"    # 36 characters
default_redirection_url: 'https://www.example.com'
logs_level: warn
server:
    host: '0.0.0.0'    # everywhere
    port: 9091
    path: "auth"
    read_buffer_size: 8192
session:
    secret:   ${SECRET}
    domain: "example.com"
    # an hour
    lifetime: 1h
    remember_me_duration: 1M
authentication_backend:
    disable_reset_password: false
    file:
        path: /config/users.yml
        password:
            algorithm: argon2id
            iterations: 2
            memory: 64 # MiB
            salt_length: 16
access_control:
    default_policy: deny
    rules:
    - domain: [ 'vault.example.com' ]   # the safe
      path: ['/admin', '/api']
      policy: two_factor
    - { domain: "*.example.com", policy: one_factor }
password_policy:
    standard: {enabled: true, require_numbers: true}
notifier:
    smtp:
        host: mail.example.com
        port: '587'
        sender: Gate <gate@example.com>
        disable_verify_cert: false
storage:
    encryption_key: ${SECRET}
    local: { path: /config/db.sqlite3 }
`;
const NEW = `---
# Portal of the household
theme:   dark        # easy on the eyes


# for links in mails
identity_validation:
    reset_password:
        jwt_secret: "${SECRET}" # 36 characters
log:
    level: warn
server:
    address: tcp://0.0.0.0:9091/auth # everywhere
    buffers:
        read: 8192
session:
    secret:   ${SECRET}
    cookies:
      - domain: example.com
        authelia_url: https://auth.example.com/auth
        default_redirection_url: https://www.example.com
    # an hour
    expiration: 1h
    remember_me: 1M
authentication_backend:
    password_reset:
        disable: false
    file:
        path: /config/users.yml
        password:
            algorithm: argon2id
            argon2:
                iterations: 2
                memory: 65536 # MiB
                salt_length: 16
access_control:
    default_policy: deny
    rules:
    - domain: [ 'vault.example.com' ]   # the safe
      resources:
        - '^/admin([/?].*)?$'
        - '^/api([/?].*)?$'
      policy: two_factor
    - { domain: "*.example.com", policy: one_factor }
password_policy:
    standard: {enabled: true, require_number: true}
notifier:
    smtp:
        address: mail.example.com:587
        sender: Gate <gate@example.com>
        tls:
            skip_verify: false
storage:
    encryption_key: ${SECRET}
    local: { path: /config/db.sqlite3 }
`;
const PORTAL = 'https://auth.example.com/auth';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-upgrade-'));
});
afterEach(() => {
  rmSync(directory, { recursive: true });
});

const write = (text: string, name = 'configuration.yml'): string => {
  writeFileSync(join(directory, name), text);
  return join(directory, name);
};
const upgrade = (...words: readonly string[]) => portcullis(['config', 'upgrade', ...words]);

describe('config upgrade', () => {
  it('writes the names of today; comments, order, quotes and the layout of all else stay', async () => {
    const file = write(OLD);
    const { code, out } = await upgrade(file, '--write', '--authelia-url', PORTAL);
    expect([code, out]).toEqual([0, expect.stringContaining(`as it was, it is kept in ${file}.before-upgrade.`)]);
    expect(readFileSync(file, 'utf8')).toBe(NEW);
    expect(readFileSync(`${file}.before-upgrade`, 'utf8')).toBe(OLD);
  });

  it('leaves a file that means the same and has no old name', async () => {
    const before = readConfiguration([write(OLD, 'old.yml')], everySection);
    const file = write(OLD);
    await upgrade(file, '--write', '--authelia-url', PORTAL);
    const after = readConfiguration([file], everySection);
    expect(after.problems).toEqual([]);
    expect(before.problems.length).toBeGreaterThan(10);
    expect(after.value).toEqual({
      ...before.value,
      session: { ...before.value?.session, cookies: before.value?.session.cookies.map((cookie) => ({ ...cookie, autheliaUrl: `${PORTAL}/` })) },
    });
    expect(await upgrade(file, '--write')).toEqual({ code: 0, out: `${file} holds no old names.\n`, err: '' });
  });

  it('shows the difference and writes nothing, unless it is told to', async () => {
    const file = write('session: {lifetime: 1h}\n');
    const { code, out } = await upgrade(file);
    expect([code, out]).toEqual([
      1,
      `--- ${file}\n+++ ${file}\n@@ -1,1 +1,1 @@\n-session: {lifetime: 1h}\n+session: {expiration: 1h}\n\nNothing was written: --write does.\n`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe('session: {lifetime: 1h}\n');
  });

  it('leaves session.domain where nobody tells the address of the portal, and all that only a person can decide', async () => {
    const text = 'session:\n  domain: example.com\nlog_level: info\nlog: {level: warn}\ngoogle_analytics: x\n';
    const file = write(text);
    const { code, out } = await upgrade(file, '--write');
    expect(code).toBe(1);
    expect(out.match(/left to you: .*/g)).toEqual([
      `left to you: ${file}:3  log_level: log.level is set too and counts: remove this one`,
      `left to you: ${file}:5  google_analytics: it was removed, and there is nothing in its place: remove it`,
      `left to you: ${file}:2  session.domain: session.cookies also has the address of the portal: add --authelia-url https://auth.example.com`,
    ]);
    expect(readFileSync(file, 'utf8')).toBe(text);
  });

  it('does not make an error of a redirection that has not been used', async () => {
    const file = write('default_redirection_url: https://elsewhere.test\nsession: {domain: example.com}\n');
    const { code, out } = await upgrade(file, '--authelia-url', 'https://auth.example.com');
    expect([code, out]).toEqual([1, expect.stringMatching(/:1 {2}default_redirection_url: .*take it out first\n$/)]);
  });

  it('keeps the rights of the file, what a link leads to, and every file of before', async () => {
    const file = write('log_level: info\n', 'real.yml');
    chmodSync(file, 0o640);
    const link = join(directory, 'configuration.yml');
    symlinkSync(file, link);
    expect((await upgrade(link, '--write')).code).toBe(0);
    expect([statSync(file).mode & 0o777, readFileSync(file, 'utf8')]).toEqual([0o640, 'log:\n  level: info\n']);
    writeFileSync(file, 'log_format: json\n');
    expect((await upgrade(link, '--write')).out).toContain(`${link}.before-upgrade-2.`);
    expect(readFileSync(`${link}.before-upgrade`, 'utf8')).toBe('log_level: info\n');
  });

  it('answers scripts in JSON', async () => {
    const file = write('theme: dark\nlog_level: info\n');
    const { code, out } = await upgrade(file, '--json');
    expect([code, JSON.parse(out)]).toEqual([
      1,
      {
        file,
        changes: [{ path: 'log_level', line: 2, message: 'is log.level today' }],
        left: [],
        backup: null,
        diff: expect.stringContaining('+log:'),
      },
    ]);
  });

  it('refuses a file that cannot be read, one that is not YAML, and an address outside the domain', async () => {
    expect(await upgrade(join(directory, 'none.yml'))).toMatchObject({ code: 1, err: expect.stringContaining('cannot be read') });
    const broken = write('a: 1\nb: [\n');
    expect(await upgrade(broken, '--write')).toMatchObject({ code: 1, err: expect.stringContaining(`${broken}:3  not YAML`) });
    const file = write('session: {domain: example.com}\n');
    expect(await upgrade(file, '--authelia-url', 'https://auth.example.org')).toMatchObject({ code: 2, err: expect.stringContaining('example.com') });
  });
});
