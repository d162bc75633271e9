import { expect, it } from 'vitest';
import { readBasic } from './basic.js';

const encode = (text: string): string => Buffer.from(text).toString('base64');

it('reads a name and a password', () => {
  expect(readBasic(`Basic ${encode('alice:secret')}`)).toEqual({ kind: 'basic', username: 'alice', password: 'secret' });
});

it('keeps colons in the password', () => {
  expect(readBasic(`basic ${encode('colon:a:b:C1!xyz')}`)).toEqual({ kind: 'basic', username: 'colon', password: 'a:b:C1!xyz' });
});

it.each(['Basic !!!!', 'Basic ', 'Basic', `Basic ${encode('alice')}`, `Basic ${encode(':x')}`, `Basic ${encode('alice:')}`, ''])(
  'calls %j malformed',
  (header) => {
    expect(readBasic(header)).toEqual({ kind: 'malformed' });
  },
);

it('leaves other schemes alone', () => {
  expect(readBasic('Bearer abc.def')).toEqual({ kind: 'other_scheme' });
});

it('finds nothing where there is nothing', () => {
  expect(readBasic(undefined)).toEqual({ kind: 'absent' });
});
