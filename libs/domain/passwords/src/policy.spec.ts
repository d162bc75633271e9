import { describe, expect, it } from 'vitest';
import { checkPassword, type PasswordFailure, type PasswordPolicy, type StandardPolicy } from './policy.js';

const STANDARD: StandardPolicy = {
  kind: 'standard',
  minLength: 8,
  maxLength: 0,
  requireUppercase: false,
  requireLowercase: false,
  requireNumber: false,
  requireSpecial: false,
};
const ALL: StandardPolicy = { ...STANDARD, maxLength: 12, requireUppercase: true, requireLowercase: true, requireNumber: true, requireSpecial: true };
// A score of one a character: the rule around the estimator, not the estimator.
const ZXCVBN: PasswordPolicy = { kind: 'zxcvbn', minScore: 3, scoreOf: (password) => password.length };

const failedOf = (policy: PasswordPolicy, password: string, maxBytes?: number): readonly PasswordFailure[] => {
  const verdict = checkPassword(policy, password, maxBytes);
  return verdict.ok ? [] : verdict.failed;
};

describe('under every policy', () => {
  it.each<[string, PasswordPolicy]>([
    ['none', { kind: 'none' }],
    ['standard', STANDARD],
    ['zxcvbn', ZXCVBN],
  ])('%s refuses empty, blank and huge passwords', (_, policy) => {
    for (const blank of ['', ' ', '        ', '\t\n\r\n     ', '\u00a0\u3000\u2003     '])
      expect(failedOf(policy, blank), JSON.stringify(blank)).toEqual(['empty']);
    expect(failedOf(policy, 'aA1!'.repeat(1024))).toEqual([]);
    expect(failedOf(policy, `${'aA1!'.repeat(1024)}x`)).toEqual(['too_long']);
    expect(failedOf(policy, '日'.repeat(1366))).toEqual(['too_long']);
    expect(failedOf(policy, 'x'.repeat(1_000_000))).toEqual(['too_long']);
  });

  it('refuses what the digest would cut off', () => {
    expect(failedOf({ kind: 'none' }, 'é'.repeat(36), 72)).toEqual([]);
    expect(failedOf({ kind: 'none' }, `${'é'.repeat(36)}x`, 72)).toEqual(['too_long']);
  });
});

it('takes any other password where there is no policy', () => {
  expect(failedOf({ kind: 'none' }, 'x')).toEqual([]);
});

describe('the standard policy', () => {
  it.each<[says: string, StandardPolicy, string, readonly PasswordFailure[]]>([
    ['takes the shortest length', STANDARD, '12345678', []],
    ['refuses one less', STANDARD, '1234567', ['too_short']],
    ['counts characters, not bytes', STANDARD, 'äöüäöüä', ['too_short']],
    ['counts an emoji as one', STANDARD, '🙂🙂🙂🙂', ['too_short']],
    ['takes eight emoji', STANDARD, '🙂'.repeat(8), []],
    ['takes a password with blanks in it', STANDARD, '  a   b ', []],
    ['takes the longest length', ALL, 'Aa1!Aa1!Aa1!', []],
    ['refuses one more', ALL, 'Aa1!Aa1!Aa1!x', ['too_long']],
    ['takes the longest length of wide characters', ALL, 'Aa1éééééééé🙂', []],
    ['misses an upper-case letter', ALL, 'aa1!aa1!', ['no_uppercase']],
    ['misses a lower-case letter', ALL, 'AA1!AA1!', ['no_lowercase']],
    ['misses a number', ALL, 'Aaa!Aaa!', ['no_number']],
    ['misses a special character', ALL, 'Aa11Aa11', ['no_special']],
    ['takes a blank as special', ALL, 'Aa1 Aa1A', []],
    ['takes a letter beyond ASCII as special and as nothing else', ALL, 'ÄÖÜäöüßé', ['no_uppercase', 'no_lowercase', 'no_number']],
    ['says all that is missing, in the order of the policy', ALL, 'a', ['too_short', 'no_uppercase', 'no_number', 'no_special']],
  ])('%s', (_, policy, password, failed) => {
    expect(failedOf(policy, password)).toEqual(failed);
  });
});

describe('the zxcvbn policy', () => {
  it('refuses a score below the least and takes the least', () => {
    expect(failedOf(ZXCVBN, 'ab')).toEqual(['too_weak']);
    expect(failedOf(ZXCVBN, 'abc')).toEqual([]);
  });
});
