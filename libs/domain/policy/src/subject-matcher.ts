import type { Subject } from './types.js';

export type SubjectTest = (subject: Subject) => boolean;

/** Names are compared exactly; blanks around them do not count. */
const kinds: readonly { readonly prefix: string; readonly compile: (name: string) => SubjectTest }[] = [
  { prefix: 'user:', compile: (name) => (subject) => subject.username === name },
  { prefix: 'group:', compile: (name) => (subject) => subject.groups.includes(name) },
  { prefix: 'oauth2:client:', compile: (name) => (subject) => subject.clientId === name },
];

/** @throws Error with a reason for an entry of unknown kind */
export function compileSubject(entry: string): SubjectTest {
  const kind = kinds.find(({ prefix }) => entry.startsWith(prefix));
  if (kind === undefined) throw new Error(`'${entry}' must start with ${kinds.map(({ prefix }) => `'${prefix}'`).join(', ')}`);
  return kind.compile(entry.slice(kind.prefix.length).trim());
}
