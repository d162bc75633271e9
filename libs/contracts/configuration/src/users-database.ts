import type { ConfigurationProblem } from './report.js';
import type { ConfigurationTree } from './section.js';

/** One person of the users file (reference 6.1). */
export interface UserRecord {
  readonly username: string;
  readonly displayName: string;
  readonly digest: string;
  readonly email: string | null;
  readonly groups: readonly string[];
  readonly disabled: boolean;
}

export interface UsersOptions {
  /** `authentication_backend.file.search`. */
  readonly search: { readonly email: boolean; readonly caseInsensitive: boolean };
  /** Why a text is no digest that can be checked, or null. */
  readonly digestProblem: (digest: string) => string | null;
}

export interface ParsedUsers {
  /** By canonical name; complete only when no problem is an error. */
  readonly users: ReadonlyMap<string, UserRecord>;
  readonly problems: readonly ConfigurationProblem[];
}

type Section = Readonly<Record<string, unknown>>;
type Say = (path: string, message: string, fix?: string) => void;

const KEYS = new Set(
  (
    'disabled displayname password email groups given_name middle_name family_name nickname gender birthdate website profile picture ' +
    'zoneinfo locale phone_number phone_extension address extra'
  ).split(' '),
);
const MAKE_DIGEST = 'make a digest of the password, or of a new one, and paste it:\nportcullis crypto hash generate argon2';
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const CONTROL = /[\u0000-\u001f\u007f]/u;

/** Reads the users file as a loader of YAML left it, and names what is wrong by person and key. */
export function parseUsersDatabase(tree: ConfigurationTree, options: UsersOptions): ParsedUsers {
  const problems: ConfigurationProblem[] = [];
  const say =
    (severity: ConfigurationProblem['severity']): Say =>
    (path, message, fix) =>
      problems.push({ severity, path, message, ...(fix === undefined ? {} : { fix }) });
  const error = say('error');
  const entries = isSection(tree['users']) ? Object.entries(tree['users']) : [];
  if (entries.length === 0)
    error(
      'users',
      'there are no users: nobody could sign in',
      'write for instance:\nusers:\n  john:\n    displayname: John\n    password: <a digest>',
    );
  const users = new Map<string, UserRecord>();
  for (const [username, value] of entries) {
    if (isSection(value)) users.set(username, readUser(username, value, options, error, say('warning')));
    else error(`users.${username}`, `user ${username} has no displayname and no password`, 'write both below the name');
  }
  if (options.search.caseInsensitive) checkCase(users, error);
  if (options.search.email) checkAddresses(users, error);
  return { users, problems };
}

function readUser(username: string, raw: Section, options: UsersOptions, error: Say, warning: Say): UserRecord {
  const path = `users.${username}`;
  if (username === '' || username.trim() !== username || CONTROL.test(username))
    error(path, `the name '${username}' is empty, begins or ends with a space, or holds a control character`, 'correct the name');
  for (const key of Object.keys(raw))
    if (!KEYS.has(key))
      warning(
        `${path}.${key}`,
        `user ${username}: '${key}' is no key of a user, and is not used`,
        `the keys are displayname, password, email, groups, disabled`,
      );
  return {
    username,
    displayName: readDisplayName(username, raw['displayname'], error),
    digest: readDigest(username, raw['password'], options, error),
    email: readEmail(username, raw['email'], error, warning),
    groups: readGroups(username, raw['groups'], error),
    disabled: readDisabled(username, raw['disabled'], error),
  };
}

function readDisplayName(username: string, value: unknown, error: Say): string {
  const name = typeof value === 'number' ? String(value) : value;
  const path = `users.${username}.displayname`;
  if (typeof name !== 'string' || name.trim() === '')
    error(path, `user ${username}: displayname is required`, `write for instance displayname: ${username}`);
  else if (CONTROL.test(name)) error(path, `user ${username}: displayname holds a control character`, 'write it on one line');
  return typeof name === 'string' ? name : '';
}

function readDigest(username: string, value: unknown, options: UsersOptions, error: Say): string {
  const path = `users.${username}.password`;
  if (typeof value !== 'string' || value === '') {
    error(path, `user ${username}: password ${value === undefined || value === '' ? 'is required' : 'must be a digest in quotes'}`, MAKE_DIGEST);
    return '';
  }
  const problem = options.digestProblem(value);
  if (problem !== null) error(path, `user ${username}: the password is no digest that can be checked: ${problem}`, MAKE_DIGEST);
  return value;
}

function readEmail(username: string, value: unknown, error: Say, warning: Say): string | null {
  const path = `users.${username}.email`;
  if (value === undefined || value === null || value === '') return null;
  if (Array.isArray(value)) {
    const message = `user ${username}: email is a list; web pages that hide addresses show '[email protected]' in their place, which YAML reads as a list`;
    error(path, message, `write the address itself: email: ${username}@example.com`);
    return null;
  }
  if (typeof value !== 'string' || CONTROL.test(value)) {
    error(path, `user ${username}: email must be an address`, `write for instance email: ${username}@example.com`);
    return null;
  }
  if (!/^[^\s@]+@[^\s@]+$/u.test(value))
    warning(path, `user ${username}: '${value}' is no mail address: no code can reach them`, `write for instance email: ${username}@example.com`);
  return value;
}

function readGroups(username: string, value: unknown, error: Say): readonly string[] {
  const path = `users.${username}.groups`;
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) {
    error(path, `user ${username}: groups must be a list`, `write groups: [${typeof value === 'string' ? value : 'name'}]`);
    return [];
  }
  return value.flatMap((entry: unknown, index) => {
    const group = typeof entry === 'number' ? String(entry) : entry;
    if (typeof group !== 'string' || group.trim() === '')
      error(`${path}[${index}]`, `user ${username}: a group has no name`, 'write its name, or remove the entry');
    else if (group.includes(',')) {
      error(
        `${path}[${index}]`,
        `user ${username}: the group '${group}' holds a comma, which would make it two groups in Remote-Groups`,
        'choose a name without a comma',
      );
    } else if (CONTROL.test(group)) error(`${path}[${index}]`, `user ${username}: a group holds a control character`, 'write its name on one line');
    else return [group];
    return [];
  });
}

function readDisabled(username: string, value: unknown, error: Say): boolean {
  if (value === undefined || value === null || typeof value === 'boolean') return value ?? false;
  error(`users.${username}.disabled`, `user ${username}: disabled is true or false`, 'write true or false');
  return true;
}

function checkCase(users: ReadonlyMap<string, UserRecord>, error: Say): void {
  for (const username of users.keys()) {
    const lower = username.toLowerCase();
    if (lower === username) continue;
    const twin = users.has(lower) ? `, and ${lower} is there already` : '';
    error(`users.${username}`, `user ${username}: with search.case_insensitive names must be in lower case${twin}`, `write ${lower}`);
  }
}

/** With addresses as names, each must lead to one person. */
function checkAddresses(users: ReadonlyMap<string, UserRecord>, error: Say): void {
  const owners = new Map<string, string>();
  const names = Map.groupBy(users.keys(), (name) => name.toLowerCase());
  for (const { username, email } of users.values()) {
    if (email === null) continue;
    const address = email.toLowerCase();
    const owner = owners.get(address);
    const path = `users.${username}.email`;
    if (owner !== undefined)
      error(
        path,
        `user ${username}: ${email} belongs to ${owner} too, and search.email makes addresses names`,
        'give each person an address of their own',
      );
    else owners.set(address, username);
    if (names.get(address)?.some((name) => name !== username) === true)
      error(path, `user ${username}: ${email} is the name of another user, and search.email makes addresses names`, 'change one of them');
  }
}

function isSection(value: unknown): value is Section {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
