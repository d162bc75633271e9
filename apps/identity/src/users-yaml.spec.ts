import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { replaceDigest } from './users-yaml.js';

const FILE = `# Who may come in. Ask before you edit.
users:
  # the boss
  alice:   { displayname: "Alice", password: '$old$a', email: a@example.com }   # on one line

  bob:
    displayname:    Bob   # odd spacing stays
    password: "$old$b"    # changed on Monday
    groups: [ops,   dev]
  '007':
    password: $old$c
    displayname: James
  carol:
    password: >-
      $old$d
    displayname: Carol
other: 1
`;

it.each([
  ['alice', "'$old$a'"],
  ['bob', '"$old$b"'],
  ['007', '$old$c'],
])('changes the digest of %s and not one other byte', (name, old) => {
  expect(replaceDigest(FILE, name, '$new$1')).toBe(FILE.replace(old, () => '"$new$1"'));
});

it('changes a digest that is written as a block', () => {
  const changed = replaceDigest(FILE, 'carol', '$new$1');
  const expected = parse(FILE) as { users: { carol: { password: string } } };
  expected.users.carol.password = '$new$1';
  expect(parse(changed!)).toEqual(expected);
});

it('keeps the line ends of the file', () => {
  const file = FILE.replaceAll('\n', '\r\n');
  expect(replaceDigest(file, 'bob', '$new$1')).toBe(file.replace('"$old$b"', () => '"$new$1"'));
});

it.each([
  ['a user who is not there', 'users:\n  bob:\n    password: x\n', 'eve'],
  ['no users', 'nothing: here\n', 'bob'],
  ['a password that others refer to', 'users:\n  bob:\n    password: &p x\n  eve:\n    password: *p\n', 'bob'],
  ['a password that refers to another', 'users:\n  bob:\n    password: &p x\n  eve:\n    password: *p\n', 'eve'],
  ['a password from a template', 'base: &b\n  password: x\nusers:\n  bob:\n    <<: *b\n', 'bob'],
])('does not guess where there is %s', (_, file, name) => {
  expect(replaceDigest(file, name, '$new$1')).toBeNull();
});
