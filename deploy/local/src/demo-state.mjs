import { randomBytes, randomInt } from 'node:crypto';
import path from 'node:path';
import { readText, writeText } from './workspace.mjs';

/** No letters or digits that look like others. */
const LETTERS = 'abcdefghijkmnpqrstuvwxyz23456789';
const PEOPLE = {
  demo: { displayname: 'Demo', groups: ['users'] },
  admin: { displayname: 'Admin', groups: ['users', 'admins'] },
};

/** Three groups of four, such as kq7m-x2vp-9trd: 60 random bits. */
export function newPassword() {
  const letters = Array.from({ length: 12 }, () => LETTERS[randomInt(LETTERS.length)]).join('');
  return letters.replace(/(.{4})(?=.)/g, '$1-');
}

const newSecret = () => randomBytes(48).toString('base64url');

/** The users file of the demonstration. `digests` by name. */
export const usersFile = (digests) =>
  [
    'users:',
    ...Object.entries(PEOPLE).flatMap(([name, { displayname, groups }]) => [
      `  ${name}:`,
      `    displayname: '${displayname}'`,
      `    password: '${digests[name]}'`,
      `    email: '${name}@portcullis.localhost'`,
      '    groups:',
      ...groups.map((group) => `      - '${group}'`),
    ]),
    '',
  ].join('\n');

/**
 * The secrets and the people of the demonstration in `dir`: made once, kept after. `makeDigest(password)` makes a password's
 * digest. A person's `password` is undefined where it was changed since.
 */
export async function demoState(dir, makeDigest) {
  const stateFile = path.join(dir, 'state.json');
  const users = path.join(dir, 'users.yml');
  const kept = readText(stateFile);
  const usersText = readText(users);
  if (kept && usersText) {
    const { secrets, people } = JSON.parse(kept);
    const known = people.map(({ name, password, digest }) => ({ name, password: usersText.includes(digest) ? password : undefined }));
    return { secrets, people: known };
  }
  const people = await Promise.all(
    Object.keys(PEOPLE).map(async (name) => {
      const password = newPassword();
      return { name, password, digest: await makeDigest(password) };
    }),
  );
  const secrets = { session: newSecret(), storage: newSecret(), resetPassword: newSecret() };
  writeText(stateFile, JSON.stringify({ secrets, people }, null, 2), 0o600);
  writeText(users, usersFile(Object.fromEntries(people.map(({ name, digest }) => [name, digest]))), 0o600);
  return { secrets, people };
}
