import { MAX_PASSWORD_BYTES, fits } from './limits.js';
import type { ScoreOf } from './score.js';

export interface StandardPolicy {
  readonly kind: 'standard';
  readonly minLength: number;
  /** 0: none. */
  readonly maxLength: number;
  readonly requireUppercase: boolean;
  readonly requireLowercase: boolean;
  readonly requireNumber: boolean;
  readonly requireSpecial: boolean;
}

/** `password_policy`. `scoreOf` is what loadScore gives. */
export type PasswordPolicy =
  { readonly kind: 'none' } | StandardPolicy | { readonly kind: 'zxcvbn'; readonly minScore: number; readonly scoreOf: ScoreOf };

/** What a new password lacks; the words of contracts-identity. */
export type PasswordFailure = 'empty' | 'too_short' | 'too_long' | 'no_uppercase' | 'no_lowercase' | 'no_number' | 'no_special' | 'too_weak';

export type PasswordVerdict = { readonly ok: true } | { readonly ok: false; readonly failed: readonly PasswordFailure[] };

/**
 * A new password; those at sign-in are not checked. Length counts characters (code points), classes are ASCII and whatever is in none
 * of them is special. Under every policy blank ones are refused, and those of more than `maxBytes` of UTF-8 (maxPasswordBytes).
 */
export function checkPassword(policy: PasswordPolicy, password: string, maxBytes = MAX_PASSWORD_BYTES): PasswordVerdict {
  const failed = failures(policy, password, maxBytes);
  return failed.length === 0 ? { ok: true } : { ok: false, failed };
}

function failures(policy: PasswordPolicy, password: string, maxBytes: number): readonly PasswordFailure[] {
  if (!fits(password, maxBytes)) return ['too_long'];
  if (password.trim() === '') return ['empty'];
  switch (policy.kind) {
    case 'none':
      return [];
    case 'standard':
      return standardFailures(policy, password);
    case 'zxcvbn':
      return policy.scoreOf(password) < policy.minScore ? ['too_weak'] : [];
  }
}

function standardFailures(policy: StandardPolicy, password: string): readonly PasswordFailure[] {
  const length = Array.from(password).length;
  const checks: readonly (readonly [PasswordFailure, boolean])[] = [
    ['too_short', length < policy.minLength],
    ['too_long', policy.maxLength > 0 && length > policy.maxLength],
    ['no_uppercase', policy.requireUppercase && !/[A-Z]/.test(password)],
    ['no_lowercase', policy.requireLowercase && !/[a-z]/.test(password)],
    ['no_number', policy.requireNumber && !/[0-9]/.test(password)],
    ['no_special', policy.requireSpecial && !/[^A-Za-z0-9]/.test(password)],
  ];
  return checks.filter(([, fails]) => fails).map(([failure]) => failure);
}
