import { RE2JS, RE2JSException } from 're2js';
import { matchesPrefixPattern, parsePrefixPattern } from './prefix-pattern.js';
import { hasGroupFolded, isSameFolded } from './subject.js';
import type { Subject } from './types.js';

/** Settled by the text alone, or a question about who asks (null = anonymous). */
export type PersonTest = (subject: Subject | null) => boolean;

/** A compiled RE2 pattern, matched anywhere in the text unless the pattern anchors itself. */
export interface Pattern {
  /** It has a named group `User` or `Group`, so the answer depends on who asks. */
  readonly isPersonal: boolean;
  /** Without regard to who asks. */
  readonly test: (text: string) => boolean;
  /** What the named groups ask of the person; null where the text does not match. */
  readonly findPerson: (text: string) => PersonTest | null;
}

/**
 * Compiles Go's RE2 syntax; matching is linear in the text.
 * @throws Error with a reason for what RE2 does not know, such as look-around
 */
export function compilePattern(source: string): Pattern {
  const simple = parsePrefixPattern(source);
  if (simple !== null) {
    const test = (text: string): boolean => matchesPrefixPattern(simple, text);
    return { isPersonal: false, test, findPerson: (text) => (test(text) ? personTest(null, null) : null) };
  }
  const regex = compile(source);
  const names = regex.namedGroups();
  const hasUser = 'User' in names;
  const hasGroup = 'Group' in names;
  return {
    isPersonal: hasUser || hasGroup,
    test: (text) => regex.test(text),
    findPerson: (text) => {
      const matcher = regex.matcher(text);
      if (!matcher.find()) return null;
      return personTest(hasUser ? (matcher.group('User') ?? '') : null, hasGroup ? (matcher.group('Group') ?? '') : null);
    },
  };
}

/** An anonymous visitor might be anybody, so the question is left to the sign-in. */
function personTest(user: string | null, group: string | null): PersonTest {
  return (subject) => {
    if (subject === null) return true;
    return (user === null || isSameFolded(subject.username, user)) && (group === null || hasGroupFolded(subject, group));
  };
}

function compile(source: string): RE2JS {
  try {
    return RE2JS.compile(source);
  } catch (cause) {
    const reason = cause instanceof RE2JSException ? cause.message.replace('error parsing regexp: ', '') : 'not a pattern';
    throw new Error(`'${source}' is not an RE2 pattern: ${reason}`, { cause });
  }
}
