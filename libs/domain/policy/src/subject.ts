import type { Subject } from './types.js';

/** Null for a subject that names nobody: no user, no group, no client. */
export function knownSubject(subject: Subject | null): Subject | null {
  if (subject === null || subject.username !== '' || subject.groups.length > 0) return subject;
  return subject.clientId === undefined || subject.clientId === '' ? null : subject;
}

/** Equal without regard to case, as host names and named groups are compared. */
export function isSameFolded(a: string, b: string): boolean {
  return a === b || a.toLowerCase() === b.toLowerCase();
}

export function hasGroupFolded(subject: Subject, group: string): boolean {
  return subject.groups.some((own) => isSameFolded(own, group));
}
