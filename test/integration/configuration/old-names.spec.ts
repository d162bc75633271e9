import { configurationTables, parseConfiguration } from '@portcullis/contracts-configuration';
import { loadConfiguration, reportProblems } from '@portcullis/platform-config';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'old-names-'));
});
afterAll(() => {
  rmSync(directory, { recursive: true });
});

function read(text: string) {
  const file = join(directory, 'configuration.yml');
  writeFileSync(file, text);
  const loaded = loadConfiguration({ files: [file], environment: {}, tables: configurationTables });
  const { problems } = parseConfiguration(loaded.tree, {}, { directory, makeSecret: () => 'secret' });
  return { tree: loaded.tree, problems: reportProblems([...loaded.problems, ...problems], loaded.sources) };
}

function at(tree: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined), tree);
}

describe('an old name', () => {
  it.each<[old: string, text: string, today: string, value: unknown]>([
    ['jwt_secret', 'jwt_secret: s', 'identity_validation.reset_password.jwt_secret', 's'],
    ['host', 'host: 127.0.0.1\nport: 9000', 'server.address', { scheme: 'tcp', host: '127.0.0.1', port: 9000, path: '/' }],
    ['server.host', "server: {host: '::1', port: '9000', path: auth/}", 'server.address', { host: '::1', port: 9000, path: '/auth' }],
    ['server.path_prefix', 'server: {path_prefix: /auth/}', 'server.address', { host: '', port: 9091, path: '/auth' }],
    ['tls_key', 'tls_key: /k.pem', 'server.tls.key', '/k.pem'],
    ['tls_cert', 'tls_cert: /c.pem', 'server.tls.certificate', '/c.pem'],
    ['log_level', 'log_level: debug', 'log.level', 'debug'],
    ['log_file_path', 'log_file_path: /l', 'log.file_path', '/l'],
    ['log_format', 'log_format: json', 'log.format', 'json'],
    ['logs_level', 'logs_level: debug', 'log.level', 'debug'],
    ['logs_file', 'logs_file: /l', 'log.file_path', '/l'],
    ['server.read_buffer_size', 'server: {read_buffer_size: 8192}', 'server.buffers.read', 8192],
    ['server.write_buffer_size', 'server: {write_buffer_size: 8192}', 'server.buffers.write', 8192],
    ['server.enable_pprof', 'server: {enable_pprof: false}', 'server.endpoints.enable_pprof', false],
    ['server.enable_expvars', 'server: {enable_expvars: false}', 'server.endpoints.enable_expvars', false],
    ['session.remember_me_duration', 'session: {remember_me_duration: 1M}', 'session.remember_me', 2_592_000_000],
    ['session.lifetime', 'session: {lifetime: 1h}', 'session.expiration', 3_600_000],
    [
      'authentication_backend.disable_reset_password',
      'authentication_backend: {disable_reset_password: true}',
      'authentication_backend.password_reset.disable',
      true,
    ],
    ['authentication_backend.ldap.url', 'authentication_backend: {ldap: {url: ldap://a}}', 'authentication_backend.ldap', { address: 'ldap://a' }],
    [
      'authentication_backend.ldap.username_attribute',
      'authentication_backend: {ldap: {username_attribute: uid}}',
      'authentication_backend.ldap',
      { attributes: { username: 'uid' } },
    ],
    [
      'authentication_backend.ldap.minimum_tls_version',
      'authentication_backend: {ldap: {minimum_tls_version: TLS1.2, skip_verify: true}}',
      'authentication_backend.ldap',
      { tls: { minimum_version: 'TLS1.2', skip_verify: true } },
    ],
    ['notifier.smtp.host', 'notifier: {smtp: {host: mail, port: 587}}', 'notifier.smtp.address', { host: 'mail', port: 587 }],
    ['notifier.smtp.disable_verify_cert', 'notifier: {smtp: {disable_verify_cert: true}}', 'notifier.smtp.tls.skip_verify', true],
    ['storage.mysql.host', 'storage: {mysql: {host: db}}', 'storage.mysql', { address: 'tcp://db:3306' }],
    ['storage.postgres.host', 'storage: {postgres: {host: db}}', 'storage.postgres.address', expect.objectContaining({ host: 'db', port: 5432 })],
    ['storage.postgres.sslmode', 'storage: {postgres: {sslmode: require}}', 'storage.postgres.ssl', { mode: 'require' }],
    ['webauthn.user_verification', 'webauthn: {user_verification: required}', 'webauthn.selection_criteria.user_verification', 'required'],
    [
      'identity_providers.oidc.id_token_lifespan',
      'identity_providers: {oidc: {id_token_lifespan: 1h}}',
      'identity_providers.oidc',
      { lifespans: { id_token: '1h' } },
    ],
    [
      'identity_providers.oidc.issuer_private_key',
      'identity_providers: {oidc: {issuer_private_key: k, issuer_certificate_chain: c}}',
      'identity_providers.oidc',
      { jwks: [{ key: 'k', certificate_chain: 'c' }] },
    ],
    [
      'identity_providers.oidc.clients[0].id',
      'identity_providers: {oidc: {clients: [{id: i, secret: s, description: d, sector_identifier: x, userinfo_signing_algorithm: none}]}}',
      'identity_providers.oidc',
      { clients: [{ client_id: 'i', client_secret: 's', client_name: 'd', sector_identifier_uri: 'x', userinfo_signed_response_alg: 'none' }] },
    ],
    [
      'password_policy.standard.require_numbers',
      'password_policy: {standard: {require_numbers: true}}',
      'password_policy.standard.require_number',
      true,
    ],
  ])('%s is read as what it is called today, with a warning', (old, text, today, value) => {
    const { tree, problems } = read(text);
    if (typeof value === 'object') expect(at(tree, today)).toMatchObject(value as object);
    else expect(at(tree, today)).toBe(value);
    const warning = problems.find(({ path, severity }) => path === old && severity === 'warning');
    const named = problems.find(({ message, severity }) => severity === 'warning' && message.startsWith(old.replace(/^host$/u, 'server.host')));
    expect(warning ?? named).toBeDefined();
  });

  it.each([
    ['google_analytics: x', 'google_analytics'],
    ['notifier: {smtp: {trusted_cert: /c}}', 'notifier.smtp.trusted_cert'],
    ['authentication_backend: {file: {hashing: {algorithm: argon2}}}', 'authentication_backend.file.hashing'],
    ['authentication_backend: {file: {password_hashing: {algorithm: argon2}}}', 'authentication_backend.file.password_hashing'],
    ['authentication_backend: {file: {password_options: {algorithm: argon2}}}', 'authentication_backend.file.password_options'],
  ])('that is gone is an error: %s', (text, path) => {
    const { problems } = read(text);
    expect(problems).toMatchObject([{ severity: 'error', path, line: 1 }]);
    expect(problems[0]?.fix).toBeDefined();
  });

  it('that has no effect any more is left out with a warning', () => {
    const { problems } = read('authentication_backend: {ldap: {permit_feature_detection_failure: true}}');
    expect(problems).toMatchObject([{ severity: 'warning', path: 'authentication_backend.ldap.permit_feature_detection_failure' }]);
  });

  it('beside its new one is not used where it is a single key, and an error where several make one', () => {
    const single = read('log_level: debug\nlog: {level: info}');
    expect(at(single.tree, 'log.level')).toBe('info');
    expect(single.problems).toMatchObject([{ severity: 'warning', path: 'log_level' }]);
    const several = read('server: {port: 9000, address: tcp://:9091}');
    expect(several.problems).toMatchObject([{ severity: 'error', path: 'server.port' }]);
  });
});
