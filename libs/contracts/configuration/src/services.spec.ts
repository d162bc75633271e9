import { describe, expect, it } from 'vitest';
import { identityValidationSection } from './identity-validation.js';
import { logSection } from './log.js';
import { notifierSection } from './notifier.js';
import { passwordPolicySection } from './password-policy.js';
import { portalSection } from './portal.js';
import { regulationSection } from './regulation.js';
import { rpcSection } from './rpc.js';
import { storageSection, storeSection } from './storage.js';
import { telemetrySection } from './telemetry.js';
import { address, readSection } from './testing.js';
import { totpSection } from './totp.js';

const MINUTE = 60_000;

describe('regulation', () => {
  const read = (regulation: object) => readSection(regulationSection, { regulation });

  it('has the defaults of reference 5.1', () => {
    expect(readSection(regulationSection, {}).value).toEqual({ modes: ['user'], maxRetries: 3, findTimeMs: 2 * MINUTE, banTimeMs: 5 * MINUTE });
  });

  it('takes what is written; zero and less of a time is its default', () => {
    const written = { modes: ['ip', 'user'], max_retries: 0, find_time: 0, ban_time: 10 * MINUTE };
    expect(read(written).value).toEqual({ modes: ['ip', 'user'], maxRetries: 0, findTimeMs: 2 * MINUTE, banTimeMs: 10 * MINUTE });
  });

  it('lets find_time equal ban_time, and no more', () => {
    expect(read({ find_time: MINUTE, ban_time: MINUTE }).problems).toEqual([]);
    expect(read({ find_time: 2 * MINUTE, ban_time: MINUTE }).problems).toEqual([
      'error regulation.find_time: regulation.find_time (120 s) must not be longer than regulation.ban_time (60 s)',
    ]);
  });

  it('names every mistake in one go', () => {
    expect(read({ modes: ['user', 'host'], max_retries: -1, find_time: 9 * MINUTE }).problems).toEqual([
      "error regulation.modes[1]: 'host' is not one of user, ip",
      'error regulation.max_retries: must be at least 0, not -1',
      'error regulation.find_time: regulation.find_time (540 s) must not be longer than regulation.ban_time (300 s)',
    ]);
  });
});

describe('password_policy', () => {
  const read = (policy: object) => readSection(passwordPolicySection, { password_policy: policy });
  const standard = {
    kind: 'standard',
    minLength: 8,
    maxLength: 0,
    requireUppercase: false,
    requireLowercase: false,
    requireNumber: false,
    requireSpecial: false,
  };

  it.each([
    [{}, { kind: 'none' }],
    [{ standard: { min_length: 5 } }, { kind: 'none' }],
    [{ standard: { enabled: true } }, standard],
    [{ standard: { enabled: true, min_length: 0, require_number: true } }, { ...standard, requireNumber: true }],
    [{ standard: { enabled: true, min_length: 10, max_length: 20 } }, { ...standard, minLength: 10, maxLength: 20 }],
    [{ zxcvbn: { enabled: true } }, { kind: 'zxcvbn', minScore: 3 }],
    [{ zxcvbn: { enabled: true, min_score: 0 } }, { kind: 'zxcvbn', minScore: 3 }],
    [{ zxcvbn: { enabled: true, min_score: 4 } }, { kind: 'zxcvbn', minScore: 4 }],
  ])('reads %j', (written, value) => {
    expect(read(written)).toEqual({ value, problems: [] });
  });

  it.each([
    [{ standard: { enabled: true }, zxcvbn: { enabled: true } }, 'password_policy.zxcvbn.enabled'],
    [{ standard: { enabled: true, min_length: -1 } }, 'password_policy.standard.min_length'],
    [{ standard: { enabled: true, max_length: 4 } }, 'password_policy.standard.max_length'],
    [{ zxcvbn: { enabled: true, min_score: 5 } }, 'password_policy.zxcvbn.min_score'],
  ])('refuses %j', (written, path) => {
    expect(read(written).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
  });
});

describe('identity_validation', () => {
  const read = (reset: object, backend = {}) =>
    readSection(identityValidationSection, { identity_validation: { reset_password: reset }, authentication_backend: backend });

  it('has the defaults of reference 5.4', () => {
    expect(read({ jwt_secret: 'a-secret-nobody-knows' }).value).toEqual({
      resetPassword: { jwtSecret: 'a-secret-nobody-knows', jwtAlgorithm: 'HS256', jwtLifespanMs: 5 * MINUTE },
      elevatedSession: {
        codeLifespanMs: 5 * MINUTE,
        elevationLifespanMs: 10 * MINUTE,
        characters: 8,
        requireSecondFactor: false,
        skipSecondFactor: false,
      },
    });
  });

  it('says that a secret is made, unless nobody can reset', () => {
    expect(read({}).problems).toEqual([expect.stringContaining('warning identity_validation.reset_password.jwt_secret: ')]);
    expect(read({}).value?.resetPassword.jwtSecret).toBeNull();
    expect(read({}, { password_reset: { disable: true } }).problems).toEqual([]);
  });

  it.each([[{ jwt_secret: '' }], [{ jwt_secret: 'use_a_random_64_char_string_here' }], [{ jwt_secret: 'good', jwt_algorithm: 'none' }]])(
    'refuses %j',
    (reset) => {
      expect(read(reset).value).toBeNull();
    },
  );

  it('wants at most 20 characters', () => {
    expect(
      readSection(identityValidationSection, { identity_validation: { reset_password: { jwt_secret: 'x' }, elevated_session: { characters: 21 } } })
        .problems,
    ).toEqual(['error identity_validation.elevated_session.characters: must be between 0 and 20, not 21']);
  });
});

describe('totp', () => {
  const read = (totp: object) => readSection(totpSection, { totp });

  it('has the defaults of reference 5.5', () => {
    expect(read({})).toEqual({
      problems: [],
      value: {
        disabled: false,
        issuer: 'Authelia',
        algorithm: 'SHA1',
        digits: 6,
        periodSeconds: 30,
        skew: 1,
        secretSizeBytes: 32,
        allowedAlgorithms: ['SHA1'],
        allowedDigits: [6],
        allowedPeriods: [30],
        reuseAllowed: false,
      },
    });
  });

  it('lets people choose what is allowed, and always the default', () => {
    const written = {
      algorithm: 'sha256',
      digits: 8,
      period: 60,
      skew: 0,
      allowed_algorithms: ['SHA1', 'sha512'],
      allowed_digits: ['6'],
      allowed_periods: ['15', '60'],
    };
    expect(read(written).value).toMatchObject({
      algorithm: 'SHA256',
      skew: 0,
      allowedAlgorithms: ['SHA256', 'SHA1', 'SHA512'],
      allowedDigits: [8, 6],
      allowedPeriods: [60, 15],
    });
  });

  it.each([
    [{ algorithm: 'MD5' }, 'totp.algorithm'],
    [{ digits: 7 }, 'totp.digits'],
    [{ period: 14 }, 'totp.period'],
    [{ secret_size: 19 }, 'totp.secret_size'],
    [{ skew: -1 }, 'totp.skew'],
    [{ allowed_digits: ['7'] }, 'totp.allowed_digits'],
    [{ allowed_periods: ['x'] }, 'totp.allowed_periods'],
    [{ issuer: 'a:b' }, 'totp.issuer'],
  ])('refuses %j', (written, path) => {
    expect(read(written).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
  });
});

describe('notifier', () => {
  const read = (notifier: object) => readSection(notifierSection, { notifier });
  const smtp = { address: address({ scheme: 'submission', host: 'mail.example.com', port: 587 }), sender: 'Gate <gate@example.com>' };

  it('writes a file', () => {
    expect(read({ filesystem: { filename: '/config/n.txt' } })).toEqual({
      problems: [],
      value: { startupCheckDisabled: false, templateDirectory: null, transport: { kind: 'filesystem', path: '/config/n.txt', append: false } },
    });
    expect(read({ filesystem: { filename: '/n', append: true } }).value?.transport).toMatchObject({ append: true });
  });

  it('sends mail with the defaults of reference 5.3', () => {
    expect(read({ smtp })).toEqual({
      problems: [],
      value: {
        startupCheckDisabled: false,
        templateDirectory: null,
        transport: {
          kind: 'smtp',
          host: 'mail.example.com',
          port: 587,
          implicitTls: false,
          startTls: 'required',
          tls: { serverName: 'mail.example.com', skipVerify: false, minVersion: 'TLSv1.2', maxVersion: undefined, key: undefined, cert: undefined },
          timeoutMs: 5000,
          username: null,
          password: null,
          sender: 'Gate <gate@example.com>',
          identifier: 'localhost',
          subject: '[Authelia] {title}',
          startupCheckAddress: 'Authelia Test <test@authelia.com>',
          htmlDisabled: false,
        },
      },
    });
  });

  it.each([
    [{ scheme: 'smtp' }, 25, false],
    [{ scheme: 'submission' }, 587, false],
    [{ scheme: 'submissions' }, 465, true],
    [{ port: 465 }, 465, true],
    [{ port: 587 }, 587, false],
    [{ port: 2525 }, 2525, false],
    [{ scheme: 'smtp', port: 465 }, 465, false],
  ])('reads the address %j', (parts, port, implicitTls) => {
    expect(read({ smtp: { ...smtp, address: address({ host: 'mail', ...parts }) } }).value?.transport).toMatchObject({ port, implicitTls });
  });

  it.each([
    [{ disable_require_tls: true }, 'opportunistic'],
    [{ disable_starttls: true }, 'never'],
    [{ disable_starttls: true, disable_require_tls: true }, 'never'],
  ])('reads %j', (written, startTls) => {
    expect(read({ smtp: { ...smtp, ...written } }).value?.transport).toMatchObject({ startTls });
  });

  it.each([
    [{}, 'notifier'],
    [{ filesystem: { filename: '/n' }, smtp }, 'notifier'],
    [{ filesystem: {} }, 'notifier.filesystem.filename'],
    [{ smtp: { sender: 'a@b' } }, 'notifier.smtp.address'],
    [{ smtp: { ...smtp, address: address({ scheme: 'tcp', host: 'm' }) } }, 'notifier.smtp.address'],
    [{ smtp: { ...smtp, sender: 'nobody' } }, 'notifier.smtp.sender'],
    [{ smtp: { ...smtp, sender: undefined } }, 'notifier.smtp.sender'],
    [{ smtp: { ...smtp, sender: 'a@b\r\nBcc: c@d' } }, 'notifier.smtp.sender'],
    [{ smtp: { ...smtp, username: 'u', password: 'your_smtp_password' } }, 'notifier.smtp.password'],
    [{ smtp: { ...smtp, tls: { minimum_version: 'TLS1.1' } } }, 'notifier.smtp.tls.minimum_version'],
    [{ smtp: { ...smtp, tls: { private_key: 'x' } } }, 'notifier.smtp.tls'],
  ])('refuses %j', (written, path) => {
    expect(read(written).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
  });

  it.each([
    [{ disable_starttls: true }, 'notifier.smtp.disable_starttls'],
    [{ password: 'real' }, 'notifier.smtp.password'],
    [{ tls: { skip_verify: true } }, 'notifier.smtp.tls.skip_verify'],
  ])('warns of %j', (written, path) => {
    expect(read({ smtp: { ...smtp, ...written } }).problems).toEqual([expect.stringContaining(`warning ${path}: `)]);
  });
});

const KEY = 'k'.repeat(20);
const addressOf = (changes: object) => ({ scheme: null, host: 'db', port: null, path: '', socketPath: null, umask: null, ...changes });
const SERVER = { address: addressOf({}), database: 'd', username: 'u' };

describe('storage', () => {
  it('is a file beside the configuration when nothing is said, with a line that says so', () => {
    const { value, problems } = readSection(storageSection, {});
    expect(value).toEqual({ store: { kind: 'sqlite', path: '/config/portcullis.sqlite3' }, encryptionKey: null });
    expect(problems).toEqual([
      'warning storage: no storage is configured: /config/portcullis.sqlite3 is used',
      expect.stringContaining('warning storage.encryption_key: storage.encryption_key is not set: one is made once'),
    ]);
  });

  it('takes what is written', () => {
    expect(readSection(storageSection, { storage: { encryption_key: 'k'.repeat(20), local: { path: '/data/db' } } })).toEqual({
      value: { store: { kind: 'sqlite', path: '/data/db' }, encryptionKey: 'k'.repeat(20) },
      problems: [],
    });
  });

  it.each([
    [
      { encryption_key: 'k'.repeat(19), local: { path: '/db' } },
      'error storage.encryption_key: storage.encryption_key must have at least 20 characters',
    ],
    [{ encryption_key: '', local: { path: '/db' } }, 'error storage.encryption_key: storage.encryption_key is empty'],
    [
      { encryption_key: 'you_must_generate_a_random_string_of_more_than_twenty_chars_and_configure_this', local: { path: '/db' } },
      "error storage.encryption_key: storage.encryption_key is still the example's placeholder, which everybody knows",
    ],
    [{ encryption_key: 'k'.repeat(20), local: { path: '' } }, 'error storage.local.path: storage.local.path is empty'],
    [{ encryption_key: KEY, local: { path: '/db' }, postgres: SERVER }, 'error storage: storage.local and storage.postgres cannot stand together'],
    [{ encryption_key: KEY, postgres: { ...SERVER, database: '' } }, 'error storage.postgres.database: storage.postgres.database is required'],
    [{ encryption_key: KEY, postgres: { ...SERVER, username: '' } }, 'error storage.postgres.username: storage.postgres.username is required'],
    [{ encryption_key: KEY, postgres: { ...SERVER, address: undefined } }, 'error storage.postgres.address: storage.postgres.address is required'],
    [
      { encryption_key: KEY, postgres: { ...SERVER, address: addressOf({ scheme: 'udp' }) } },
      'error storage.postgres.address: storage.postgres.address must be tcp or unix, not udp',
    ],
    [
      { encryption_key: KEY, postgres: { ...SERVER, schema: 's'.repeat(55) } },
      'error storage.postgres.schema: storage.postgres.schema must have at most 54 characters',
    ],
  ])('refuses %j', (storage, problem) => {
    expect(readSection(storageSection, { storage }).problems).toEqual([problem]);
  });

  it('is a schema of its own on a PostgreSQL server where one is named', () => {
    const read = { kind: 'postgres', host: 'db', port: 5432, database: 'd', schema: 'portcullis', username: 'u', timeoutMs: 5000 };
    const tls = { server_name: 'db.example.com', minimum_version: 'TLS1.3' };
    expect(readSection(storageSection, { storage: { encryption_key: KEY, postgres: SERVER } })).toEqual({
      value: { store: read, encryptionKey: KEY },
      problems: [],
    });
    expect(readSection(storeSection, { storage: { postgres: { ...SERVER, password: 'p', schema: 'other', timeout: 1000, tls } } }).value).toEqual({
      ...{ ...read, password: 'p', schema: 'other', timeoutMs: 1000 },
      tls: { serverName: 'db.example.com', skipVerify: false, minVersion: 'TLSv1.3' },
    });
  });

  it.each([
    ['/run/postgresql', '/run/postgresql', 5432],
    ['/run/postgresql/.s.PGSQL.5433', '/run/postgresql', 5433],
  ])('finds the server behind the socket %s', (socketPath, host, port) => {
    const address = addressOf({ scheme: 'unix', host: '', socketPath });
    expect(readSection(storeSection, { storage: { postgres: { ...SERVER, address } } }).value).toMatchObject({ host, port });
  });
});

describe('rpc', () => {
  it('takes one secret, several, or none', () => {
    expect(readSection(rpcSection, {}).value).toEqual({ secrets: [] });
    expect(readSection(rpcSection, { rpc: { secret: ['a'.repeat(20), 'b'.repeat(20)] } }).value).toEqual({
      secrets: ['a'.repeat(20), 'b'.repeat(20)],
    });
  });

  it('refuses a short one by its place', () => {
    expect(readSection(rpcSection, { rpc: { secret: ['a'.repeat(20), 'short'] } }).problems).toEqual([
      'error rpc.secret[1]: rpc.secret[1] must have at least 20 characters',
    ]);
  });
});

describe('the portal', () => {
  const plain = {
    ...{ theme: 'light', default2faMethod: null, name: 'Portcullis', color: null, termsUrl: null, privacyUrl: null, privacyAcceptance: false },
    ...{ assetDirectory: null, notices: 'mail' },
  };

  it.each([
    [{}, {}],
    [{ theme: '', default_2fa_method: '', portal: { name: '', color: '', terms_url: '', privacy_url: '' }, server: { asset_path: '' } }, {}],
    [
      { theme: 'oled', default_2fa_method: 'totp' },
      { theme: 'oled', default2faMethod: 'totp' },
    ],
    [
      { portal: { name: ' The Müller family ', color: '#2B59c3', terms_url: 'https://www.example.com/terms?a=b', privacy_url: '/privacy' } },
      { name: 'The Müller family', color: '#2b59c3', termsUrl: 'https://www.example.com/terms?a=b', privacyUrl: '/privacy' },
    ],
    [{ server: { asset_path: '/config/assets' } }, { assetDirectory: '/config/assets' }],
    [{ notifier: { filesystem: { filename: '/n.txt' } } }, { notices: 'file' }],
    [{ notifier: { smtp: { password: 'nobody here wants to know' } } }, { notices: 'mail' }],
  ])('is described by %j', (tree, value) => {
    expect(readSection(portalSection, tree)).toEqual({ value: { ...plain, ...value }, problems: [] });
  });

  it.each([
    [
      { enabled: true, policy_url: 'https://www.example.com/p' },
      { privacyUrl: 'https://www.example.com/p', privacyAcceptance: false },
    ],
    [
      { enabled: true, require_user_acceptance: true, policy_url: 'https://www.example.com/p' },
      { privacyUrl: 'https://www.example.com/p', privacyAcceptance: true },
    ],
    [
      { enabled: false, require_user_acceptance: true, policy_url: 'https://www.example.com/p' },
      { privacyUrl: null, privacyAcceptance: false },
    ],
  ])('has the privacy policy %j', (policy, value) => {
    expect(readSection(portalSection, { privacy_policy: policy })).toEqual({ value: { ...plain, ...value }, problems: [] });
  });

  it("names its own privacy page before the policy's", () => {
    const tree = { portal: { privacy_url: '/ours' }, privacy_policy: { enabled: true, policy_url: 'https://www.example.com/p' } };
    expect(readSection(portalSection, tree).value?.privacyUrl).toBe('/ours');
    expect(readSection(portalSection, { ...tree, privacy_policy: { enabled: true } })).toMatchObject({
      value: { privacyUrl: '/ours' },
      problems: [],
    });
  });

  it.each([
    [{ name: 'x'.repeat(65) }, 'portal.name'],
    [{ name: 'a\nb' }, 'portal.name'],
    [{ color: 'red' }, 'portal.color'],
    [{ color: '#fff' }, 'portal.color'],
    [{ color: '#123456;x:y' }, 'portal.color'],
    ...[
      'javascript:alert(1)',
      'http://www.example.com',
      '//evil.test',
      '/\\evil.test',
      'terms',
      'https:evil.test',
      '/a b',
      'data:text/html,x',
    ].flatMap((url): [object, string][] => [
      [{ terms_url: url }, 'portal.terms_url'],
      [{ privacy_url: url }, 'portal.privacy_url'],
    ]),
  ])('refuses %j', (portal, path) => {
    expect(readSection(portalSection, { portal }).problems).toEqual([expect.stringContaining(`error ${path}: ${path}`)]);
  });

  it.each([{ enabled: true }, { enabled: true, policy_url: 'http://www.example.com' }, { enabled: true, policy_url: '/path' }])(
    'refuses the privacy policy %j',
    (policy) => {
      expect(readSection(portalSection, { privacy_policy: policy }).problems).toEqual([expect.stringContaining('error privacy_policy.policy_url: ')]);
    },
  );

  it('refuses a method that is disabled and warns of one that is not there', () => {
    expect(readSection(portalSection, { default_2fa_method: 'totp', totp: { disable: true } }).problems).toEqual([
      'error default_2fa_method: default_2fa_method names totp, which is disabled',
    ]);
    expect(readSection(portalSection, { default_2fa_method: 'webauthn' })).toMatchObject({
      value: { default2faMethod: null },
      problems: [expect.stringContaining('warning default_2fa_method: ')],
    });
    expect(readSection(portalSection, { theme: 'blue' }).problems).toEqual(["error theme: 'blue' is not one of light, dark, grey, oled, auto"]);
  });
});

describe('log', () => {
  it('has the defaults of reference 5.6', () => {
    expect(readSection(logSection, {}).value).toEqual({ level: 'info', format: 'text', filePath: null, keepStdout: false, decisions: 'refused' });
  });

  it('refuses unknown words', () => {
    expect(readSection(logSection, { log: { level: 'loud', decisions: 'some' } }).problems).toEqual([
      "error log.level: 'loud' is not one of trace, debug, info, warn, error",
      "error log.decisions: 'some' is not one of refused, all",
    ]);
  });
});

describe('telemetry', () => {
  const read = (metrics: object) => readSection(telemetrySection, { telemetry: { metrics } });

  it('keeps to this machine while metrics are off', () => {
    expect(readSection(telemetrySection, {}).value).toEqual({
      autheliaNames: false,
      tracesEndpoint: null,
      metricsEnabled: false,
      metricsPath: '/metrics',
      addresses: {
        gateway: { host: '127.0.0.1', port: 9959 },
        identity: { host: '127.0.0.1', port: 9960 },
        session: { host: '127.0.0.1', port: 9961 },
        notifier: { host: '127.0.0.1', port: 9962 },
      },
    });
    expect(read({ address: address({ host: '0.0.0.0', port: 100 }) }).value?.addresses.gateway).toEqual({ host: '127.0.0.1', port: 100 });
  });

  it('counts up from the address of the gateway, unless each has its own', () => {
    const { value } = read({
      enabled: true,
      address: address({ scheme: 'tcp', port: 100, path: '/m' }),
      session_address: address({ host: '::1', port: 7 }),
    });
    expect(value?.metricsPath).toBe('/m');
    expect(value?.addresses).toEqual({
      gateway: { host: '', port: 100 },
      identity: { host: '', port: 101 },
      session: { host: '::1', port: 7 },
      notifier: { host: '', port: 103 },
    });
  });

  it('takes free ports where the gateway does', () => {
    expect(Object.values(read({ address: address({ port: 0 }) }).value?.addresses ?? {}).map(({ port }) => port)).toEqual([0, 0, 0, 0]);
  });

  it.each([
    [{ address: address({ scheme: 'unix', socketPath: '/x' }) }, 'telemetry.metrics.address'],
    [{ address: address({ port: 65_534 }) }, 'telemetry.metrics.address'],
    [{ identity_address: address({ port: 9959 }) }, 'telemetry.metrics.identity_address'],
  ])('refuses %j', (written, path) => {
    expect(read(written).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
  });
});
