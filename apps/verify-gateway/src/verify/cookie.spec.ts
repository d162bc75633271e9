import { expect, it } from 'vitest';
import { readSessionCookie } from './cookie.js';

const id = 'A'.repeat(43);
const other = 'B'.repeat(43);

it.each([
  ['alone', `authelia_session=${id}`],
  ['among others', `a=b; authelia_session=${id}; c=d`],
  ['behind one that ends in its name', `x_authelia_session=${other}; authelia_session=${id}`],
  ['before one that begins with its name', `authelia_session=${id}; authelia_session2=${other}`],
  ['without a space', `a=b;authelia_session=${id}`],
])('finds the session cookie %s', (_, header) => {
  expect(readSessionCookie(header, 'authelia_session')).toBe(id);
});

it.each([
  ['no header', undefined],
  ['another cookie', 'a=b'],
  ['the name in another case', `Authelia_Session=${id}`],
  ['a value that is none of our ids', 'authelia_session=thisIsNotASession0123456789abcdef'],
  ['a quoted value', `authelia_session="${id}"`],
  ['the name as a value', `a=authelia_session=${id}`],
])('finds none in %s', (_, header) => {
  expect(readSessionCookie(header, 'authelia_session')).toBeNull();
});

it('takes two cookies of the name for a contradiction', () => {
  expect(readSessionCookie(`authelia_session=${id}; authelia_session=${other}`, 'authelia_session')).toBe(false);
});
