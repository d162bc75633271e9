import { DIGEST_DEFAULTS, digestOptionProblems } from '@portcullis/domain-passwords';
import { describe, expect, it } from 'vitest';
import { authenticationBackendSection } from './authentication-backend.js';
import { readSection } from './testing.js';

const section = authenticationBackendSection({ DIGEST_DEFAULTS, digestOptionProblems });
const read = (file: object, rest = {}) => readSection(section, { authentication_backend: { file: { path: '/config/users.yml', ...file }, ...rest } });
const digest = (password: object) => {
  const { value, problems } = read({ password });
  return { digest: value?.digest, problems };
};

describe('authentication_backend', () => {
  it('watches the users file unless that is switched off', () => {
    expect(read({})).toEqual({
      problems: [],
      value: {
        usersFile: '/config/users.yml',
        watch: true,
        search: { email: false, caseInsensitive: false },
        digest: DIGEST_DEFAULTS.argon2,
        refreshInterval: { kind: 'always' },
        passwordReset: { disabled: false, customUrl: null },
        passwordChange: { disabled: false },
      },
    });
    expect(read({ watch: false }).value).toMatchObject({ watch: false, refreshInterval: { kind: 'every', intervalMs: 300_000 } });
  });

  it.each([
    ['always', { kind: 'always' }],
    ['disable', { kind: 'never' }],
    [60_000, { kind: 'every', intervalMs: 60_000 }],
  ])('refreshes %s', (refresh_interval, refreshInterval) => {
    expect(read({}, { refresh_interval }).value).toMatchObject({ refreshInterval });
  });

  it.each([[{}], [null]])('keeps people in the store where it says sql: %j', (sql) => {
    expect(readSection(section, { authentication_backend: { sql } })).toMatchObject({
      problems: [],
      value: { usersFile: null, search: { email: false } },
    });
  });

  it('reads how people in the store are found, and how their passwords are hashed', () => {
    const sql = { search: { email: true, case_insensitive: true }, password: { algorithm: 'bcrypt', bcrypt: { cost: 99 } } };
    const { problems } = readSection(section, { authentication_backend: { sql } });
    expect(problems).toEqual([expect.stringContaining('error authentication_backend.sql.password.bcrypt: ')]);
    const { value } = readSection(section, { authentication_backend: { sql: { search: sql.search } } });
    expect(value).toMatchObject({ search: { email: true, caseInsensitive: true } });
  });

  it.each([
    [{ authentication_backend: { sql: {}, file: { path: '/u' } } }, 'authentication_backend.sql'],
    [{ authentication_backend: {} }, 'authentication_backend'],
    [{ authentication_backend: { file: {} } }, 'authentication_backend.file.path'],
    [{ authentication_backend: { file: { path: '/u' }, refresh_interval: 'often' } }, 'authentication_backend.refresh_interval'],
    [
      { authentication_backend: { file: { path: '/u' }, password_reset: { custom_url: 'reset.html' } } },
      'authentication_backend.password_reset.custom_url',
    ],
    [{ authentication_backend: { ldap: { address: 'x' } } }, 'authentication_backend.ldap'],
  ])('refuses %j', (tree, path) => {
    expect(readSection(section, tree).problems).toEqual([expect.stringContaining(`error ${path}: `)]);
  });
});

describe('authentication_backend.file.password', () => {
  it.each([
    [{}, DIGEST_DEFAULTS.argon2],
    [
      { algorithm: 'argon2', argon2: { variant: 'argon2i', memory: 8192, iterations: 2, parallelism: 1, key_length: 16, salt_length: 8 } },
      { algorithm: 'argon2', variant: 'argon2i', memoryKib: 8192, iterations: 2, parallelism: 1, keyLength: 16, saltLength: 8 },
    ],
    [
      { algorithm: 'sha2crypt', sha2crypt: { variant: 'SHA256' } },
      { ...DIGEST_DEFAULTS.sha2crypt, variant: 'sha256' },
    ],
    [
      { algorithm: 'pbkdf2', pbkdf2: { iterations: 400_000 } },
      { ...DIGEST_DEFAULTS.pbkdf2, iterations: 400_000 },
    ],
    [
      { algorithm: 'bcrypt', bcrypt: { cost: 13 } },
      { ...DIGEST_DEFAULTS.bcrypt, cost: 13 },
    ],
    [
      { algorithm: 'scrypt', scrypt: { block_size: 16 } },
      { ...DIGEST_DEFAULTS.scrypt, blockSize: 16 },
    ],
  ])('reads %j', (password, options) => {
    expect(digest(password)).toEqual({ digest: options, problems: [] });
  });

  it('translates the flat keys of old, memory from MiB to KiB', () => {
    const { digest: options, problems } = digest({
      algorithm: 'argon2id',
      iterations: 1,
      memory: 64,
      parallelism: 8,
      key_length: 32,
      salt_length: 16,
    });
    expect(options).toEqual({
      algorithm: 'argon2',
      variant: 'argon2id',
      iterations: 1,
      memoryKib: 65_536,
      parallelism: 8,
      keyLength: 32,
      saltLength: 16,
    });
    expect(problems).toEqual([expect.stringContaining('warning authentication_backend.file.password.iterations: ')]);
    expect(digest({ algorithm: 'sha512', iterations: 60_000, salt_length: 16 }).digest).toEqual({ ...DIGEST_DEFAULTS.sha2crypt, iterations: 60_000 });
  });

  it.each([
    [{ algorithm: 'md5' }, 'algorithm'],
    [{ algorithm: 'constructor' }, 'algorithm'],
    [{ argon2: { variant: 'argon2x' } }, 'argon2.variant'],
    [{ algorithm: 'scrypt', scrypt: { variant: 'yescrypt' } }, 'scrypt.variant'],
    [{ algorithm: 'bcrypt', bcrypt: { cost: 9 } }, 'bcrypt'],
    [{ algorithm: 'pbkdf2', pbkdf2: { iterations: 1000 } }, 'pbkdf2'],
  ])('refuses %j', (password, key) => {
    expect(digest(password).problems).toEqual([expect.stringContaining(`error authentication_backend.file.password.${key}: `)]);
  });
});
