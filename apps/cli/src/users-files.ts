import { parseUsersDatabase, type UserRecord } from '@portcullis/contracts-configuration';
import type { WholeUser } from '@portcullis/contracts-identity';
import { describeDigestProblem, parseDigest } from '@portcullis/domain-passwords';
import { formatProblems, hasErrors, readYaml, reportProblems } from '@portcullis/platform-config';
import { stringify } from 'yaml';
import { Failure } from './failure.js';

/** The people of a users file as Authelia has it, and what of it is not taken. */
export interface ReadUsers {
  readonly users: readonly WholeUser[];
  readonly warnings: string;
}

export function readUsersFile(path: string): ReadUsers {
  const file = readYaml(path);
  const parsed = parseUsersDatabase(file.tree, { search: { email: false, caseInsensitive: false }, digestProblem });
  const isBroken = file.problems.some(({ severity }) => severity === 'error');
  const problems = reportProblems(isBroken ? file.problems : [...file.problems, ...parsed.problems], file.sources);
  const report = formatProblems(problems.map((problem) => ({ ...problem, file: problem.file ?? path })));
  if (hasErrors(problems)) throw new Failure(`Nothing was imported from ${path}:\n${report}`);
  return { users: [...parsed.users.values()].map(asUser), warnings: [report, ...notTaken(path, file.tree)].filter((text) => text !== '').join('\n') };
}

/** A users file that Authelia reads too. */
export const writeUsersFile = (users: readonly WholeUser[]): string =>
  stringify(
    {
      users: Object.fromEntries(
        users.map(({ username, displayName, email, groups, disabled, digest }) => [
          username,
          { disabled, displayname: displayName, password: digest, ...(email !== null && { email }), groups },
        ]),
      ),
    },
    { lineWidth: 0 },
  );

const digestProblem = (digest: string): string | null => (parseDigest(digest) === null ? describeDigestProblem(digest) : null);

// Without a prefix of LDAP's (`{CRYPT}`), which the store does not need.
const asUser = ({ groups, ...user }: UserRecord): WholeUser => ({
  ...user,
  groups: [...groups],
  digest: parseDigest(user.digest)?.text ?? user.digest,
});

const TAKEN = new Set(['disabled', 'displayname', 'password', 'email', 'groups']);

/** Names and telephone numbers that nothing here asks for. */
function notTaken(path: string, tree: Readonly<Record<string, unknown>>): readonly string[] {
  const people = Object.values((tree['users'] ?? {}) as Readonly<Record<string, Readonly<Record<string, unknown>>>>);
  const keys = [...new Set(people.flatMap((person) => Object.keys(person)))].filter((key) => !TAKEN.has(key)).sort();
  return keys.length === 0 ? [] : [`${path}: not taken, for nothing asks for it: ${keys.join(', ')}`];
}
