import { parseUsersDatabase } from '@portcullis/contracts-configuration';
import { parseDigest } from '@portcullis/domain-passwords';
import { formatProblems, hasErrors, readYaml, reportProblems } from '@portcullis/platform-config';
import type { Logger } from '@portcullis/platform-telemetry';
import { createDirectory, type SearchOptions } from './user-directory.js';
import { digestProblem } from './user-edits.js';
import { UsersFile, type UsersReading } from './users-file.js';

/** Opens `authentication_backend.file.path`, or throws a UsersFileError with the report; what happens to it later goes to the log. */
export function openUsersFile(path: string, search: SearchOptions, log: Pick<Logger, 'error' | 'warn'>): UsersFile {
  const onWarnings = (report: string): void => {
    log.warn(`The users file has warnings\n${report}`);
  };
  const onInvalid = (report: string): void => {
    log.error(`The users file was changed and cannot be used: the users stay as they were\n${report}`);
  };
  return new UsersFile({ path, search, read: (file) => readUsers(file, search, onWarnings), onInvalid });
}

/** Reads a users file; one error anywhere refuses all of it, with every problem in one report. Warnings are told by `onWarnings`. */
export function readUsers(path: string, search: SearchOptions, onWarnings: (report: string) => void): UsersReading {
  const file = readYaml(path);
  const parsed = parseUsersDatabase(file.tree, { search, digestProblem });
  const located = file.problems.some(({ severity }) => severity === 'error') ? file.problems : [...file.problems, ...parsed.problems];
  const problems = reportProblems(located, file.sources).map((problem) => ({ ...problem, file: problem.file ?? path }));
  const report = formatProblems(problems);
  if (hasErrors(problems)) return { ok: false, report };
  if (problems.length > 0) onWarnings(report);
  const users = [...parsed.users.values()].map((user) => ({ ...user, digest: parseDigest(user.digest)?.text ?? user.digest }));
  return { ok: true, directory: createDirectory(users, search) };
}
