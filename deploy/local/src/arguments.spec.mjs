import { describe, expect, it } from 'vitest';
import { readArguments } from './arguments.mjs';

describe('which configuration npm start runs', () => {
  it.each([
    [[], {}, []],
    [['--config', 'a.yml'], {}, ['a.yml']],
    [['-c', 'a.yml', '--config=b.yml'], {}, ['a.yml', 'b.yml']],
    [['--config', 'a.yml,b.yml'], {}, ['a.yml', 'b.yml']],
    [[], { X_AUTHELIA_CONFIG: '/config/a.yml,/config/b.yml' }, ['/config/a.yml', '/config/b.yml']],
    [[], { X_AUTHELIA_CONFIG: '/old.yml', PORTCULLIS_CONFIG: '/new.yml' }, ['/new.yml']],
    [['--config', 'a.yml'], { PORTCULLIS_CONFIG: '/new.yml' }, ['a.yml']],
  ])('%j with %j: %j', (args, env, files) => {
    expect(readArguments(args, env)).toMatchObject({ files, filters: '' });
  });

  it('hands on the filters it is told', () => {
    const args = ['--config.experimental.filters', 'expand-env', '--config', 'a.yml', '--config.experimental.filters=template'];
    expect(readArguments(args, {})).toMatchObject({ files: ['a.yml'], filters: 'expand-env,template' });
    expect(() => readArguments(['--config.experimental.filters'], {})).toThrow('wants a filter');
  });

  it('says how many of each service, one where nothing is said', () => {
    expect(readArguments(['--config', 'a.yml', '--scale', 'verify-gateway=3,identity=2'], {}).scale).toEqual({
      'verify-gateway': 3,
      identity: 2,
      session: 1,
      notifier: 1,
    });
    expect(() => readArguments(['--scale'], {})).toThrow('--scale wants how many');
    expect(() => readArguments(['--scale', 'gateway=2'], {})).toThrow('There is no service gateway');
    expect(() => readArguments(['--scale', 'identity=0'], {})).toThrow('identity=0: write a number from 1 to 32');
  });

  it('refuses what it does not know, and shows how it is used', () => {
    expect(() => readArguments(['--konfig', 'a.yml'], {})).toThrow(/--konfig mean\?[^]*npm start/);
    expect(() => readArguments(['--config'], {})).toThrow('--config wants a file');
  });
});
