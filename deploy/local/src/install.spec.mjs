import { describe, expect, it } from 'vitest';
import { agrees, withoutOwnPrograms } from './install.mjs';
import { inRoot } from './workspace.mjs';

const lock = {
  packages: {
    '': { name: 'root' },
    'apps/one': { version: '0.1.0' },
    'node_modules/@x/one': { resolved: 'apps/one', link: true },
    'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' },
    'node_modules/a-windows': { version: '1.0.0', integrity: 'sha512-w', optional: true },
  },
};
const installed = (changes = {}) => ({
  packages: { 'node_modules/@x/one': { link: true }, 'node_modules/a': { version: '1.0.0', integrity: 'sha512-a' }, ...changes },
});

describe('node_modules is what the lock asks for', () => {
  it('also where packages for other machines are missing', () => expect(agrees(lock, installed())).toBe(true));
  it('not where a version differs', () =>
    expect(agrees(lock, installed({ 'node_modules/a': { version: '1.0.1', integrity: 'sha512-b' } }))).toBe(false));
  it('not where a package is missing', () => expect(agrees(lock, installed({ 'node_modules/a': undefined }))).toBe(false));
  it('not where a workspace is not linked', () => expect(agrees(lock, installed({ 'node_modules/@x/one': undefined }))).toBe(false));
});

it('npm does not run on the Node that it is about to replace', () => {
  const env = withoutOwnPrograms({ PATH: `${inRoot('node_modules/.bin')}:/usr/bin`, HOME: '/home/ann' });
  expect(env).toEqual({ PATH: '/usr/bin', HOME: '/home/ann' });
});
