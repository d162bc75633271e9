/** Password policy and the grammar of password digests. */

export type PasswordPolicy =
  | { readonly kind: 'none' }
  | {
      readonly kind: 'standard';
      readonly minLength: number;
      /** 0: none. */
      readonly maxLength: number;
      readonly requireUppercase: boolean;
      readonly requireLowercase: boolean;
      readonly requireNumber: boolean;
      readonly requireSpecial: boolean;
    }
  | { readonly kind: 'zxcvbn'; readonly minScore: number };

/** What a new password lacks; the words of contracts-identity. */
export type PasswordFailure = 'empty' | 'too_short' | 'too_long' | 'no_uppercase' | 'no_lowercase' | 'no_number' | 'no_special' | 'too_weak';

export type PasswordVerdict = { readonly ok: true } | { readonly ok: false; readonly failed: readonly PasswordFailure[] };

/** A new password. Length counts characters (code points); empty and blank ones are refused under every policy. */
export declare function checkPassword(policy: PasswordPolicy, password: string): PasswordVerdict;

/** No password, at sign-in or new, is hashed beyond this many bytes of UTF-8. */
export declare const MAX_PASSWORD_BYTES: number;
/** Not empty, within MAX_PASSWORD_BYTES, without NUL: what is not is refused before hashing, whoever the user is. */
export declare function isHashable(password: string): boolean;

/** A digest this product can check; `text` is without its `{CRYPT}` or `{ARGON2}` wrapper. */
export type Digest = { readonly text: string } & (
  | {
      readonly algorithm: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly memoryKib: number;
      readonly iterations: number;
      readonly parallelism: number;
    }
  | { readonly algorithm: 'bcrypt'; readonly variant: 'standard' | 'sha256'; readonly cost: number }
  | { readonly algorithm: 'pbkdf2'; readonly variant: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512'; readonly iterations: number }
  | { readonly algorithm: 'scrypt'; readonly variant: 'scrypt'; readonly iterations: number; readonly blockSize: number; readonly parallelism: number }
  | { readonly algorithm: 'sha2crypt'; readonly variant: 'sha256' | 'sha512'; readonly iterations: number }
);

/** The digest in `text`, or null: describeDigestProblem says why. */
export declare function parseDigest(text: string): Digest | null;
/** Why `text` is not a digest that can be checked, in a sentence for the operator; never repeats the text. */
export declare function describeDigestProblem(text: string): string;

/** How a new digest is made: `authentication_backend.file.password`. `iterations` of scrypt is `ln`. */
export type DigestOptions =
  | {
      readonly algorithm: 'argon2';
      readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
      readonly iterations: number;
      readonly memoryKib: number;
      readonly parallelism: number;
      readonly keyLength: number;
      readonly saltLength: number;
    }
  | { readonly algorithm: 'bcrypt'; readonly variant: 'standard' | 'sha256'; readonly cost: number }
  | {
      readonly algorithm: 'pbkdf2';
      readonly variant: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
      readonly iterations: number;
      readonly saltLength: number;
    }
  | {
      readonly algorithm: 'scrypt';
      readonly variant: 'scrypt';
      readonly iterations: number;
      readonly blockSize: number;
      readonly parallelism: number;
      readonly keyLength: number;
      readonly saltLength: number;
    }
  | { readonly algorithm: 'sha2crypt'; readonly variant: 'sha256' | 'sha512'; readonly iterations: number; readonly saltLength: number };

export type DigestAlgorithm = DigestOptions['algorithm'];

/** The defaults of each algorithm (reference 6.3). */
export declare const DIGEST_DEFAULTS: { readonly [A in DigestAlgorithm]: Extract<DigestOptions, { readonly algorithm: A }> };
/** What is out of bounds in `options` (reference 6.3), a sentence each; empty: fine. */
export declare function digestOptionProblems(options: DigestOptions): readonly string[];
