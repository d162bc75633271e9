/** Makes and checks password digests in bounded slots. */

/** Shapes and bounds are those of domain-passwords (`DigestOptions`, `digestOptionProblems`): check them before. */
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

export interface Digests {
  /** Whether `password` is the one behind `digest`. DIGESTS_BUSY: no slot in time. DIGESTS_UNSUPPORTED: no digest this package checks. */
  verify(digest: string, password: string): Promise<boolean>;
  /** A new digest with a random salt. */
  make(options: DigestOptions, password: string): Promise<string>;
  /** Slots at work and calls that wait for one, for gauges. */
  busy(): number;
  waiting(): number;
  /** Ends the worker threads; call once, at shutdown. */
  close(): Promise<void>;
}

export type DigestsErrorCode = 'DIGESTS_BUSY' | 'DIGESTS_UNSUPPORTED';

export declare class DigestsError extends Error {
  readonly code: DigestsErrorCode;
}

/** `slots` (default: cores - 1, at least one) hashes at a time; at most `maxWaiting` (64) more wait at most `maxWaitMs` (3000). */
export declare function createDigests(options?: { readonly slots?: number; readonly maxWaiting?: number; readonly maxWaitMs?: number }): Digests;
/** A digest no password opens, which costs to check what one made with `options` costs. */
export declare function decoyDigest(options: DigestOptions): string;
/** The same for an existing digest: its parameters, another salt and hash. */
export declare function decoyLike(digest: string): string;
