import { describe, expect, it } from 'vitest';
import { parseUsersDatabase } from './users-database.js';

const search = { email: false, caseInsensitive: false };
const digestProblem = (digest: string): string | null => (digest.startsWith('$good$') ? null : 'it has no hash');
const person = { displayname: 'A Person', password: '$good$1' };

const parse = (users: unknown, options: Partial<typeof search> = {}) => {
  const { users: found, problems } = parseUsersDatabase({ users }, { search: { ...search, ...options }, digestProblem });
  return {
    users: found,
    problems: problems.map(({ severity, path, message }) => `${severity} ${path}: ${message}`),
    fixes: problems.map(({ fix }) => fix),
  };
};

describe('parseUsersDatabase', () => {
  it('reads people by their names', () => {
    const { users, problems } = parse({
      alice: { ...person, email: 'alice@example.com', groups: ['admins', 7], disabled: true, given_name: 'Alice' },
      Bob: { ...person, displayname: 42, groups: null },
    });
    expect(problems).toEqual([]);
    expect([...users.values()]).toEqual([
      { username: 'alice', displayName: 'A Person', digest: '$good$1', email: 'alice@example.com', groups: ['admins', '7'], disabled: true },
      { username: 'Bob', displayName: '42', digest: '$good$1', email: null, groups: [], disabled: false },
    ]);
  });

  it.each([undefined, null, {}, [], 'x'])('refuses %j for users', (users) => {
    expect(parse(users).problems).toEqual(['error users: there are no users: nobody could sign in']);
  });

  it('names the person, the key and the command for a placeholder digest', () => {
    const { problems, fixes } = parse({ admin: { ...person, password: '$argon2id$v=19$m=65540,t=3,p=4$your_hashed_password_here' } });
    expect(problems).toEqual(['error users.admin.password: user admin: the password is no digest that can be checked: it has no hash']);
    expect(fixes[0]).toContain('portcullis crypto hash generate argon2');
  });

  it('explains the address that a web page hid', () => {
    const { problems } = parse({ admin: { ...person, email: ['email protected'] } });
    expect(problems).toEqual([expect.stringContaining('error users.admin.email: user admin: email is a list')]);
    expect(problems[0]).toContain('[email protected]');
  });

  it.each([
    [{ password: undefined }, 'error users.u.password: user u: password is required'],
    [{ password: 1234 }, 'error users.u.password: user u: password must be a digest in quotes'],
    [{ displayname: undefined }, 'error users.u.displayname: user u: displayname is required'],
    [{ displayname: 'a\nb' }, 'error users.u.displayname: user u: displayname holds a control character'],
    [{ email: 5 }, 'error users.u.email: user u: email must be an address'],
    [{ email: 'a@b\r\nBcc: c' }, 'error users.u.email: user u: email must be an address'],
    [{ email: 'nowhere' }, "warning users.u.email: user u: 'nowhere' is no mail address: no code can reach them"],
    [{ groups: 'admins' }, 'error users.u.groups: user u: groups must be a list'],
    [
      { groups: ['a', 'b,admins'] },
      "error users.u.groups[1]: user u: the group 'b,admins' holds a comma, which would make it two groups in Remote-Groups",
    ],
    [{ groups: ['a\nb'] }, 'error users.u.groups[0]: user u: a group holds a control character'],
    [{ groups: [''] }, 'error users.u.groups[0]: user u: a group has no name'],
    [{ groups: [['a']] }, 'error users.u.groups[0]: user u: a group has no name'],
    [{ disabled: 'yes' }, 'error users.u.disabled: user u: disabled is true or false'],
    [{ mail: 'x' }, "warning users.u.mail: user u: 'mail' is no key of a user, and is not used"],
  ])('of %j says what is wrong', (own, problem) => {
    expect(parse({ u: { ...person, ...own } }).problems).toEqual([problem]);
  });

  it('names everybody with a problem in one report', () => {
    expect(parse({ a: { ...person, password: 'x' }, b: 'text', ' c': person, d: person }).problems).toHaveLength(3);
  });

  it('wants lower case where case does not count, and finds twins by it', () => {
    const { problems } = parse({ casey: person, Casey: person }, { caseInsensitive: true });
    expect(problems).toEqual(['error users.Casey: user Casey: with search.case_insensitive names must be in lower case, and casey is there already']);
    expect(parse({ casey: person, Casey: person }).problems).toEqual([]);
  });

  it('wants one person for each address where addresses are names', () => {
    const users = {
      a: { ...person, email: 'X@example.com' },
      b: { ...person, email: 'x@example.com' },
      'y@example.com': person,
      c: { ...person, email: 'y@example.com' },
    };
    expect(parse(users, { email: true }).problems.map((text) => text.split(':')[0])).toEqual(['error users.b.email', 'error users.c.email']);
    expect(parse(users).problems).toEqual([]);
  });

  it('takes no person for their own namesake, and sees through capitals', () => {
    const users = {
      'Own@example.com': { ...person, email: 'own@example.com' },
      'twin@example.com': { ...person, email: 'twin@example.com' },
      'TWIN@example.com': person,
      d: { ...person, email: 'Twin@Example.com' },
    };
    expect(parse(users, { email: true }).problems).toEqual([
      'error users.twin@example.com.email: user twin@example.com: twin@example.com is the name of another user, and search.email makes addresses names',
      'error users.d.email: user d: Twin@Example.com belongs to twin@example.com too, and search.email makes addresses names',
      'error users.d.email: user d: Twin@Example.com is the name of another user, and search.email makes addresses names',
    ]);
  });

  it('finds among hundreds what comparing each with each finds', () => {
    const name = (i: number) => (i % 3 === 0 ? `P${(i * 7) % 150}@${i % 2 === 0 ? 'A' : 'a'}.b` : `user${i}`);
    const everybody = Array.from({ length: 400 }, (_, i): readonly [string, string] => [name(i), `p${(i * 11) % 170}@${i % 5 === 0 ? 'A' : 'a'}.b`]);
    const people = [...new Map(everybody)];
    const same = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
    const expected = people.flatMap(([username, email], index) => {
      const owner = people.slice(0, index).find(([, taken]) => same(taken, email));
      const isNamesake = people.some(([other]) => other !== username && same(other, email));
      return [
        ...(owner === undefined ? [] : [`user ${username}: ${email} belongs to ${owner[0]} too`]),
        ...(isNamesake ? [`user ${username}: ${email} is the name of another user`] : []),
      ];
    });
    const users = Object.fromEntries(people.map(([username, email]) => [username, { ...person, email }]));
    expect(parse(users, { email: true }).problems.map((text) => text.replace(/^.*?: |, and .*$/gu, ''))).toEqual(expected);
    expect(new Set(expected.map((text) => text.replace(/^.*? (?=belongs|is)/u, '').slice(0, 7)))).toEqual(new Set(['belongs', 'is the ']));
  });
});
