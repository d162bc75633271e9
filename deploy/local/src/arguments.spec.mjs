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
    expect(readArguments(args, env)).toEqual({ files, filters: '' });
  });

  it('hands on the filters it is told', () => {
    const args = ['--config.experimental.filters', 'expand-env', '--config', 'a.yml', '--config.experimental.filters=template'];
    expect(readArguments(args, {})).toEqual({ files: ['a.yml'], filters: 'expand-env,template' });
    expect(() => readArguments(['--config.experimental.filters'], {})).toThrow('wants a filter');
  });

  it('refuses what it does not know, and shows how it is used', () => {
    expect(() => readArguments(['--konfig', 'a.yml'], {})).toThrow(/--konfig mean\?[^]*npm start/);
    expect(() => readArguments(['--config'], {})).toThrow('--config wants a file');
  });
});
