import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { fillConfiguration, tempDir, usersFile } from './index.js';
import { writePortcullisFiles } from './portcullis-files.js';

const places = { dir: '/run', port: 1001, managementPort: 1002, redis: { host: '127.0.0.1', port: 1006, password: 'p' } };

describe('fillConfiguration', () => {
  it('sets ports, paths and Redis, adds the secrets that are missing, and leaves the rest', () => {
    const { config, prefix } = fillConfiguration(
      { session: { name: 'sid', redis: { database_index: 3 } }, access_control: { default_policy: 'deny' } },
      places,
    );
    expect(prefix).toBe('');
    expect(config).toMatchObject({
      server: { address: 'tcp://127.0.0.1:1001/' },
      telemetry: { metrics: { enabled: true, address: 'tcp://127.0.0.1:1002/metrics' } },
      authentication_backend: { file: { path: '/run/users_database.yml' } },
      session: { name: 'sid', redis: { host: '127.0.0.1', port: 1006, password: 'p', database_index: 3 } },
      storage: { local: { path: '/run/db.sqlite3' } },
      notifier: { filesystem: { filename: '/run/notification.txt' } },
      access_control: { default_policy: 'deny' },
    });
  });

  it('keeps the path the portal is served at, in the new and the old spelling', () => {
    expect(fillConfiguration("server: { address: 'tcp://:9091/authelia/' }", places)).toMatchObject({
      prefix: '/authelia',
      config: { server: { address: 'tcp://127.0.0.1:1001/authelia/' } },
    });
    expect(fillConfiguration('server: { host: 0.0.0.0, port: 9091, path_prefix: /authelia/ }', places)).toMatchObject({
      prefix: '/authelia',
      config: { server: { host: '127.0.0.1', port: 1001, path_prefix: '/authelia/' } },
    });
  });

  it('keeps a mail server, a secret and the old place of the jwt secret', () => {
    const { config } = fillConfiguration(
      { jwt_secret: 'j', session: { secret: 's' }, notifier: { smtp: { address: 'smtp://localhost:25' } } },
      places,
    );
    expect(config).toMatchObject({ jwt_secret: 'j', session: { secret: 's' }, notifier: { smtp: { address: 'smtp://localhost:25' } } });
    expect(config['identity_validation']).toBeUndefined();
    expect(config['notifier']).not.toHaveProperty('filesystem');
  });

  it('fills the placeholders of a text', () => {
    const { config } = fillConfiguration("session: { redis: { port: @REDIS_PORT@ } }\nlog: { file_path: '@DIR@/log-@PORT@' }", {
      ...places,
      redis: places.redis,
    });
    expect(config).toMatchObject({ session: { redis: { port: 1006 } }, log: { file_path: '/run/log-1001' } });
  });
});

describe('writePortcullisFiles', () => {
  it('puts our own keys beside the configuration, and only where there are some', async () => {
    const users = await usersFile({ john: { password: 'apple', groups: ['admins'] } });
    const write = (overlay?: object): string => {
      const dir = tempDir();
      expect(writePortcullisFiles({ config: {}, users, overlay }, { ...places, dir }).configFile).toBe(join(dir, 'configuration.yml'));
      return dir;
    };
    const dir = write({ log: { decisions: 'all' } });
    expect(parse(readFileSync(join(dir, 'portcullis.yml'), 'utf8'))).toEqual({ log: { decisions: 'all' } });
    expect(existsSync(join(write(), 'portcullis.yml'))).toBe(false);
    const { john } = parse(readFileSync(join(dir, 'users_database.yml'), 'utf8')).users;
    expect(john).toMatchObject({ disabled: false, displayname: 'john', email: 'john@example.com', groups: ['admins'] });
    expect(john.password).toMatch(/^\$argon2id\$/);
  });
});
