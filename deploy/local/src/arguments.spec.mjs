import { describe, expect, it } from 'vitest';
import { configFilesOf } from './arguments.mjs';

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
    expect(configFilesOf(args, env)).toEqual(files);
  });

  it('refuses what it does not know, and shows how it is used', () => {
    expect(() => configFilesOf(['--konfig', 'a.yml'], {})).toThrow(/--konfig mean\?[^]*npm start/);
    expect(() => configFilesOf(['--config'], {})).toThrow('--config wants a file');
  });
});
