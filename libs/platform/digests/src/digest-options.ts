/** Shapes and bounds are those of domain-passwords, whose digestOptionProblems is asked before. */
export type DigestOptions = Argon2Options | BcryptOptions | Pbkdf2Options | ScryptOptions | Sha2CryptOptions;

export interface Argon2Options {
  readonly algorithm: 'argon2';
  readonly variant: 'argon2id' | 'argon2i' | 'argon2d';
  readonly iterations: number;
  readonly memoryKib: number;
  readonly parallelism: number;
  readonly keyLength: number;
  readonly saltLength: number;
}

export interface BcryptOptions {
  readonly algorithm: 'bcrypt';
  readonly variant: 'standard' | 'sha256';
  readonly cost: number;
}

export interface Pbkdf2Options {
  readonly algorithm: 'pbkdf2';
  readonly variant: 'sha1' | 'sha224' | 'sha256' | 'sha384' | 'sha512';
  readonly iterations: number;
  readonly saltLength: number;
}

export interface ScryptOptions {
  readonly algorithm: 'scrypt';
  readonly variant: 'scrypt';
  /** The exponent of the cost: N is 2 to the power of it. */
  readonly iterations: number;
  readonly blockSize: number;
  readonly parallelism: number;
  readonly keyLength: number;
  readonly saltLength: number;
}

export interface Sha2CryptOptions {
  readonly algorithm: 'sha2crypt';
  readonly variant: 'sha256' | 'sha512';
  readonly iterations: number;
  readonly saltLength: number;
}
