import { describe, expect, it } from 'vitest';
import { formatProblems, hasErrors, locateProblems, type Problem, reportProblems } from './problem.js';

const sources = new Map([
  ['session', { file: 'a.yml', line: 3 }],
  ['session.cookies', { file: 'a.yml', line: 5 }],
  ['session.cookies[0]', { file: 'a.yml', line: 6 }],
  ['session.name', { file: 'b.yml', line: 1 }],
]);
const error = (path: string, message = 'wrong'): Problem => ({ severity: 'error', path, message });
const warning = (path: string, message = 'odd'): Problem => ({ severity: 'warning', path, message });

describe('locateProblems', () => {
  it.each([
    ['session.name', 'b.yml', 1],
    ['session.cookies[0].domain', 'a.yml', 6],
    ['session.cookies[1].domain', 'a.yml', 5],
    ['session.secret', 'a.yml', 3],
    ['storage', undefined, undefined],
  ])('gives %s the place of its value or of what is around it', (path, file, line) => {
    const [located] = locateProblems([error(path)], sources);
    expect([located?.file, located?.line]).toEqual([file, line]);
  });

  it('leaves a place that is known already', () => {
    expect(locateProblems([{ ...error('session.name'), file: 'c.yml', line: 9 }], sources)).toEqual([
      { ...error('session.name'), file: 'c.yml', line: 9 },
    ]);
  });
});

describe('reportProblems', () => {
  const messages = (problems: readonly Problem[]) => reportProblems(problems, sources).map(({ message }) => message);

  it('orders by file and line', () => {
    expect(
      messages([
        error('session.cookies[0].x', 'third'),
        error('session', 'first'),
        warning('session.cookies', 'second'),
        error('session.name', 'last'),
      ]),
    ).toEqual(['first', 'second', 'third', 'last']);
  });

  it('leaves out what follows from an error at the same place, or around it where the value was taken out', () => {
    expect(messages([error('session.cookies[0]', 'cause'), warning('session.cookies[0]', 'effect'), error('session.cookies[0]', 'effect')])).toEqual([
      'cause',
    ]);
    expect(messages([error('session.redis', 'cause'), error('session.redis.host', 'effect')])).toEqual(['cause']);
    expect(messages([error('session', 'one'), error('session.name', 'another')])).toEqual(['one', 'another']);
  });

  it('does not miss what was most likely only misspelt', () => {
    const misspelt = { ...error('session.cookies[0].domin', 'unknown'), meant: 'session.cookies[0].domain' };
    expect(messages([misspelt, error('session.cookies[0].domain', 'is required')])).toEqual(['unknown']);
  });

  it('keeps what only begins alike', () => {
    expect(messages([error('session.name'), error('session.names')])).toHaveLength(2);
  });

  it('does not miss keys that a file which could not be read may hold', () => {
    const unread: Problem = { ...error('', 'not YAML'), file: 'a.yml', line: 7 };
    expect(messages([unread, error('storage.local', 'is required'), error('session.name', 'is no name')])).toEqual(['not YAML', 'is no name']);
  });
});

describe('formatProblems', () => {
  const problem: Problem = { severity: 'error', path: 'session.name', message: 'is no name', file: 'b.yml', line: 1, fix: 'write\nsid' };

  it('prints place, message and fix for people', () => {
    expect(formatProblems([problem])).toBe('error: b.yml:1  session.name\n    is no name\n      write\n      sid');
  });

  it('prints a problem that has no place', () => {
    expect(formatProblems([warning('')])).toBe('warning: configuration\n    odd');
  });

  it('prints JSON for scripts', () => {
    expect(JSON.parse(formatProblems([problem], 'json'))).toEqual([problem]);
  });
});

describe('hasErrors', () => {
  it('is not impressed by warnings', () => {
    expect(hasErrors([warning('a')])).toBe(false);
    expect(hasErrors([warning('a'), error('b')])).toBe(true);
  });
});
