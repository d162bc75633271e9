import type { Subject } from './types.js';

export type SubjectTest = (subject: Subject) => boolean;

/** One entry of `subject`. */
export interface SubjectEntry {
  readonly kind: 'user' | 'group' | 'client';
  readonly name: string;
}

/** Names are compared exactly; blanks around them do not count. */
const kinds = [
  { prefix: 'user:', kind: 'user' },
  { prefix: 'group:', kind: 'group' },
  { prefix: 'oauth2:client:', kind: 'client' },
] as const;

/** @throws Error with a reason for an entry of unknown kind */
export function readSubject(entry: string): SubjectEntry {
  const found = kinds.find(({ prefix }) => entry.startsWith(prefix));
  if (found === undefined) throw new Error(`'${entry}' must start with ${kinds.map(({ prefix }) => `'${prefix}'`).join(', ')}`);
  return { kind: found.kind, name: entry.slice(found.prefix.length).trim() };
}

/** @throws Error with a reason for an entry of unknown kind */
export function compileSubject(entry: string): SubjectTest {
  const { kind, name } = readSubject(entry);
  switch (kind) {
    case 'user':
      return (subject) => subject.username === name;
    case 'group':
      return (subject) => subject.groups.includes(name);
    case 'client':
      return (subject) => subject.clientId === name;
  }
}
