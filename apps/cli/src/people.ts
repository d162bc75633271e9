import { accessControlSection, parseUsersDatabase } from '@portcullis/contracts-configuration';
import { compilePolicy, lintPeople, type Person } from '@portcullis/domain-policy';
import { locateProblems, type Problem, readYaml, type Sources } from '@portcullis/platform-config';
import { everySection, readConfiguration } from './config.js';
import { Failure } from './failure.js';

/** Who lives in the users file. */
export interface People {
  readonly file: string;
  readonly people: readonly Person[];
  readonly sources: Sources;
}

/** The people of the users file that the configuration names, or of `file`; digests do not matter here. Null where there is none to read. */
export function readPeople(files: readonly string[], file?: string): People | null {
  const { value } = readConfiguration(files, { authenticationBackend: everySection.authenticationBackend });
  const path = file ?? value?.authenticationBackend.usersFile;
  if (path === undefined || path === null) return null;
  const { tree, problems, sources } = readYaml(path);
  if (problems.some(({ severity }) => severity === 'error')) return null;
  const { users } = parseUsersDatabase(tree, { search: { email: false, caseInsensitive: false }, digestProblem: () => null });
  return { file: path, people: [...users.values()].map(({ username, groups, disabled }) => ({ username, groups, disabled })), sources };
}

/** The same for a command that cannot go on without them. */
export function requirePeople(files: readonly string[], file?: string): People {
  const found = readPeople(files, file);
  if (found !== null) return found;
  throw new Failure(
    `The people cannot be read: ${file === undefined ? 'authentication_backend.file.path names no file that can be (people in the store: `portcullis users export FILE` writes one)' : `${file} is not there, or is no users file`}. Name one with --users FILE.`,
  );
}

/** Those who can sign in. */
export const enabled = ({ people }: People): readonly Person[] => people.filter(({ disabled }) => !disabled);

/** Rules that nobody can meet and people whom no rule lets in, as `validate-config` tells them. */
export function peopleWarnings(files: readonly string[]): readonly Problem[] {
  const { value, sources } = readConfiguration(files, { accessControl: accessControlSection({ compilePolicy }) });
  const found = value === null ? null : readPeople(files);
  if (value === null || found === null) return [];
  return lintPeople(value.accessControl, found.people).flatMap((warning) => {
    const isOfUser = warning.kind === 'lonely';
    const path = isOfUser ? `users.${warning.username}` : `access_control.rules[${warning.ruleIndex}].${warning.place}`;
    return locateProblems([{ severity: 'warning', path, message: warning.text, fix: warning.fix }], isOfUser ? found.sources : sources);
  });
}
